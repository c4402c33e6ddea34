import type { EmbeddingBatch, Precision } from '../vector/index.js';
import type { EncodeOptions } from './encode-options.js';

/** Texts per yielded batch: enough to find texts of equal length, few enough to keep memory flat. */
const CHUNK_TEXTS = 256;

/**
 * Embeds a stream in chunks, a few of them at once so that every worker stays busy, and yields them in order. The
 * source is asked for its next text only when there is room. A failing source or chunk ends the stream with its error;
 * when the caller stops early, the source is told so and work that has not begun is dropped.
 */
export async function* streamEmbeddings<P extends Precision>(
  texts: AsyncIterable<string> | Iterable<string>,
  options: EncodeOptions<P>,
  threads: number,
  encode: (texts: readonly string[], options: EncodeOptions<P>) => Promise<EmbeddingBatch<P>>,
): AsyncGenerator<EmbeddingBatch<P>, void, undefined> {
  const { onProgress, signal, ...rest } = options;
  const stop = new AbortController();
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const running: Promise<EmbeddingBatch<P>>[] = [];
  let done = 0;
  const next = async (): Promise<EmbeddingBatch<P> | undefined> => {
    const batch = await running.shift();
    if (batch !== undefined) {
      done += batch.count;
      onProgress?.({ phase: 'embed', subject: 'stream', done, unit: 'texts' });
    }
    return batch;
  };
  try {
    for await (const chunk of chunks(texts)) {
      const encoding = encode(chunk, { ...(rest as EncodeOptions<P>), signal: either });
      // The error is thrown where the batch is taken; until then it must not count as unhandled.
      encoding.catch(() => undefined);
      running.push(encoding);
      if (running.length > threads) {
        const batch = await next();
        if (batch !== undefined) yield batch;
      }
    }
    for (let batch = await next(); batch !== undefined; batch = await next()) yield batch;
  } finally {
    stop.abort();
  }
}

async function* chunks(texts: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string[]> {
  let chunk: string[] = [];
  for await (const text of texts) {
    chunk.push(text);
    if (chunk.length === CHUNK_TEXTS) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}
