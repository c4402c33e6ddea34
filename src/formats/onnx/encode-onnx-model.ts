import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { IsovecError } from '../../shared/isovec-error.js';
import { elementCount } from '../element-count.js';
import { quote } from '../quote.js';
import { encodeOnnxAttribute } from './encode-onnx-attribute.js';
import { encodeOnnxTensor } from './encode-onnx-tensor.js';
import {
  ModelProtoSchema,
  type NodeProtoSchema,
  type StringStringEntryProtoSchema,
  type ValueInfoProtoSchema,
} from './generated/onnx/onnx_pb.js';
import { dataTypeOf } from './onnx-dtype.js';
import type { OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from './onnx-model.js';

/** protobuf readers count with signed 32-bit lengths. */
const MAX_MODEL_BYTES = 2 ** 31 - 1;

/**
 * A model as the bytes of an ONNX file. Equal models give equal bytes: attributes and metadata are written in the order
 * of their keys. INPUT_INVALID names what cannot be written: data that does not fit its shape, external data that leads
 * out of the folder, numbers beyond their type, a name used twice, more than 2 GiB inline.
 */
export function encodeOnnxModel(model: OnnxModel): Uint8Array {
  refuseRepeatedNames(model.initializers, model.inputs);
  refuseOversize(model);
  const proto = create(ModelProtoSchema, {
    irVersion: BigInt(model.irVersion),
    opsetImport: model.opsets.map(({ domain, version }) => ({ domain, version: BigInt(version) })),
    producerName: model.producerName,
    producerVersion: model.producerVersion,
    graph: {
      name: model.graphName,
      node: model.nodes.map(encodeNode),
      initializer: model.initializers.map(encodeOnnxTensor),
      input: model.inputs.map(encodeValue),
      output: model.outputs.map(encodeValue),
    },
    metadataProps: sortedEntries(model.metadata).map(([key, value]) => keyValue(key, value)),
  });
  return toBinary(ModelProtoSchema, proto);
}

function encodeNode(node: OnnxNode): MessageInitShape<typeof NodeProtoSchema> {
  return {
    ...(node.name === '' ? {} : { name: node.name }),
    opType: node.opType,
    ...(node.domain === '' ? {} : { domain: node.domain }),
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: sortedEntries(node.attributes).map(([name, value]) => encodeOnnxAttribute(name, value, node.name)),
  };
}

function encodeValue(value: OnnxValue): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = value.dims.map((dimension) => {
    if (typeof dimension === 'string') {
      // An empty name is a dimension about which nothing is known.
      return dimension === '' ? {} : { value: { case: 'dimParam' as const, value: dimension } };
    }
    if (elementCount([dimension]) === undefined) {
      throw new IsovecError(
        'INPUT_INVALID',
        `The value ${quote(value.name)} has the impossible dimension ${dimension}.`,
      );
    }
    return { value: { case: 'dimValue' as const, value: BigInt(dimension) } };
  });
  return {
    name: value.name,
    type: { value: { case: 'tensorType', value: { elemType: dataTypeOf(value.dtype), shape: { dim } } } },
  };
}

function keyValue(key: string, value: string): MessageInitShape<typeof StringStringEntryProtoSchema> {
  return { key, value };
}

function sortedEntries<Value>(record: Readonly<Record<string, Value>>): [string, Value][] {
  return Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1));
}

function refuseRepeatedNames(initializers: readonly OnnxTensor[], inputs: readonly OnnxValue[]): void {
  const names = new Set<string>();
  for (const { name } of [...inputs, ...initializers]) {
    if (names.has(name)) {
      throw new IsovecError('INPUT_INVALID', `Two inputs or initializers of the graph have the name ${quote(name)}.`);
    }
    names.add(name);
  }
}

function refuseOversize(model: OnnxModel): void {
  let inline = 0;
  for (const { data } of model.initializers) if (data.kind === 'inline') inline += data.bytes.byteLength;
  if (inline > MAX_MODEL_BYTES) {
    throw new IsovecError(
      'INPUT_INVALID',
      `The model holds ${inline} bytes of inline weights; an ONNX file ends at 2 GiB. Use external data.`,
    );
  }
}
