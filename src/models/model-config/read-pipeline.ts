import { IsovecError } from '../../shared/isovec-error.js';
import type { ModelFiles } from '../model-files.js';
import type { PipelineModule } from '../model-record.js';
import { insideFolder } from './module-path.js';
import { readDenseConfig, readLayerNormConfig, readNormalizeConfig } from './read-head-config.js';
import type { ModuleEntry } from './read-module-list.js';
import { readPoolingConfig } from './read-pooling-config.js';

/** The steps after the transformer, and the length of the vector that they end with. */
export interface Pipeline {
  readonly modules: readonly PipelineModule[];
  readonly dimensions: number;
}

/**
 * Reads the modules after the transformer and checks that each takes what the one before gives.
 * FORMAT_INVALID for an order that cannot run, CONFIG_INVALID for dimensions that do not chain, and the codes of the
 * modules' own configuration files.
 */
export async function readPipeline(
  files: ModelFiles,
  entries: readonly ModuleEntry[],
  hiddenSize: number,
): Promise<Pipeline> {
  const modules: PipelineModule[] = [];
  let dimensions = 0;
  for (const { kind, path } of entries) {
    if (kind === 'Transformer') throw orderError('must hold one Transformer, and as its first module');
    if (kind === 'Pooling') {
      if (modules.length > 0) throw orderError('must hold one Pooling module, directly after the Transformer');
      const { tokenDimension, ...pooling } = await readPoolingConfig(files, path);
      checkDimension(path, 'embedding_dimension', tokenDimension, hiddenSize);
      modules.push(pooling);
      dimensions = hiddenSize * pooling.modes.length;
      continue;
    }
    // Dropout does nothing at inference, wherever it stands.
    if (kind === 'Dropout') continue;
    if (modules.length === 0) throw orderError(`must hold a Pooling module before ${kind}`);
    if (kind === 'Dense') {
      const dense = await readDenseConfig(files, path);
      checkDimension(path, 'in_features', dense.inFeatures, dimensions);
      modules.push(dense);
      dimensions = dense.outFeatures;
    } else if (kind === 'LayerNorm') {
      const norm = await readLayerNormConfig(files, path);
      checkDimension(path, 'dimension', norm.dimension, dimensions);
      modules.push(norm);
    } else {
      modules.push(await readNormalizeConfig(files, path));
    }
  }
  if (modules.length === 0) throw orderError('must hold a Pooling module: without one there is no text vector');
  return { modules, dimensions };
}

function checkDimension(folder: string, key: string, declared: number, incoming: number): void {
  if (declared === incoming) return;
  const file = insideFolder(folder, 'config.json');
  throw new IsovecError(
    'CONFIG_INVALID',
    `${file}: ${key} is ${declared}, but the module before it gives vectors of length ${incoming}.`,
    { data: { file, key } },
  );
}

function orderError(rule: string): IsovecError {
  return new IsovecError('FORMAT_INVALID', `modules.json ${rule}.`, { data: { file: 'modules.json' } });
}
