import { atTextIndex } from '../runtime/text-index.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { EmbeddingBatch, Precision } from '../vector/index.js';
import type { EncodeOptions } from './encode-options.js';
import { notifyProgress } from './notify-progress.js';
import { streamChunks, type StreamPlan } from './stream-chunks.js';

/**
 * Embeds a stream in chunks and yields them in order, by the rules of {@link streamChunks}. Errors name a text by its
 * place in the whole stream.
 */
export async function* streamEmbeddings<P extends Precision>(
  texts: AsyncIterable<string> | Iterable<string>,
  options: EncodeOptions<P>,
  plan: StreamPlan & { readonly subject: string },
  encode: (texts: readonly string[], options: EncodeOptions<P>) => Promise<EmbeddingBatch<P>>,
): AsyncGenerator<EmbeddingBatch<P>, void, undefined> {
  checkSource(texts);
  const { onProgress, signal, ...rest } = options;
  let read = 0;
  let done = 0;
  const embed = async (chunk: readonly string[], stop: AbortSignal): Promise<EmbeddingBatch<P>> => {
    const first = read;
    read += chunk.length;
    try {
      return await encode(chunk, { ...(rest as EncodeOptions<P>), signal: stop });
    } catch (error) {
      throw atTextIndex(error, (index) => first + index);
    }
  };
  for await (const batch of streamChunks(texts, { ...plan, signal }, embed)) {
    done += batch.count;
    notifyProgress(onProgress, { phase: 'embed', subject: plan.subject, done, unit: 'texts' });
    yield batch;
  }
}

/** A string is an iterable of its characters, which is never what was meant. */
function checkSource(texts: unknown): void {
  if (typeof texts === 'object' && texts !== null && (Symbol.asyncIterator in texts || Symbol.iterator in texts))
    return;
  throw new IsovecError('INPUT_INVALID', 'A stream of texts must be an iterable or async iterable of strings.');
}
