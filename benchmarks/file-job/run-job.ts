import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** What a file job reported of itself, and its memory on the way. */
export interface JobRun {
  readonly rows: number;
  readonly seconds: number;
  /** Resident bytes when 10, 50 and 100 % of the rows were done; empty where the system does not tell. */
  readonly resident: readonly number[];
}

const SHARES = [0.1, 0.5, 1];

/** Runs a command line that embeds `rows` rows with --json, and watches its memory. */
export async function runJob(args: readonly string[], rows: number): Promise<JobRun> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const resident: number[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    const event = JSON.parse(line) as { readonly phase?: string; readonly done?: number };
    if (event.phase !== 'embed' || event.done === undefined || child.pid === undefined) return;
    while (resident.length < SHARES.length && event.done >= (SHARES[resident.length] ?? 1) * rows * 0.999) {
      resident.push(residentBytes(child.pid) ?? Number.NaN);
    }
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`isovec ${args.slice(1).join(' ')} ended with status ${code}`);
  const report = JSON.parse(output) as Pick<JobRun, 'rows' | 'seconds'>;
  return { rows: report.rows, seconds: report.seconds, resident: resident.filter((bytes) => !Number.isNaN(bytes)) };
}

function residentBytes(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
