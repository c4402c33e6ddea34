import { resolve as resolvePath } from 'node:path';
import type { EmbeddingSpace } from '../../../models/embedding-space.js';
import { throwIfAborted } from '../../../shared/abort.js';
import type { ProgressListener } from '../../../shared/progress.js';
import type { MemoryEncoder } from '../../memory-encoder.js';
import type { LackingVector } from './space-change.js';
import { SqliteThread } from './sqlite-thread.js';

/** Options of {@link reindexSqliteStore}. */
export interface ReindexOptions {
  readonly file: string;
  /** Makes the new vectors. */
  readonly encoder: MemoryEncoder;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
}

/** What reindexing did. */
export interface ReindexReport {
  readonly space: EmbeddingSpace;
  /** Memories that were given new vectors; those of an earlier run that was interrupted are not counted. */
  readonly embedded: number;
}

const BATCH = 256;
/** So often, what came while the last batch was embedded is embedded with others free to write; then they wait for it. */
const OPEN_ROUNDS = 3;

/**
 * Gives all memories of a SQLite file vectors of another model or of other fusion weights. Other processes may read and write
 * meanwhile, and meet SPACE_MISMATCH afterwards; where they write all the time, they wait for the vectors of the last few. A run that
 * was killed is gone on with by the next one. Rejects as `openSqliteStore` and the encoder, and with ABORTED, which leaves the
 * file as it was.
 */
export async function reindexSqliteStore(options: ReindexOptions): Promise<ReindexReport> {
  const { encoder, signal, onProgress } = options;
  const { space } = encoder;
  const file = resolvePath(options.file);
  const { thread } = await SqliteThread.open({ file, space, role: 'change' });
  try {
    let embedded = 0;
    for (let rounds = 0; ;) {
      throwIfAborted(signal);
      const { memories, left } = await thread.call<{ memories: LackingVector[]; left: number }>('lacking', BATCH);
      if (memories.length === 0) {
        if (await thread.call<boolean>('finish')) return { space, embedded };
        continue;
      }
      if (memories.length === left && ++rounds === OPEN_ROUNDS) {
        // Somebody writes more often than a batch takes: it would go on for ever.
        await thread.call('hold');
        continue;
      }
      const { data } = await encoder.encodeBatch(
        memories.map(({ record }) => record.content),
        {
          profiles: memories.map(({ record }) => record.dimensions),
          task: 'document',
          ...(signal === undefined ? {} : { signal }),
        },
      );
      const vectors = memories.map(({ record, checksum }, at) => ({
        id: record.id,
        checksum,
        vector: data.slice(at * space.dimensions, (at + 1) * space.dimensions),
      }));
      await thread.call('keep', vectors);
      embedded += vectors.length;
      const total = embedded + left - vectors.length;
      onProgress?.({ phase: 'embed', subject: file, done: embedded, total, unit: 'texts' });
    }
  } finally {
    await thread.close();
  }
}
