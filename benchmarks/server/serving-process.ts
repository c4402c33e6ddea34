import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const ROOT = path.resolve(import.meta.dirname, '../..');
const readyLine = z.object({ event: z.literal('ready'), url: z.url(), grpc: z.string().optional() });
/** Of Linux's process accounting (`getconf CLK_TCK`), on every platform that has /proc. */
const TICKS_PER_MILLISECOND = 0.1;

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** How {@link serveModel} starts the command. */
export interface ServingOptions {
  /** Flags of `isovec serve`. */
  readonly flags?: readonly string[];
  /** Arguments for Node itself. */
  readonly node?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** `isovec serve` in a process of its own, on a free port. */
export class ServingProcess {
  readonly url: string;
  /** Where it listens for gRPC, as `host:port`; '' where it is not served. */
  readonly grpcAddress: string;
  readonly child: ChildProcess;
  readonly end: Promise<ProcessEnd>;

  constructor({ url, grpc = '' }: z.infer<typeof readyLine>, child: ChildProcess, end: Promise<ProcessEnd>) {
    this.url = url;
    this.grpcAddress = grpc;
    this.child = child;
    this.end = end;
  }

  /** Processor time of all its threads, in milliseconds; NaN where the system does not say. */
  cpuMilliseconds(): number {
    const fields = this.#proc('stat').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_MILLISECOND;
  }

  /** Resident memory in MiB; NaN where the system does not say. */
  residentMebibytes(): number {
    return Number(/VmRSS:\s+(\d+) kB/.exec(this.#proc('status'))?.[1]) / 1024;
  }

  /** Asks the process to end, and waits until it has. */
  async stop(): Promise<ProcessEnd> {
    this.child.kill('SIGTERM');
    return this.end;
  }

  #proc(file: string): string {
    try {
      return readFileSync(`/proc/${this.child.pid}/${file}`, 'utf8');
    } catch {
      return '';
    }
  }
}

/** Starts the built command line; resolves when it is ready. */
export async function serveModel(model: string, options: ServingOptions = {}): Promise<ServingProcess> {
  const main = path.join(ROOT, 'dist/cli/main.js');
  const child = spawn(
    process.execPath,
    [...(options.node ?? []), main, 'serve', model, '--port', '0', '--json', ...(options.flags ?? [])],
    { env: { ...process.env, ISOVEC_OFFLINE: '1', ...options.environment }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const end = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    stderr,
  }));
  const ready = once(createInterface({ input: child.stdout }), 'line').then(([line]) => String(line));
  const first = await Promise.race([ready, end]);
  if (typeof first !== 'string') throw new Error(`isovec serve ended before it was ready: ${first.stderr}`);
  return new ServingProcess(readyLine.parse(JSON.parse(first)), child, end);
}
