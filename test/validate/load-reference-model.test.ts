import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { listFolderFiles } from '#src/models/folder-files.js';
import { readModelRecord } from '#src/models/model-config/read-model-record.js';
import { compareVectors } from '#src/vector/compare-vectors.js';
import { loadReferenceModel } from '#src/validate/reference/load-reference-model.js';
import { describe, expect, it } from 'vitest';
import { expectedOf } from './tiny-checkpoint.js';

const tiny = new URL('../fixtures/tiny/', import.meta.url);
/** Checkpoints whose ids carry a default prompt that pooling leaves out are covered where the prompt's length is known. */
const checkpoints = readdirSync(tiny).filter(
  (name) => name.startsWith('bert-') && name !== 'bert-prompts-exclude-weighted',
);

describe('the reference of a model folder', () => {
  it.each(checkpoints)('reads record and weights of %s and meets its float64 vectors', async (name) => {
    const files = await listFolderFiles(fileURLToPath(new URL(name, tiny)));
    const model = await loadReferenceModel(files, await readModelRecord(files));
    const expected = expectedOf(name);
    const vectors = expected.input_ids.map((ids) => model.encode(Int32Array.from(ids)));
    expect(compareVectors(vectors, expected.vectors_f64).maxAbsError).toBeLessThanOrEqual(1e-12);
  });

  it('passes on what is wrong with a module’s weights', async () => {
    const files = await listFolderFiles(fileURLToPath(new URL('bert-dense', tiny)));
    const record = await readModelRecord(files);
    const pipeline = record.pipeline.map((module) =>
      module.kind === 'dense' ? { ...module, path: '9_Dense' } : module,
    );
    await expect(loadReferenceModel(files, { ...record, pipeline })).rejects.toThrow(
      expect.objectContaining({ code: 'MODEL_FILE_MISSING' }),
    );
  });
});
