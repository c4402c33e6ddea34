import { atTextIndex } from '../runtime/text-index.js';
import { abortError } from '../shared/abort.js';
import type { EmbeddingBatch, Precision } from '../vector/index.js';
import { ChunkReader } from './chunk-reader.js';
import type { EncodeOptions } from './encode-options.js';
import { notifyProgress } from './notify-progress.js';

/** How much of a stream is worked on at a time. */
export interface StreamPlan {
  /** What progress is reported of. */
  readonly subject: string;
  /** Chunks that are embedded beside the one the caller waits for, so that every worker stays busy. */
  readonly ahead: number;
  /** Most texts per chunk. */
  readonly chunk: number;
}

/**
 * Embeds a stream in chunks and yields them in order. The source is asked for its next text only when there is room; one
 * that is silent for a moment is not waited for before what it gave is embedded and given. A failing source or chunk
 * ends the stream with its error, after what came before it; when the caller stops early, the source is told so and
 * work that has not begun is dropped. An aborted signal ends the stream even while the source keeps it waiting.
 */
export async function* streamEmbeddings<P extends Precision>(
  texts: AsyncIterable<string> | Iterable<string>,
  options: EncodeOptions<P>,
  plan: StreamPlan,
  encode: (texts: readonly string[], options: EncodeOptions<P>) => Promise<EmbeddingBatch<P>>,
): AsyncGenerator<EmbeddingBatch<P>, void, undefined> {
  const { onProgress, signal, ...rest } = options;
  const stop = new AbortController();
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const source = new ChunkReader(texts, plan.chunk);
  const running: Promise<EmbeddingBatch<P>>[] = [];
  let read = 0;
  let done = 0;
  const embed = async (chunk: readonly string[], first: number): Promise<EmbeddingBatch<P>> => {
    try {
      return await encode(chunk, { ...(rest as EncodeOptions<P>), signal: either });
    } catch (error) {
      throw atTextIndex(error, (index) => first + index);
    }
  };
  const taken = async (oldest: Promise<EmbeddingBatch<P>>): Promise<EmbeddingBatch<P>> => {
    const batch = await oldest;
    done += batch.count;
    notifyProgress(onProgress, { phase: 'embed', subject: plan.subject, done, unit: 'texts' });
    return batch;
  };
  let reading: Promise<SourceAnswer> | undefined;
  let last: SourceAnswer | undefined;
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
        if (finished !== undefined) yield await taken(finished);
        continue;
      }
      reading = undefined;
      if (answer.chunk === undefined) {
        last = answer;
        continue;
      }
      const encoding = embed(answer.chunk, read);
      read += answer.chunk.length;
      // The error is thrown where the batch is taken; until then it must not count as unhandled.
      encoding.catch(nothing);
      running.push(encoding);
    }
    if (last?.failure !== undefined) throw last.failure.error;
  } finally {
    stop.abort();
    const told = source.return();
    if (signal?.aborted === true) told.catch(nothing);
    else await told;
  }
}

/** What a source gave: texts, nothing more, or an error, which counts after the texts before it. */
interface SourceAnswer {
  readonly chunk: readonly string[] | undefined;
  readonly failure?: { readonly error: unknown };
}

function answerOf(source: ChunkReader): Promise<SourceAnswer> {
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
    work.catch(() => undefined);
  }
}
