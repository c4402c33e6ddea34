import type { ModelFiles } from '../../models/model-files.js';
import type { ModelRecord } from '../../models/model-record.js';
import { openWeights, type Weights } from '../../models/weights.js';
import { float64FromBytes } from './float64-from-bytes.js';
import { ReferenceModel } from './reference-model.js';
import type { ReferenceTensor } from './reference-weights.js';

/**
 * The float64 reference of a model on this disk; its files are closed when the promise settles. Codes: those of
 * {@link openWeights} and of {@link ReferenceModel.load}.
 */
export async function loadReferenceModel(files: ModelFiles, record: ModelRecord): Promise<ReferenceModel> {
  const opened = new Map<string, Promise<Weights>>();
  const read = async (path: string, name: string): Promise<ReferenceTensor | undefined> => {
    // Kept as a promise: two tensors of one folder may be asked for at once.
    const weights = opened.get(path) ?? openWeights(files, path);
    opened.set(path, weights);
    const tensor = (await weights).tensors.get(name);
    if (tensor === undefined) return undefined;
    return { shape: tensor.shape, data: float64FromBytes(await tensor.read(), tensor.dtype, name) };
  };
  try {
    return await ReferenceModel.load(record, {
      tensor: (name) => read(record.transformerPath, name),
      moduleTensor: read,
    });
  } finally {
    for (const weights of await Promise.allSettled(opened.values())) {
      if (weights.status === 'fulfilled') await weights.value.close();
    }
  }
}
