import { type ChildProcess, spawn } from 'node:child_process';

/** What a process took, in milliseconds. */
export interface ProcessMeasurement {
  /** From its start to the first byte of its output. */
  readonly first: number;
  /** From its start to its end. */
  readonly end: number;
  /** Processor time of all its threads. */
  readonly processor: number;
  readonly output: string;
}

const REPORT_USAGE = new URL('report-usage.mjs', import.meta.url).href;

/**
 * Runs Node with some arguments and measures it from outside. An exit status other than 0 is an error. Certificates that the
 * machine adds to Node's own are left out: Node reads them at every start, which can take longer than the rest of it.
 */
export async function measureProcess(args: readonly string[]): Promise<ProcessMeasurement> {
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', REPORT_USAGE, ...args], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let first = 0;
  child.stdout?.once('data', () => {
    first = performance.now() - started;
  });
  const texts = Promise.all([1, 2, 3].map((at) => textOf(child, at)));
  const status = await new Promise<unknown>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  const end = performance.now() - started;
  const [output = '', errors = '', processor = ''] = await texts;
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${String(status)}: ${errors}`);
  return { first, end, processor: Number(processor), output };
}

async function textOf(child: ChildProcess, at: number): Promise<string> {
  const stream = child.stdio[at];
  if (stream === null || stream === undefined || !('read' in stream)) return '';
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
