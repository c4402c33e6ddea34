import { spawn } from 'node:child_process';
import process from 'node:process';
import { IsovecError, type SerializedError } from '../../shared/isovec-error.js';
import { timingTable, type TimingStep } from '../timing.js';

/** Where the time of a new process goes until it has printed the vector of one text. */
export interface ColdStart {
  readonly model: string;
  /** Processes that were measured. */
  readonly runs: number;
  /** Milliseconds until the first byte of output, seen from outside: from before the process is made. */
  readonly firstByte: { readonly median: number; readonly fastest: number; readonly slowest: number };
  /** The medians of what the processes tell themselves, in milliseconds from their start. */
  readonly steps: readonly TimingStep[];
}

/** What {@link measureColdStart} starts. */
export interface ColdStartPlan {
  readonly model: string;
  /** Folder of the cache. */
  readonly cache: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

interface Run {
  readonly firstByte: number;
  readonly steps: readonly TimingStep[];
}

/** Enough for a median that one slow process does not move, and over in a few seconds. */
const RUNS = 11;

/**
 * Starts this command line anew, one process after another, each embedding one text of a model that is on this machine.
 * The first prepares what has to be prepared and does not count. Rejects with the process's own error, as
 * MODEL_NOT_FOUND, INTERNAL if it ends without one, or an AbortError.
 */
export async function measureColdStart(plan: ColdStartPlan): Promise<ColdStart> {
  await startOnce(plan);
  const runs: Run[] = [];
  while (runs.length < RUNS) runs.push(await startOnce(plan));
  const first = runs.map(({ firstByte }) => firstByte);
  return {
    model: plan.model,
    runs: runs.length,
    firstByte: { median: median(first), fastest: Math.min(...first), slowest: Math.max(...first) },
    steps: medianSteps(runs.map(({ steps }) => steps)),
  };
}

/** A cold start as a table for people. */
export function coldStartTable({ model, runs, firstByte, steps }: ColdStart): string {
  const figure = (milliseconds: number): string => `${milliseconds.toFixed(0)} ms`;
  const { median: middle, fastest, slowest } = firstByte;
  return [
    `${model}: a new process prints its first vector after`,
    `${figure(middle)} (median of ${runs}; ${figure(fastest)} to ${figure(slowest)}), seen from outside.`,
    '',
    timingTable(steps),
    '',
    'Medians of each line. Engine, tokenizer and session work side by side.',
  ].join('\n');
}

function startOnce({ model, cache, environment, signal }: ColdStartPlan): Promise<Run> {
  const [, program = ''] = process.argv;
  const flags = ['--no-config', '--offline', '--json', '--quiet', '--timing', '--cache', cache, '--model', model];
  // Variables that stand for flags are for the run that asks, not for what it measures.
  const kept = Object.entries(environment).filter(([name]) => !name.startsWith('ISOVEC_'));
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, [program, 'embed', ...flags, 'a text'], {
      env: Object.fromEntries(kept),
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    let firstByte = 0;
    let told = '';
    child.stdout.once('data', () => (firstByte = performance.now() - started)).resume();
    child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
    child.once('error', reject);
    child.once('close', (code) => {
      const last = lastEvent(told);
      if (code === 0 && last?.steps !== undefined) resolve({ firstByte, steps: last.steps });
      else if (last?.error !== undefined) reject(IsovecError.fromJSON(last.error));
      else reject(new IsovecError('INTERNAL', `A process that was to be timed ended with status ${String(code)}.`));
    });
  });
}

/** The last line that a process told as JSON: its times, or its error. */
function lastEvent(told: string): { steps?: readonly TimingStep[]; error?: SerializedError } | undefined {
  const line = told.trimEnd().split('\n').at(-1) ?? '';
  return line.startsWith('{') ? (JSON.parse(line) as { steps?: readonly TimingStep[] }) : undefined;
}

/** Every figure's own median over runs of the same steps. */
function medianSteps(runs: readonly (readonly TimingStep[])[]): TimingStep[] {
  const [first = []] = runs;
  return first.map(({ name, parts }, at) => {
    const over = (value: (step: TimingStep) => number): number =>
      median(runs.flatMap((steps) => steps.slice(at, at + 1)).map(value));
    return {
      name,
      milliseconds: over((step) => step.milliseconds),
      at: over((step) => step.at),
      parts: Object.fromEntries(Object.keys(parts).map((part) => [part, over((step) => step.parts[part] ?? 0)])),
    };
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
