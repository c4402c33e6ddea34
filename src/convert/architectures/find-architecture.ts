import { IsovecError } from '../../shared/isovec-error.js';
import type { EncoderArchitecture } from './architecture.js';
import { bert } from './bert.js';

const ARCHITECTURES: readonly EncoderArchitecture[] = [bert];

/** The architecture of a `model_type`; ARCHITECTURE_UNSUPPORTED naming it and the supported ones. */
export function findArchitecture(modelType: string): EncoderArchitecture {
  const found = ARCHITECTURES.find((architecture) => architecture.modelType === modelType);
  if (found === undefined) {
    const supported = ARCHITECTURES.map((architecture) => architecture.modelType).join(', ');
    throw new IsovecError(
      'ARCHITECTURE_UNSUPPORTED',
      `config.json: model_type ${JSON.stringify(modelType)} is not supported; supported are ${supported}.`,
      { data: { file: 'config.json', key: 'model_type', value: modelType } },
    );
  }
  return found;
}
