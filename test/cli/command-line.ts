import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** The built command line. */
export const MAIN: string = path.join(ROOT, 'dist/cli/main.js');

/** A tiny checkpoint with vectors that Python gave. */
export interface TinyModel {
  readonly folder: string;
  readonly texts: readonly string[];
  readonly vectors: readonly (readonly number[])[];
  readonly cases: readonly { readonly call: string; readonly vectors: readonly (readonly number[])[] }[];
}

/** Reads one of the tiny checkpoints. */
export function tinyModel(name: string): TinyModel {
  const folder = path.join(ROOT, 'test/fixtures/tiny', name);
  const expected = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as Omit<TinyModel, 'folder'>;
  return { ...expected, folder };
}

/** A temporary folder that is removed when the scope ends. */
export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'isovec-cli-'));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** What a run of the command line gave. */
export interface RunResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  /** `stdout` as text. */
  readonly text: string;
  readonly stderr: string;
}

/** How {@link run} is called. */
export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Arguments for Node itself. */
  readonly node?: readonly string[];
}

/** Starts the command line, offline unless the environment says otherwise; the caller waits for its end. */
export function start(args: readonly string[], options: RunOptions = {}): ChildProcessWithoutNullStreams {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(ISOVEC|HF|NO_COLOR|FORCE_COLOR|COLUMNS|NODE_OPTIONS)/.test(name),
  );
  return spawn(process.execPath, [...(options.node ?? []), MAIN, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...Object.fromEntries(kept), ISOVEC_OFFLINE: '1', ISOVEC_GRPC_PORT: '0', ...options.environment },
  });
}

/** What a started command line gives until it ends. */
export function finished(child: ChildProcessWithoutNullStreams): Promise<RunResult> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const bytes = Buffer.concat(stdout);
      resolve({ code, signal, stdout: bytes, text: bytes.toString(), stderr: Buffer.concat(stderr).toString() });
    });
  });
}

/** Runs the command line to its end. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const child = start(args, options);
  // A child that ends early does not read its input; that is its right.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  return finished(child);
}

/** The JSON documents of an output, one a line. */
export function jsonLines(text: string): Record<string, unknown>[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('the output does not end with a newline');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Largest absolute difference of two vectors of one length. */
export function largestDifference(actual: unknown, expected: readonly number[] | undefined): number {
  if (!Array.isArray(actual) || expected === undefined || actual.length !== expected.length) return Infinity;
  return Math.max(...expected.map((value, index) => Math.abs(value - Number(actual[index]))));
}
