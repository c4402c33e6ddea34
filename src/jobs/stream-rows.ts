import type { Embedder } from '../engine/embedder.js';
import { notifyProgress } from '../engine/notify-progress.js';
import type { RefusedRow } from '../files/rows/row-source.js';
import type { VectorSegment } from '../files/vectors/vector-encoder.js';
import type { VectorMetadata } from '../files/vectors/vector-metadata.js';
import type { ProgressListener } from '../shared/progress.js';
import type { EmbedWork } from './embed-job.js';
import { embedRows, isRow, splitAtRefusal } from './embed-rows.js';
import { EMPTY_TALLY, addToTally, type JobTally } from './job-tally.js';
import { RowProgress } from './row-progress.js';
import { SourceDigest } from '../files/rows/source-digest.js';
import { vectorMetadata } from './vector-metadata.js';

/** Rows with their vectors, and rows without one. */
export interface StreamedRows extends VectorSegment {
  readonly refused: readonly RefusedRow[];
}

/** Options of {@link streamRows}. */
export interface StreamRowsOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** Work whose results are taken as they come, for pipes: nothing of it is durable. */
export interface RowStream {
  /** Rejects with the reason of a refused row unless those are skipped, and as `encodeBatch`; ABORTED. */
  segments(): AsyncGenerator<StreamedRows, void, undefined>;
  /** What came so far. */
  readonly tally: JobTally;
  /** What the vectors are, when all came; `folder` is where they go. */
  metadata(folder: string): VectorMetadata;
}

/** Embeds the rows of a source one after another. */
export function streamRows(model: Embedder, work: EmbedWork, options: StreamRowsOptions): RowStream {
  return new Stream(model, work, options);
}

class Stream implements RowStream {
  readonly #model: Embedder;
  readonly #work: EmbedWork;
  readonly #options: StreamRowsOptions;
  readonly #digest: SourceDigest = new SourceDigest();
  #tally: JobTally = EMPTY_TALLY;

  constructor(model: Embedder, work: EmbedWork, options: StreamRowsOptions) {
    this.#model = model;
    this.#work = work;
    this.#options = options;
  }

  get tally(): JobTally {
    return this.#tally;
  }

  metadata(folder: string): VectorMetadata {
    return vectorMetadata(this.#model, this.#work, { tally: this.#tally, digest: this.#digest.value(), folder });
  }

  async *segments(): AsyncGenerator<StreamedRows, void, undefined> {
    const { source, encode, truncate, onError } = this.#work;
    const { signal, onProgress } = this.#options;
    const progress = new RowProgress(source, { sourceRows: 0, tally: EMPTY_TALLY });
    const options = { encode: { ...encode, ...(signal === undefined ? {} : { signal }) }, truncate };
    for await (const all of embedRows(progress.counted(source.rows()), this.#model, {
      ...options,
      sourceName: source.name,
    })) {
      const { sound, failure } = onError === 'fail' ? splitAtRefusal(all) : { sound: all, failure: undefined };
      for (const outcome of sound.source) this.#digest.add(outcome);
      const rows = sound.outcomes.filter(isRow);
      const refused = sound.outcomes.filter((outcome): outcome is RefusedRow => !isRow(outcome));
      const segment = { rows, vectors: sound.vectors, refused };
      this.#tally = addToTally(this.#tally, segment);
      notifyProgress(onProgress, progress.after(sound));
      yield segment;
      if (failure !== undefined) throw failure;
    }
  }
}
