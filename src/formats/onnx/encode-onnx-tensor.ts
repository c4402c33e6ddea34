import type { MessageInitShape } from '@bufbuild/protobuf';
import { IsovecError } from '../../shared/isovec-error.js';
import { elementCount } from '../element-count.js';
import { quote } from '../quote.js';
import { isSafeLocation } from './external-location.js';
import { TensorProto_DataLocation, type TensorProtoSchema } from './generated/onnx/onnx_pb.js';
import { dataTypeOf, elementBytes } from './onnx-dtype.js';
import type { OnnxTensor } from './onnx-model.js';

/** A tensor as the fields of its protobuf message; INPUT_INVALID if the data does not fit the shape. */
export function encodeOnnxTensor(tensor: OnnxTensor): MessageInitShape<typeof TensorProtoSchema> {
  const { name, dtype, dims, data } = tensor;
  const fail = (rule: string): IsovecError =>
    new IsovecError('INPUT_INVALID', `The ONNX tensor ${quote(name)} ${rule}.`, { data: { tensor: name } });
  const size = elementBytes(dtype);
  if (size === undefined) throw fail(`has the type ${dtype}, whose elements are not written`);
  const count = elementCount(dims);
  if (count === undefined) throw fail(`has impossible dimensions [${dims.join(', ')}]`);
  const length = data.kind === 'inline' ? data.bytes.byteLength : data.length;
  if (length / size !== count) throw fail(`has ${length} bytes, which do not fit [${dims.join(', ')}] of ${dtype}`);
  const declared = { name, dataType: dataTypeOf(dtype), dims: dims.map(BigInt) };
  if (data.kind === 'inline') return { ...declared, rawData: data.bytes };
  if (!isSafeLocation(data.location)) throw fail('has external data outside the folder of the model');
  if (!Number.isSafeInteger(data.offset) || data.offset < 0) throw fail('has external data at an impossible offset');
  return {
    ...declared,
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: data.location },
      { key: 'offset', value: String(data.offset) },
      { key: 'length', value: String(data.length) },
    ],
  };
}
