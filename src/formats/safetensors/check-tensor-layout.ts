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
  // Overlaps first: a tensor that was moved onto another one leaves a hole too, and the overlap is the cause.
  refuseOverlaps(ordered, file);
  let cursor = dataBegin;
  for (const tensor of ordered) {
    if (tensor.begin > cursor) {
      const hole = tensor.begin - cursor;
      throw safetensorsError(file, `begins after a hole of ${hole} bytes that no data_offsets cover.`, tensor.name);
    }
    cursor = tensor.end;
  }
  if (cursor !== size) {
    throw safetensorsError(
      file,
      `has a length of ${size} bytes, but its last tensor ends at byte ${cursor}: ${size - cursor} trailing bytes belong to no tensor.`,
    );
  }
}

/** Sorted by begin, two tensors overlap only if neighbours do. */
function refuseOverlaps(ordered: readonly TensorInfo[], file: string): void {
  let before: TensorInfo | undefined;
  for (const tensor of ordered) {
    if (before !== undefined && tensor.begin < before.end) {
      throw safetensorsError(
        file,
        `begins inside tensor ${quote(before.name)}: data_offsets must not overlap.`,
        tensor.name,
      );
    }
    before = tensor;
  }
}
