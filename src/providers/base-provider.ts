import type { EmbeddingSpace } from '../models/embedding-space.js';
import { type SimilarityMatrix, similarityMatrix, type VectorSet } from '../vector/index.js';
import { type Provider, PROVIDER_SPEC_VERSION, type ProviderBatch, type ProviderCallOptions } from './provider.js';

/** What follows from the rest of a provider. */
type Derived = 'specVersion' | 'dimensions' | 'encode' | 'similarity' | typeof Symbol.asyncDispose;

/** The part of a provider that follows from its space, its batches and its end. */
export abstract class BaseProvider implements Pick<Provider, Derived> {
  readonly specVersion: typeof PROVIDER_SPEC_VERSION = PROVIDER_SPEC_VERSION;
  abstract readonly space: EmbeddingSpace;

  abstract encodeBatch(texts: readonly string[], options?: ProviderCallOptions): Promise<ProviderBatch>;
  abstract close(): Promise<void>;

  get dimensions(): number {
    return this.space.dimensions;
  }

  async encode(text: string, options: ProviderCallOptions = {}): Promise<Float32Array> {
    const { data } = await this.encodeBatch([text], options);
    return data;
  }

  similarity(a: VectorSet, b: VectorSet): SimilarityMatrix {
    return similarityMatrix(a, b, this.space.similarity);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
