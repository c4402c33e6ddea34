import type { FusionWeights } from '../../memory/cognitive/fusion/fusion-weights.js';
import { Memory } from '../../memory/memory.js';
import type { RankingSettings } from '../../memory/ranking/ranking-settings.js';
import type { MemoryStore } from '../../memory/stores/store.js';
import { describeSpace, type EmbeddingSpace, spaceIdentity } from '../../models/embedding-space.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { EmbedRequest, EmbedResult } from '../embed-texts.js';
import type { ServedModels } from '../served-models.js';
import { CallEncoder } from './call-encoder.js';
import { cognitiveVectors, type MemoryVectors, vectorsOf } from './memory-vectors.js';

/** A memory that a server offers beside its models. */
export interface ServerMemoryOptions {
  /**
   * Its space must be that of a served model, or that of the cognitive encoder over one; or what opens a store for the space of
   * the cognitive encoder over the first model. It stays open: whoever opened it closes it.
   */
  readonly store: MemoryStore | ((space: EmbeddingSpace) => Promise<MemoryStore>);
  /** Of the cognitive encoder; `identityFusion()` by default. */
  readonly fusion?: FusionWeights;
  readonly ranking?: Partial<RankingSettings>;
}

/** The parts of a {@link ServedMemory}. */
interface ServedMemoryParts {
  readonly modelName: string;
  readonly store: MemoryStore;
  readonly vectors: MemoryVectors;
  readonly ranking: Partial<RankingSettings>;
}

/** A memory with the served model that makes its vectors. */
export class ServedMemory {
  /** The name of the model. */
  readonly modelName: string;
  readonly store: MemoryStore;
  readonly #vectors: MemoryVectors;
  readonly #ranking: Partial<RankingSettings>;

  private constructor({ modelName, store, vectors, ranking }: ServedMemoryParts) {
    this.modelName = modelName;
    this.store = store;
    this.#vectors = vectors;
    this.#ranking = ranking;
  }

  /**
   * Finds the model among those that are served: first among the loaded ones, then it loads the others one by one.
   * SPACE_MISMATCH if none gives the store's vectors; what loading and opening reject with.
   */
  static async open(models: ServedModels, { store, fusion, ranking = {} }: ServerMemoryOptions): Promise<ServedMemory> {
    if (typeof store === 'function') {
      const { name, embedder } = await models.select();
      const vectors = cognitiveVectors(embedder, fusion);
      const opened = await store(vectors.space);
      if (spaceIdentity(opened.space) !== spaceIdentity(vectors.space)) throw mismatch(opened.space, [vectors.space]);
      return new ServedMemory({ modelName: name, store: opened, vectors, ranking });
    }
    const served: EmbeddingSpace[] = [];
    for (const modelName of new Set([...models.list().map(({ name }) => name), ...models.names])) {
      const { embedder } = await models.select(modelName);
      const vectors = vectorsOf(embedder, store.space, fusion);
      if (vectors !== undefined) return new ServedMemory({ modelName, store, vectors, ranking });
      served.push(embedder.space);
    }
    throw mismatch(store.space, served);
  }

  /** The memory as one request uses it, and the encoder that keeps the account of what it embeds. */
  forCall(embed: (request: EmbedRequest) => Promise<EmbedResult>): { memory: Memory; encoder: CallEncoder } {
    const encoder = new CallEncoder(this.#vectors, embed);
    return { memory: new Memory({ store: this.store, encoder, ranking: this.#ranking }), encoder };
  }
}

function mismatch(space: EmbeddingSpace, served: readonly EmbeddingSpace[]): IsovecError {
  return new IsovecError(
    'SPACE_MISMATCH',
    `The memory holds vectors of ${describeSpace(space)}, which no served model gives: ${served.map(describeSpace).join(', ')}. Serve the model and weights that it was made with, or make it anew with one that is served: isovec memory reindex --model MODEL.`,
    { data: { store: spaceIdentity(space), served: served.map(spaceIdentity) } },
  );
}

/** The error of whoever asks a server without a memory for one. */
export function noMemory(): IsovecError {
  return new IsovecError(
    'NOT_FOUND',
    'This server has no memory. Start it with one: isovec serve --with-memory, or startServer with the option memory.',
  );
}
