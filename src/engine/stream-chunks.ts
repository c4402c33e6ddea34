import { abortError } from '../shared/abort.js';
import { ChunkReader } from './chunk-reader.js';

/** How much of a stream is worked on at a time. */
export interface StreamPlan {
  /** Most items per chunk. */
  readonly chunk: number;
  /** Chunks that are worked on beside the one the caller waits for, so that every worker stays busy. */
  readonly ahead: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Works on a stream in chunks and yields their results in order. The source is asked for its next item only when there
 * is room; one that is silent for a moment is not waited for before what it gave is worked on and given. A failing
 * source or chunk ends the stream with its error, after what came before it; when the caller stops early, the source
 * is told so, and the signal that `work` gets fires. An aborted signal ends the stream even while the source keeps it
 * waiting.
 */
export async function* streamChunks<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  plan: StreamPlan,
  work: (chunk: readonly T[], signal: AbortSignal) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const { signal } = plan;
  const stop = new AbortController();
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const source = new ChunkReader(items, plan.chunk);
  const running: Promise<R>[] = [];
  let reading: Promise<SourceAnswer<T>> | undefined;
  let last: SourceAnswer<T> | undefined;
  try {
    for (;;) {
      const room = running.length <= plan.ahead;
      if (reading === undefined && last === undefined && room) reading = answerOf(source);
      const [oldest] = running;
      if (reading === undefined && oldest === undefined) break;
      // Results go on as soon as they are there: the source may be silent for hours.
      const answer = await unlessAborted(
        Promise.race([reading, oldest?.then(nothing, nothing)].filter(isPresent)),
        either,
      );
      if (answer === undefined) {
        const finished = running.shift();
        if (finished !== undefined) yield await finished;
        continue;
      }
      reading = undefined;
      if (answer.chunk === undefined) {
        last = answer;
        continue;
      }
      const working = work(answer.chunk, either);
      // The error is thrown where the result is taken; until then it must not count as unhandled.
      working.catch(nothing);
      running.push(working);
    }
    if (last?.failure !== undefined) throw last.failure.error;
  } finally {
    stop.abort();
    const told = source.return();
    if (signal?.aborted === true) told.catch(nothing);
    else await told;
  }
}

/** What a source gave: items, nothing more, or an error, which counts after the items before it. */
interface SourceAnswer<T> {
  readonly chunk: readonly T[] | undefined;
  readonly failure?: { readonly error: unknown };
}

function answerOf<T>(source: ChunkReader<T>): Promise<SourceAnswer<T>> {
  return source.next().then(
    (chunk) => ({ chunk }),
    (error: unknown) => ({ chunk: undefined, failure: { error } }),
  );
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined;
}

function nothing(): undefined {
  return undefined;
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      reject(abortError(signal));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
    work.catch(nothing);
  }
}
