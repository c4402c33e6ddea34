import { type ChildProcessWithoutNullStreams } from 'node:child_process';
import { readdirSync, readFileSync, watch } from 'node:fs';
import path from 'node:path';

import { finished, type RunResult, start } from '../cli/command-line.js';

/**
 * When a process is killed: after a time; as soon as a file with this ending is made or replaced; as soon as one was
 * written to so many times, which for the result means before the journal knows; or as soon as the journal has so many
 * lines (the first says what the job is, each further one that a segment is durable).
 */
export type KillMoment =
  | { readonly milliseconds: number }
  | { readonly appears: string }
  | { readonly grows: string; readonly times: number }
  | { readonly journalLines: number };

/** No kill. */
export const NEVER: KillMoment = { journalLines: Infinity };

/** Where a job runs. */
export interface JobPlace {
  /** The folder of the result, which nothing else writes to. */
  readonly folder: string;
  readonly cache: string;
}

/** Runs the command line and kills it, without a warning, at a moment that may come too late. */
export async function runKilled(args: readonly string[], place: JobPlace, moment: KillMoment): Promise<RunResult> {
  const child = start(args, { environment: { ISOVEC_HOME: place.cache }, cwd: place.folder });
  const disarm = arm(child, place.folder, moment);
  child.stdin.end();
  try {
    return await finished(child);
  } finally {
    disarm();
  }
}

function arm(child: ChildProcessWithoutNullStreams, folder: string, moment: KillMoment): () => void {
  if ('milliseconds' in moment) {
    const timer = setTimeout(() => child.kill('SIGKILL'), moment.milliseconds);
    return () => {
      clearTimeout(timer);
    };
  }
  let written = 0;
  const isReached = (event: string, name: string): boolean => {
    if ('appears' in moment) return event === 'rename' && name.endsWith(moment.appears);
    if ('grows' in moment) return event === 'change' && name.endsWith(moment.grows) && ++written >= moment.times;
    return name.endsWith('.job') && journalLines(folder) >= moment.journalLines;
  };
  const watcher = watch(folder, (event, name) => {
    if (name !== null && isReached(event, name)) child.kill('SIGKILL');
  });
  return () => {
    watcher.close();
  };
}

/** Whole lines in the journal of a folder's job; 0 if there is none. */
export function journalLines(folder: string): number {
  const journal = readdirSync(folder).find((name) => name.endsWith('.job'));
  if (journal === undefined) return 0;
  try {
    return readFileSync(path.join(folder, journal), 'utf8').split('\n').length - 1;
  } catch {
    // The job has ended meanwhile.
    return 0;
  }
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A moment of a job that takes about `milliseconds` and writes `out`. Two fifths of the moments fall anywhere in that
 * time; the others follow at once on a step of the job, from the lock to the result that gets its name.
 */
export function drawMoment(random: () => number, milliseconds: number, out: string): KillMoment {
  if (random() < 0.4) return { milliseconds: random() * 1.1 * milliseconds };
  if (random() < 0.3) return { journalLines: 1 + Math.floor(random() * 5) };
  if (random() < 0.5) return { grows: '.part', times: 1 + Math.floor(random() * 6) };
  const endings = ['.lock', '.job', '.part', '.meta.json', '.refused.jsonl', out, out];
  return { appears: endings[Math.floor(random() * endings.length)] ?? out };
}
