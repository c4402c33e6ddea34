import {
  type GraphProto,
  type NodeProto,
  type TensorProto,
  TensorProto_DataLocation,
  type ValueInfoProto,
} from './generated/onnx/onnx_pb.js';
import { dataTypeName } from './onnx-dtype.js';
import { readModelProto } from './read-model-proto.js';
import { tensorBytes } from './tensor-bytes.js';

/** A graph input or output, of any kind that ONNX knows. */
export interface OnnxValueSummary {
  readonly name: string;
  /** Element type of a tensor, e.g. 'float32' or 'float8e4m3fn'; else 'sequence', 'map', 'optional', ... */
  readonly type: string;
  /** Dimensions of a tensor: a number, a symbolic name, or '' where nothing is known; undefined if the rank is not. */
  readonly dims: readonly (number | string)[] | undefined;
}

/** What an ONNX file holds, read without its external data. */
export interface OnnxSummary {
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly graphName: string;
  /** Version by domain; '' is the standard operator set. */
  readonly opsets: ReadonlyMap<string, number>;
  /** Without the inputs that are only defaults of initializers, as old exporters list them. */
  readonly inputs: readonly OnnxValueSummary[];
  readonly outputs: readonly OnnxValueSummary[];
  /** Number of nodes by operator, subgraphs and functions included; other domains as 'domain::Operator'. */
  readonly operators: ReadonlyMap<string, number>;
  /** Weights of all graphs, sparse ones included; bytes as they are stored. */
  readonly initializers: { readonly count: number; readonly inlineBytes: number; readonly externalBytes: number };
  /** Files that hold external data, as the model names them: unchecked, so never open them as they are. */
  readonly externalFiles: readonly string[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** What an ONNX file holds, be it modelled by isovec or not. FORMAT_INVALID, naming `file`, if it is no ONNX model. */
export function inspectOnnxModel(bytes: Uint8Array, file = 'The ONNX model'): OnnxSummary {
  const { proto, graph } = readModelProto(bytes, file);
  const census = new Census();
  census.countGraph(graph);
  for (const { node } of proto.functions) census.countNodes(node);
  for (const { initialization, algorithm } of proto.trainingInfo) {
    for (const part of [initialization, algorithm]) if (part !== undefined) census.countGraph(part);
  }
  const defaults = new Set([
    ...graph.initializer.map(({ name }) => name),
    ...graph.sparseInitializer.map(({ values }) => values?.name),
  ]);
  return {
    irVersion: Number(proto.irVersion),
    producerName: proto.producerName,
    producerVersion: proto.producerVersion,
    graphName: graph.name,
    opsets: new Map(proto.opsetImport.map(({ domain, version }) => [domain, Number(version)])),
    inputs: graph.input.filter(({ name }) => !defaults.has(name)).map(summarizeValue),
    outputs: graph.output.map(summarizeValue),
    operators: new Map([...census.operators].sort(([left], [right]) => (left < right ? -1 : 1))),
    initializers: {
      count: census.initializers,
      inlineBytes: census.inlineBytes,
      externalBytes: census.externalBytes,
    },
    externalFiles: [...census.externalFiles].sort(),
    metadata: new Map(proto.metadataProps.map(({ key, value }) => [key, value])),
  };
}

class Census {
  readonly operators = new Map<string, number>();
  readonly externalFiles = new Set<string>();
  initializers = 0;
  inlineBytes = 0;
  externalBytes = 0;

  countGraph(graph: GraphProto): void {
    for (const tensor of graph.initializer) this.countInitializer(tensor);
    for (const { values, indices } of graph.sparseInitializer) {
      if (values !== undefined) this.countInitializer(values);
      if (indices !== undefined) this.countBytes(indices);
    }
    this.countNodes(graph.node);
  }

  /** Recursion is bounded by the depth limit of the protobuf reader. */
  countNodes(nodes: readonly NodeProto[]): void {
    for (const { domain, opType, attribute } of nodes) {
      const operator = domain === '' || domain === 'ai.onnx' ? opType : `${domain}::${opType}`;
      this.operators.set(operator, (this.operators.get(operator) ?? 0) + 1);
      for (const { g, graphs, t, tensors } of attribute) {
        if (g !== undefined) this.countGraph(g);
        for (const inner of graphs) this.countGraph(inner);
        for (const tensor of t === undefined ? tensors : [t, ...tensors]) this.noteLocation(tensor);
      }
    }
  }

  private countInitializer(tensor: TensorProto): void {
    this.initializers++;
    this.countBytes(tensor);
  }

  private countBytes(tensor: TensorProto): void {
    if (tensor.dataLocation === TensorProto_DataLocation.EXTERNAL) this.externalBytes += tensorBytes(tensor);
    else this.inlineBytes += tensorBytes(tensor);
    this.noteLocation(tensor);
  }

  private noteLocation(tensor: TensorProto): void {
    if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) return;
    const location = tensor.externalData.find(({ key }) => key === 'location')?.value;
    if (location !== undefined) this.externalFiles.add(location);
  }
}

function summarizeValue(value: ValueInfoProto): OnnxValueSummary {
  const { name } = value;
  const type = value.type?.value;
  switch (type?.case) {
    case 'tensorType':
    case 'sparseTensorType': {
      const prefix = type.case === 'tensorType' ? '' : 'sparse ';
      const dims = type.value.shape?.dim.map(({ value: dimension }) =>
        dimension.case === 'dimValue' ? Number(dimension.value) : (dimension.value ?? ''),
      );
      return { name, type: prefix + dataTypeName(type.value.elemType), dims };
    }
    case 'sequenceType':
    case 'mapType':
    case 'optionalType':
    case 'opaqueType':
      return { name, type: type.case.slice(0, -'Type'.length), dims: undefined };
    case undefined:
      return { name, type: 'unknown', dims: undefined };
  }
}
