import { CacheLayout } from '../../models/cache/cache-layout.js';
import { listPreparedModels, uselessness } from '../../models/cache/prepared-models.js';
import type { ModelFiles } from '../../models/model-files.js';
import { readPrepared } from '../prepared-folder.js';
import type { QuantizationRecord } from './quantization.js';
import { type QuantizationReport, readQuantizationReport } from './quantization-report.js';

/** An int8 form of a model that the cache holds. */
export interface Int8Form {
  readonly folder: string;
  readonly quantization: QuantizationRecord;
  /** Of weights and graph. */
  readonly bytes: number;
  /** What was measured of it; undefined where that was not done. */
  readonly report: QuantizationReport | undefined;
}

/** The int8 forms that loading this model would find in a cache, one for each recipe, calibration and bits. */
export async function listInt8Forms(files: ModelFiles, cacheRoot: string): Promise<readonly Int8Form[]> {
  const forms: Int8Form[] = [];
  for (const model of await listPreparedModels(new CacheLayout(cacheRoot))) {
    const { source, path: folder } = model;
    if (source?.quantization === undefined || source.id !== files.id || source.revision !== files.revision) continue;
    if (!source.files.every(([name, file]) => files.files.get(name)?.path === file)) continue;
    if ((await uselessness(model)) !== undefined) continue;
    const prepared = await readPrepared(folder);
    if (prepared?.quantization === undefined) continue;
    const { quantization, conversion } = prepared;
    const report = await readQuantizationReport(folder, quantization);
    forms.push({ folder, quantization, bytes: quantization.weightsBytes + conversion.graphBytes, report });
  }
  return forms;
}
