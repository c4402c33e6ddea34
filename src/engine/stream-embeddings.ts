import { atTextIndex } from '../runtime/text-index.js';
import { abortError } from '../shared/abort.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { EmbeddingBatch, Precision } from '../vector/index.js';
import type { EncodeOptions } from './encode-options.js';
import { notifyProgress } from './notify-progress.js';

/** How much of a stream is worked on at a time. */
export interface StreamPlan {
  /** What progress is reported of. */
  readonly subject: string;
  /** Chunks that are embedded beside the one the caller waits for, so that every worker stays busy. */
  readonly ahead: number;
  /** Texts per chunk. */
  readonly chunk: number;
}

/**
 * Embeds a stream in chunks and yields them in order. The source is asked for its next text only when there is room. A
 * failing source or chunk ends the stream with its error; when the caller stops early, the source is told so and work
 * that has not begun is dropped. An aborted signal ends the stream even while the source keeps it waiting.
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
  const source = chunks(texts, plan.chunk);
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
  try {
    for (;;) {
      const next = await unlessAborted(source.next(), either);
      if (next.done === true) break;
      const encoding = embed(next.value, read);
      read += next.value.length;
      // The error is thrown where the batch is taken; until then it must not count as unhandled.
      encoding.catch(() => undefined);
      running.push(encoding);
      const oldest = running.length > plan.ahead ? running.shift() : undefined;
      if (oldest !== undefined) yield await taken(oldest);
    }
    for (let oldest = running.shift(); oldest !== undefined; oldest = running.shift()) yield await taken(oldest);
  } finally {
    stop.abort();
    // A source that is still being waited for ends when its turn comes; nobody waits for that.
    const ended = source.return();
    if (signal?.aborted === true) ended.catch(() => undefined);
    else await ended;
  }
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

async function* chunks(
  texts: AsyncIterable<string> | Iterable<string>,
  size: number,
): AsyncGenerator<string[], void, undefined> {
  checkSource(texts);
  let chunk: string[] = [];
  for await (const text of texts) {
    chunk.push(text);
    if (chunk.length === size) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

/** A string is an iterable of its characters, which is never what was meant. */
function checkSource(texts: unknown): void {
  if (typeof texts === 'object' && texts !== null && (Symbol.asyncIterator in texts || Symbol.iterator in texts))
    return;
  throw new IsovecError('INPUT_INVALID', 'A stream of texts must be an iterable or async iterable of strings.');
}
