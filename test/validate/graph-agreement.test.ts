import { prepareModel } from '#src/engine/prepare-model.js';
import { listFolderFiles } from '#src/models/folder-files.js';
import { NativeSession } from '#src/runtime/sessions/native-session.js';
import { loadReferenceModel } from '#src/validate/reference/load-reference-model.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, TINY_BERTS, tinyFolder } from './tiny-models.js';

const cache = temporaryFolder();
/** The smallest vocabulary of the checkpoints is larger. */
const id = fc.integer({ min: 0, max: 399 });

describe('the graph and the float64 reference, which share no code', () => {
  it.each(TINY_BERTS)('agree on any token ids: %s', async (name) => {
    const files = await listFolderFiles(tinyFolder(name));
    const { record, tokenizer, bundle } = await prepareModel(files, cache, undefined);
    expect(tokenizer.vocabularySize).toBeGreaterThanOrEqual(400);
    const reference = await loadReferenceModel(files, { ...record, truncateDimension: undefined });
    const session = await NativeSession.load({ bundle, threads: 1 });
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: record.maxSequenceLength }).chain((length) =>
            fc.record({
              rows: fc.array(fc.array(id, { minLength: length, maxLength: length }), { minLength: 1, maxLength: 4 }),
              promptLength: fc.integer({ min: 0, max: length - 1 }),
            }),
          ),
          async ({ rows, promptLength }) => {
            const length = rows[0]?.length ?? 0;
            const data = await session.run({
              ids: Int32Array.from(rows.flat()),
              batch: rows.length,
              length,
              promptLength,
              output: 'embeddings',
            });
            for (const [row, ids] of rows.entries()) {
              const expected = reference.encode(Int32Array.from(ids), promptLength);
              const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
              const worst = expected.reduce(
                (largest, value, i) =>
                  Math.max(largest, Math.abs((data[row * bundle.dimensions + i] ?? Number.NaN) - value)),
                0,
              );
              expect(worst).toBeLessThanOrEqual(2e-6 * scale);
            }
          },
        ),
        { numRuns: 40 },
      );
    } finally {
      await session.close();
    }
  });
});
