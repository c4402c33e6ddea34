import { elementCount, isDimension } from '../element-count.js';
import { isJsonObject } from '../json/parse-json.js';
import { quote } from '../quote.js';
import { isSafetensorsDtype, SAFETENSORS_DTYPE_BYTES } from './dtype-bytes.js';
import { safetensorsError } from './safetensors-error.js';
import type { SafetensorsDtype, TensorInfo } from './tensor-info.js';

/** One member of the header, and where the data area of its file lies. */
export interface TensorEntry {
  readonly file: string;
  readonly name: string;
  /** The parsed JSON value of the member. */
  readonly entry: unknown;
  /** First byte of the data area, counted from the beginning of the file. */
  readonly dataBegin: number;
  /** Length of the data area in bytes. */
  readonly dataBytes: number;
}

/** One tensor of the header, checked on its own; keys the format does not know are ignored, as its writers do. */
export function parseTensorEntry({ file, name, entry, dataBegin, dataBytes }: TensorEntry): TensorInfo {
  const fail = (rule: string): Error => safetensorsError(file, rule, name);
  if (!isJsonObject(entry)) throw fail('must be an object with dtype, shape and data_offsets.');
  const dtype = parseDtype(entry['dtype'], fail);
  const shape = parseShape(entry['shape'], fail);
  const count = elementCount(shape);
  if (count === undefined) throw fail(`has a shape ${show(shape)} whose number of elements overflows.`);
  const [begin, end] = parseOffsets(entry['data_offsets'], dataBytes, fail);
  // Compared by division: count * size might not be exactly representable.
  const bytesPerElement = SAFETENSORS_DTYPE_BYTES[dtype];
  if ((end - begin) / bytesPerElement !== count) {
    throw fail(
      `has ${end - begin} bytes of data, but its shape ${show(shape)} of ${dtype} takes ${count} times ${bytesPerElement}.`,
    );
  }
  return { name, dtype, shape, begin: dataBegin + begin, end: dataBegin + end };
}

type Fail = (rule: string) => Error;

function parseDtype(value: unknown, fail: Fail): SafetensorsDtype {
  if (isSafetensorsDtype(value)) return value;
  const known = Object.keys(SAFETENSORS_DTYPE_BYTES).join(', ');
  throw fail(`has the dtype ${typeof value === 'string' ? quote(value) : show(value)}; isovec reads ${known}.`);
}

function parseShape(value: unknown, fail: Fail): readonly number[] {
  if (Array.isArray(value) && value.every(isDimension)) return value;
  throw fail(`has the shape ${show(value)}; a shape is an array of integers from 0 to 2^53 - 1.`);
}

function parseOffsets(value: unknown, dataBytes: number, fail: Fail): readonly [number, number] {
  if (!Array.isArray(value) || value.length !== 2 || !value.every(isDimension)) {
    throw fail(`has the data_offsets ${show(value)}; they are two integers, begin and end.`);
  }
  const [begin = 0, end = 0] = value;
  if (end < begin) throw fail(`has the data_offsets [${begin}, ${end}]: the end lies before the begin.`);
  if (end > dataBytes) {
    throw fail(
      `has the data_offsets [${begin}, ${end}] beyond the end of the file, which holds ${dataBytes} bytes of data.`,
    );
  }
  return [begin, end];
}

function show(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}
