import { quote } from '../quote.js';
import { decodeOnnxAttribute } from './decode-onnx-attribute.js';
import { decodeOnnxTensor } from './decode-onnx-tensor.js';
import {
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type ValueInfoProto,
  Version,
} from './generated/onnx/onnx_pb.js';
import { dataTypeName, dtypeOfDataType } from './onnx-dtype.js';
import type { OnnxModel, OnnxNode, OnnxValue } from './onnx-model.js';
import { onnxError, readModelProto } from './read-model-proto.js';
import { toSafeInteger } from './to-safe-integer.js';

/** The latest version that proto/onnx/onnx.proto describes: a later file may hold what its reader would drop. */
const LATEST_IR_VERSION: number = Version.IR_VERSION;

/**
 * An ONNX file as plain values. What {@link OnnxModel} does not hold and what changes the result (subgraphs, functions,
 * sparse tensors, sequences, other element types) is FORMAT_INVALID, naming it; notes that change nothing (doc strings,
 * intermediate shapes, the model's version) are left out. Inline tensors are views of `bytes` where possible.
 */
export function decodeOnnxModel(bytes: Uint8Array, file = 'The ONNX model'): OnnxModel {
  const { proto, graph } = readModelProto(bytes, file);
  const fail = (rule: string): Error => onnxError(file, rule);
  refuseUnmodelled(proto, graph, fail);
  const irVersion = toSafeInteger(proto.irVersion);
  if (irVersion === undefined || irVersion < 1 || irVersion > LATEST_IR_VERSION) {
    throw fail(`has the IR version ${proto.irVersion.toString()}; 1 to ${LATEST_IR_VERSION} are known`);
  }
  const initializers = graph.initializer.map((tensor) => decodeOnnxTensor(tensor, 'initializer', fail));
  const inputs = graph.input.map((value) => decodeValue(value, fail));
  refuseRepeats(
    'input or initializer',
    [...inputs, ...initializers].map(({ name }) => name),
    fail,
  );
  refuseRepeats(
    'metadata key',
    proto.metadataProps.map(({ key }) => key),
    fail,
  );
  return {
    irVersion,
    opsets: proto.opsetImport.map(({ domain, version }) => {
      const number = toSafeInteger(version);
      if (number === undefined) throw fail(`imports an impossible version of operator set ${quote(domain)}`);
      return { domain, version: number };
    }),
    producerName: proto.producerName,
    producerVersion: proto.producerVersion,
    graphName: graph.name,
    nodes: graph.node.map((node) => decodeNode(node, fail)),
    initializers,
    inputs,
    outputs: graph.output.map((value) => decodeValue(value, fail)),
    metadata: Object.fromEntries(proto.metadataProps.map(({ key, value }) => [key, value])),
  };
}

type Fail = (rule: string) => Error;

function refuseUnmodelled(proto: ModelProto, graph: GraphProto, fail: Fail): void {
  const parts: readonly (readonly [string, readonly unknown[]])[] = [
    ['functions', proto.functions],
    ['training information', proto.trainingInfo],
    ['device configurations', proto.configuration],
    ['sparse initializers', graph.sparseInitializer],
    ['quantization annotations', graph.quantizationAnnotation],
  ];
  for (const [what, items] of parts) if (items.length > 0) throw fail(`holds ${what}, which isovec does not model`);
}

function decodeNode(node: NodeProto, fail: Fail): OnnxNode {
  const label = `node ${quote(node.name)} (${quote(node.opType)})`;
  if (node.overload !== '') throw fail(`has an overloaded function call in ${label}, which isovec does not model`);
  refuseRepeats(
    `attribute of ${label}`,
    node.attribute.map(({ name }) => name),
    fail,
  );
  return {
    name: node.name,
    opType: node.opType,
    domain: node.domain,
    inputs: node.input,
    outputs: node.output,
    attributes: Object.fromEntries(
      node.attribute.map((attribute) => [attribute.name, decodeOnnxAttribute(attribute, label, fail)]),
    ),
  };
}

function decodeValue(value: ValueInfoProto, fail: Fail): OnnxValue {
  const label = `the value ${quote(value.name)}`;
  const type = value.type?.value;
  if (type?.case !== 'tensorType')
    throw fail(`declares ${label} with a type that is no tensor, which isovec does not model`);
  const { elemType, shape } = type.value;
  const dtype = dtypeOfDataType(elemType);
  if (dtype === undefined) {
    throw fail(`declares ${label} with elements of type ${dataTypeName(elemType)}, which isovec does not model`);
  }
  if (shape === undefined) throw fail(`declares ${label} without a number of dimensions, which isovec does not model`);
  const dims = shape.dim.map((dimension) => {
    if (dimension.value.case !== 'dimValue') return dimension.value.value ?? '';
    const number = toSafeInteger(dimension.value.value);
    if (number === undefined || number < 0) throw fail(`declares ${label} with an impossible dimension`);
    return number;
  });
  return { name: value.name, dtype, dims };
}

function refuseRepeats(what: string, names: readonly string[], fail: Fail): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw fail(`declares the ${what} ${quote(name)} twice`);
    seen.add(name);
  }
}
