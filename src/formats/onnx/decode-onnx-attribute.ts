import { quote } from '../quote.js';
import { decodeOnnxTensor } from './decode-onnx-tensor.js';
import { type AttributeProto, AttributeProto_AttributeType } from './generated/onnx/onnx_pb.js';
import type { OnnxAttribute } from './onnx-model.js';
import { toSafeInteger } from './to-safe-integer.js';

/** An attribute of `node` as a plain value; graphs, lists of strings or tensors and references are refused. */
export function decodeOnnxAttribute(
  attribute: AttributeProto,
  node: string,
  fail: (rule: string) => Error,
): OnnxAttribute {
  const label = `attribute ${quote(attribute.name)} of ${node}`;
  if (attribute.refAttrName !== '') throw fail(`has a reference as ${label}, which isovec does not model`);
  const int = (value: bigint): number => {
    const number = toSafeInteger(value);
    if (number === undefined) throw fail(`has an integer in ${label} that a number cannot hold exactly`);
    return number;
  };
  switch (attribute.type) {
    case AttributeProto_AttributeType.INT:
      return { kind: 'int', value: int(attribute.i) };
    case AttributeProto_AttributeType.FLOAT:
      return { kind: 'float', value: attribute.f };
    case AttributeProto_AttributeType.STRING:
      return { kind: 'string', value: decodeText(attribute.s, label, fail) };
    case AttributeProto_AttributeType.INTS:
      return { kind: 'ints', value: attribute.ints.map(int) };
    case AttributeProto_AttributeType.FLOATS:
      return { kind: 'floats', value: attribute.floats };
    case AttributeProto_AttributeType.TENSOR:
      if (attribute.t === undefined) throw fail(`declares a tensor in ${label} but holds none`);
      return { kind: 'tensor', value: decodeOnnxTensor(attribute.t, `tensor of ${label}`, fail) };
    case AttributeProto_AttributeType.UNDEFINED:
    case AttributeProto_AttributeType.GRAPH:
    case AttributeProto_AttributeType.GRAPHS:
    case AttributeProto_AttributeType.STRINGS:
    case AttributeProto_AttributeType.TENSORS:
    case AttributeProto_AttributeType.SPARSE_TENSOR:
    case AttributeProto_AttributeType.SPARSE_TENSORS:
    case AttributeProto_AttributeType.TYPE_PROTO:
    case AttributeProto_AttributeType.TYPE_PROTOS:
      throw unmodelled(attribute.type, label, fail);
    default:
      // proto2 keeps unknown enum values out of the field, but a message built by hand can hold one.
      throw unmodelled(attribute.type, label, fail);
  }
}

function unmodelled(type: number, label: string, fail: (rule: string) => Error): Error {
  const official: string | undefined = AttributeProto_AttributeType[type];
  return fail(`has ${label} of type ${official ?? String(type)}, which isovec does not model`);
}

function decodeText(bytes: Uint8Array, label: string, fail: (rule: string) => Error): string {
  try {
    // ignoreBOM keeps a leading U+FEFF, which is part of the string.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw fail(`has bytes that are not UTF-8 in ${label}, which isovec does not model`);
  }
}
