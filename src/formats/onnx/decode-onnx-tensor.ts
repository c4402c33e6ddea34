import { isFieldSet } from '@bufbuild/protobuf';
import { elementCount } from '../element-count.js';
import { quote } from '../quote.js';
import { isSafeLocation } from './external-location.js';
import { type TensorProto, TensorProto_DataLocation, TensorProtoSchema } from './generated/onnx/onnx_pb.js';
import { dataTypeName, dtypeOfDataType, elementBytes } from './onnx-dtype.js';
import type { OnnxDtype, OnnxTensor, OnnxTensorData } from './onnx-model.js';
import { toSafeInteger } from './to-safe-integer.js';
import { typedDataBytes } from './typed-data-bytes.js';

/** A tensor as plain values; typed data fields become little-endian bytes. `role` says in messages what it is. */
export function decodeOnnxTensor(tensor: TensorProto, role: string, fail: (rule: string) => Error): OnnxTensor {
  const { name, dataType } = tensor;
  const label = `the ${role} ${quote(name)}`;
  const dtype = dtypeOfDataType(dataType);
  const size = dtype === undefined ? undefined : elementBytes(dtype);
  if (dtype === undefined || size === undefined) {
    throw fail(`has elements of type ${dataTypeName(dataType)} in ${label}, which isovec does not model`);
  }
  if (tensor.segment !== undefined) throw fail(`stores ${label} in segments, which isovec does not model`);
  const dims = tensor.dims.map((dimension) => toSafeInteger(dimension) ?? -1);
  const count = elementCount(dims);
  if (count === undefined) throw fail(`has impossible dimensions [${tensor.dims.join(', ')}] in ${label}`);
  const data = dataOf(tensor, dtype, count * size, label, fail);
  const length = data.kind === 'inline' ? data.bytes.byteLength : data.length;
  if (length / size !== count) {
    throw fail(`has ${length} bytes in ${label}, whose dimensions [${dims.join(', ')}] take ${count} times ${size}`);
  }
  return { name, dtype, dims, data };
}

function dataOf(
  tensor: TensorProto,
  dtype: OnnxDtype,
  expected: number,
  label: string,
  fail: (rule: string) => Error,
): OnnxTensorData {
  if (tensor.dataLocation === TensorProto_DataLocation.EXTERNAL) return externalData(tensor, expected, label, fail);
  if (isFieldSet(tensor, TensorProtoSchema.field.rawData)) return { kind: 'inline', bytes: tensor.rawData };
  const bytes = typedDataBytes(tensor, dtype);
  if (bytes === undefined) throw fail(`has elements beyond the range of their type in ${label}`);
  return { kind: 'inline', bytes };
}

function externalData(
  tensor: TensorProto,
  expected: number,
  label: string,
  fail: (rule: string) => Error,
): OnnxTensorData {
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const number = (key: string, whenAbsent: number): number => {
    const text = entries.get(key);
    if (text === undefined) return whenAbsent;
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
      throw fail(`has an external data ${key} of ${label} that is no non-negative integer`);
    }
    return value;
  };
  const location = entries.get('location') ?? '';
  if (!isSafeLocation(location)) {
    throw fail(`has ${label} in the external file ${quote(location)}, which is not a path inside the model's folder`);
  }
  return { kind: 'external', location, offset: number('offset', 0), length: number('length', expected) };
}
