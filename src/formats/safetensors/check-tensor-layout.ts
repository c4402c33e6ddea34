import { quote } from '../quote.js';
import { safetensorsError } from './safetensors-error.js';
import type { TensorInfo } from './tensor-info.js';

/** Extent of a file and of its data area, in bytes from the beginning of the file. */
export interface DataArea {
  readonly file: string;
  readonly dataBegin: number;
  readonly size: number;
}

/**
 * Checks that the tensors cover the data area without overlaps, holes or a rest: the format's "the byte buffer needs to
 * be entirely indexed and cannot contain holes", which keeps a file from hiding other content (polyglot files).
 */
export function checkTensorLayout(tensors: Iterable<TensorInfo>, { file, dataBegin, size }: DataArea): void {
  const ordered = [...tensors].sort((left, right) => left.begin - right.begin || left.end - right.end);
  let cursor = dataBegin;
  let before: TensorInfo | undefined;
  for (const tensor of ordered) {
    if (tensor.begin < cursor) {
      const other = before === undefined ? 'the header' : `tensor ${quote(before.name)}`;
      throw safetensorsError(file, `begins inside ${other}: data_offsets must not overlap.`, tensor.name);
    }
    if (tensor.begin > cursor) {
      const hole = tensor.begin - cursor;
      throw safetensorsError(file, `begins after a hole of ${hole} bytes that no data_offsets cover.`, tensor.name);
    }
    cursor = tensor.end;
    before = tensor;
  }
  if (cursor !== size) {
    throw safetensorsError(
      file,
      `has a length of ${size} bytes, but its last tensor ends at byte ${cursor}: ${size - cursor} trailing bytes belong to no tensor.`,
    );
  }
}
