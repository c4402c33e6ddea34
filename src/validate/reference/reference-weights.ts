import { IsovecError } from '../../shared/isovec-error.js';

/** One tensor, widened to float64. */
export interface ReferenceTensor {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float64Array;
}

/** Where a {@link ReferenceModel} gets its weights. */
export interface ReferenceWeights {
  /** A tensor of the transformer, by its name in the checkpoint; undefined if there is none. */
  tensor(name: string): Promise<ReferenceTensor | undefined>;
  /** A tensor of a later module, by the module's folder and its name there; undefined if there is none. */
  moduleTensor(path: string, name: string): Promise<ReferenceTensor | undefined>;
}

/** The data of a tensor that must be there with this shape; WEIGHTS_MISMATCH, naming it, otherwise. */
export function requireTensor(
  tensor: ReferenceTensor | undefined,
  name: string,
  shape: readonly number[],
): Float64Array {
  if (tensor === undefined) {
    throw new IsovecError('WEIGHTS_MISMATCH', `The checkpoint lacks the tensor ${name}. Fetch the model again.`, {
      data: { tensor: name },
    });
  }
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i])) {
    throw new IsovecError(
      'WEIGHTS_MISMATCH',
      `Tensor ${name} has the shape [${tensor.shape.join(', ')}]; the configuration asks for [${shape.join(', ')}].`,
      { data: { tensor: name, shape: tensor.shape, expected: shape } },
    );
  }
  return tensor.data;
}
