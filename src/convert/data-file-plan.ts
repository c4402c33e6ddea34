import { open } from 'node:fs/promises';
import { float32FromTensor, SAFETENSORS_DTYPE_BYTES } from '../formats/safetensors/index.js';
import type { OnnxModel, OnnxTensorData } from '../formats/onnx/onnx-model.js';
import { throwIfAborted } from '../shared/abort.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { MatrixParameter } from './encoder-parameters.js';

/** Alignment of tensors in a data file: a cache line, so that a mapped tensor can be used where it lies. */
const ALIGNMENT = 64;

interface PlannedMatrix {
  readonly matrix: MatrixParameter;
  readonly transposed: boolean;
  readonly offset: number;
  readonly length: number;
}

/**
 * Large weights that are to be written as float32, one after the other, into a file beside a graph; or, for files
 * below the protobuf limit, into the graph itself. One weight is in memory at a time.
 */
export class DataFilePlan {
  readonly #location: string;
  readonly #planned = new Map<string, PlannedMatrix>();
  #size = 0;

  constructor(location: string) {
    this.#location = location;
  }

  /** Bytes of the whole file. */
  get size(): number {
    return this.#size;
  }

  /** Gives a weight its place; `transposed` stores a [rows, columns] weight as [columns, rows]. */
  place(matrix: MatrixParameter, transposed: boolean): OnnxTensorData {
    const known = this.#planned.get(matrix.name);
    const planned = known ?? this.#append(matrix, transposed);
    return { kind: 'external', location: this.#location, offset: planned.offset, length: planned.length };
  }

  /** Writes the file and makes it durable. */
  async write(path: string, signal?: AbortSignal): Promise<void> {
    const file = await open(path, 'wx');
    try {
      for (const planned of this.#planned.values()) {
        throwIfAborted(signal);
        const bytes = await matrixBytes(planned);
        await file.write(bytes, 0, bytes.byteLength, planned.offset);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** The model with the planned weights inside it instead of beside it. */
  async inline(model: OnnxModel): Promise<OnnxModel> {
    const initializers = [];
    for (const tensor of model.initializers) {
      const planned = this.#planned.get(tensor.name);
      const bytes = planned === undefined ? undefined : await matrixBytes(planned);
      initializers.push(bytes === undefined ? tensor : { ...tensor, data: { kind: 'inline' as const, bytes } });
    }
    return { ...model, initializers };
  }

  #append(matrix: MatrixParameter, transposed: boolean): PlannedMatrix {
    const { begin, end, dtype } = matrix.tensor;
    const elements = (end - begin) / SAFETENSORS_DTYPE_BYTES[dtype];
    const offset = Math.ceil(this.#size / ALIGNMENT) * ALIGNMENT;
    const planned = { matrix, transposed, offset, length: elements * Float32Array.BYTES_PER_ELEMENT };
    this.#planned.set(matrix.name, planned);
    this.#size = offset + planned.length;
    return planned;
  }
}

async function matrixBytes({ matrix, transposed }: PlannedMatrix): Promise<Uint8Array> {
  const values = float32FromTensor(await matrix.tensor.read(), matrix.tensor.dtype);
  const ordered = transposed ? transpose(values, matrix) : values;
  return new Uint8Array(ordered.buffer, ordered.byteOffset, ordered.byteLength);
}

function transpose(values: Float32Array, { name, tensor }: MatrixParameter): Float32Array {
  const [rows, columns] = tensor.shape;
  if (rows === undefined || columns === undefined) throw new IsovecError('INTERNAL', `${name} is not a matrix.`);
  const transposed = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      transposed[column * rows + row] = values[row * columns + column] ?? 0;
    }
  }
  return transposed;
}
