import { open } from 'node:fs/promises';
import { float32FromTensor, SAFETENSORS_DTYPE_BYTES } from '../formats/safetensors/index.js';
import type { OnnxModel, OnnxTensorData } from '../formats/onnx/onnx-model.js';
import { throwIfAborted } from '../shared/abort.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { MatrixParameter } from './encoder-parameters.js';

/** Alignment of tensors in a data file: a cache line, so that a mapped tensor can be used where it lies. */
const ALIGNMENT = 64;

interface Planned {
  readonly offset: number;
  readonly length: number;
  read(): Promise<Uint8Array>;
}

/**
 * Large weights that are to be written, one after the other, into a file beside a graph; or, for files below the
 * protobuf limit, into the graph itself. One float32 weight is in memory at a time.
 */
export class DataFilePlan {
  readonly #location: string;
  readonly #planned = new Map<string, Planned>();
  #size = 0;

  constructor(location: string) {
    this.#location = location;
  }

  /** Bytes of the whole file. */
  get size(): number {
    return this.#size;
  }

  /** Gives a float32 weight its place; `transposed` stores a [rows, columns] weight as [columns, rows]. */
  place(matrix: MatrixParameter, transposed: boolean): OnnxTensorData {
    const { begin, end, dtype } = matrix.tensor;
    const elements = (end - begin) / SAFETENSORS_DTYPE_BYTES[dtype];
    const length = elements * Float32Array.BYTES_PER_ELEMENT;
    return this.#place(matrix.name, length, () => matrixBytes(matrix, transposed));
  }

  /** Gives an int8 tensor its place. */
  placeBytes(name: string, values: Int8Array): OnnxTensorData {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return this.#place(name, bytes.byteLength, () => Promise.resolve(bytes));
  }

  /** Writes the file and makes it durable. */
  async write(path: string, signal?: AbortSignal): Promise<void> {
    const file = await open(path, 'wx');
    try {
      for (const planned of this.#planned.values()) {
        throwIfAborted(signal);
        await file.write(await planned.read(), 0, planned.length, planned.offset);
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
      const bytes = await this.#planned.get(tensor.name)?.read();
      initializers.push(bytes === undefined ? tensor : { ...tensor, data: { kind: 'inline' as const, bytes } });
    }
    return { ...model, initializers };
  }

  #place(name: string, length: number, read: () => Promise<Uint8Array>): OnnxTensorData {
    let planned = this.#planned.get(name);
    if (planned === undefined) {
      planned = { offset: Math.ceil(this.#size / ALIGNMENT) * ALIGNMENT, length, read };
      this.#planned.set(name, planned);
      this.#size = planned.offset + length;
    }
    return { kind: 'external', location: this.#location, offset: planned.offset, length };
  }
}

async function matrixBytes(matrix: MatrixParameter, transposed: boolean): Promise<Uint8Array> {
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
