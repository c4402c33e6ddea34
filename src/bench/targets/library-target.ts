import type { Embedder } from '../../engine/embedder.js';
import type { BenchTarget, TargetAnswer, TargetCall } from './target.js';

/** A model in this process as a target. Closing the target leaves the model open: whoever loaded it closes it. */
export function libraryTarget(model: Embedder): BenchTarget {
  const { id, dtype, threads, dimensions, space } = model.info();
  const close = (): Promise<void> => Promise.resolve();
  return {
    description: {
      kind: 'library',
      model: id,
      dtype,
      threads,
      checkpoint: space.checkpoint,
      space: space.fingerprint,
      dimensions,
    },
    async embed(texts: readonly string[], { timeout, signal }: TargetCall): Promise<TargetAnswer> {
      const vectors = await model.encodeBatch(texts, {
        deadline: Date.now() + timeout,
        ...(signal === undefined ? {} : { signal }),
      });
      return { vectors, tokens: vectors.tokens.reduce((sum, count) => sum + count, 0) };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
