import type { MessageInitShape } from '@bufbuild/protobuf';
import { IsovecError } from '../../shared/isovec-error.js';
import { quote } from '../quote.js';
import { encodeOnnxTensor } from './encode-onnx-tensor.js';
import { AttributeProto_AttributeType, type AttributeProtoSchema } from './generated/onnx/onnx_pb.js';
import type { OnnxAttribute } from './onnx-model.js';

/** An attribute as the fields of its protobuf message; INPUT_INVALID for numbers beyond their type. */
export function encodeOnnxAttribute(
  name: string,
  attribute: OnnxAttribute,
  node: string,
): MessageInitShape<typeof AttributeProtoSchema> {
  const fail = (rule: string): IsovecError =>
    new IsovecError('INPUT_INVALID', `Attribute ${quote(name)} of node ${quote(node)} ${rule}.`, {
      data: { node, attribute: name },
    });
  const int = (value: number): bigint => {
    if (!Number.isSafeInteger(value)) throw fail(`holds ${value}, which is not a safe integer`);
    return BigInt(value);
  };
  const float = (value: number): number => {
    const rounded = Math.fround(value);
    if (Number.isFinite(value) && !Number.isFinite(rounded)) throw fail('holds a number beyond the range of float32');
    return rounded;
  };
  switch (attribute.kind) {
    case 'int':
      return { name, type: AttributeProto_AttributeType.INT, i: int(attribute.value) };
    case 'float':
      return { name, type: AttributeProto_AttributeType.FLOAT, f: float(attribute.value) };
    case 'string':
      return { name, type: AttributeProto_AttributeType.STRING, s: new TextEncoder().encode(attribute.value) };
    case 'ints':
      return { name, type: AttributeProto_AttributeType.INTS, ints: attribute.value.map(int) };
    case 'floats':
      return { name, type: AttributeProto_AttributeType.FLOATS, floats: attribute.value.map(float) };
    case 'tensor':
      return { name, type: AttributeProto_AttributeType.TENSOR, t: encodeOnnxTensor(attribute.value) };
  }
}
