import type { OnnxModel } from '../../formats/onnx/onnx-model.js';
import { GraphBuilder } from '../graph/graph-builder.js';
import { NATIVE_IR_VERSION, NATIVE_OPSET } from '../native-graph.js';
import { PRODUCER } from '../producer.js';

/** Names of the input and output of {@link buildGramGraph}. */
export const GRAM_VALUES = {
  /** float32 [T, width]. */
  rows: 'rows',
  /** float64 [width, width]. */
  gram: 'gram',
} as const;

/** Writes a graph that gives X^T X, multiplied and added in float64. */
export function buildGramGraph(width: number): OnnxModel {
  const graph = new GraphBuilder();
  const rows = graph.input(GRAM_VALUES.rows, 'float32', ['tokens', width]);
  const double = graph.op('double', 'Cast', [rows], { attributes: { to: FLOAT64 } });
  graph.op('product', 'Gemm', [double, double], { attributes: { transA: 1 }, output: GRAM_VALUES.gram });
  graph.output(GRAM_VALUES.gram, 'float64', [width, width]);
  return {
    irVersion: NATIVE_IR_VERSION,
    opsets: [{ domain: '', version: NATIVE_OPSET }],
    ...PRODUCER,
    graphName: 'isovec-gram',
    nodes: graph.nodes,
    initializers: graph.initializers,
    inputs: graph.inputs,
    outputs: graph.outputs,
    metadata: {},
  };
}

/** TensorProto.DataType.DOUBLE. */
const FLOAT64 = 11;
