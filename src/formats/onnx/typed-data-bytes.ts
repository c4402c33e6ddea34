import type { TensorProto } from './generated/onnx/onnx_pb.js';
import type { OnnxDtype } from './onnx-model.js';

/**
 * The elements of a tensor's typed data fields as little-endian bytes: what `raw_data` would hold. Which field belongs
 * to which type is fixed by the comments of TensorProto. Undefined if an element does not fit its type; strings, which
 * have no fixed size, give no bytes.
 */
export function typedDataBytes(tensor: TensorProto, dtype: OnnxDtype): Uint8Array | undefined {
  const { floatData, doubleData, int32Data, int64Data, uint64Data } = tensor;
  switch (dtype) {
    case 'float32':
      return fill(floatData, 4, (view, offset, value) => {
        view.setFloat32(offset, value, true);
      });
    case 'float64':
      return fill(doubleData, 8, (view, offset, value) => {
        view.setFloat64(offset, value, true);
      });
    case 'int32':
      return fill(int32Data, 4, (view, offset, value) => {
        view.setInt32(offset, value, true);
      });
    case 'int64':
      return fill(int64Data, 8, (view, offset, value) => {
        view.setBigInt64(offset, value, true);
      });
    case 'uint64':
      return fill(uint64Data, 8, (view, offset, value) => {
        view.setBigUint64(offset, value, true);
      });
    case 'uint32':
      if (uint64Data.some((value) => value > 0xffff_ffffn)) return undefined;
      return fill(uint64Data, 4, (view, offset, value) => {
        view.setUint32(offset, Number(value), true);
      });
    case 'int8':
      return narrow(int32Data, 1, -0x80, 0x7f);
    case 'uint8':
      return narrow(int32Data, 1, 0, 0xff);
    case 'bool':
      return narrow(int32Data, 1, 0, 1);
    case 'int16':
      return narrow(int32Data, 2, -0x8000, 0x7fff);
    case 'uint16':
    case 'float16':
    case 'bfloat16':
      return narrow(int32Data, 2, 0, 0xffff);
    case 'string':
      return new Uint8Array(0);
  }
}

function narrow(values: readonly number[], size: 1 | 2, least: number, most: number): Uint8Array | undefined {
  if (values.some((value) => value < least || value > most)) return undefined;
  return fill(values, size, (view, offset, value) => {
    if (size === 1) view.setUint8(offset, value);
    else view.setUint16(offset, value, true);
  });
}

function fill<Element>(
  values: readonly Element[],
  size: number,
  write: (view: DataView, offset: number, value: Element) => void,
): Uint8Array {
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) write(view, index * size, value);
  return bytes;
}
