import type { OnnxModel, OnnxTensorData } from '../formats/onnx/onnx-model.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { EncoderParameters, LinearParameters, MatrixParameter } from './encoder-parameters.js';
import { floatEncoder } from './graph/float-encoder.js';
import { GraphBuilder } from './graph/graph-builder.js';
import { encoderLayer } from './graph/transformer.js';
import { exactLengthAttention, floatLinear, NATIVE_IR_VERSION, NATIVE_OPSET } from './native-graph.js';
import { PRODUCER } from './producer.js';

/** Names of the inputs and outputs of a graph of one layer. */
export const LAYER_VALUES = {
  /** float32 [T, hidden]: the residual stream of B texts of one length S, one after the other; T = B x S. */
  hidden: 'hidden',
  /** int64 [3]: B, S, hidden size. */
  shape: 'shape',
  /** float32 [T, hidden]: what goes into the attention output. */
  context: 'context',
  /** float32 [T, hidden]: what goes into the first feed-forward layer. */
  attended: 'attended',
  /** float32 [T, intermediate]: what goes into the second one. */
  activated: 'activated',
  /** float32 [T, hidden]: the residual stream after the layer. */
  output: 'output',
} as const;

/**
 * Writes the native graph of one layer alone, which also gives what goes into its linear layers. Layer after layer, an
 * encoder of any size can be observed with the weights and activations of one of them in memory.
 */
export function buildLayerGraph(
  parameters: EncoderParameters,
  index: number,
  place: (matrix: MatrixParameter) => OnnxTensorData,
): OnnxModel {
  const { shape } = parameters;
  const layer = parameters.layers[index];
  const graph = new GraphBuilder();
  const table = (matrix: MatrixParameter): string =>
    graph.initializer(matrix.name, 'float32', matrix.tensor.shape, place(matrix));
  const inputs = new Map<LinearParameters, string>();
  const linear = (input: string, parametersOfLinear: LinearParameters): string => {
    inputs.set(parametersOfLinear, input);
    return floatLinear(graph, input, parametersOfLinear, table);
  };
  const hidden = graph.input(LAYER_VALUES.hidden, 'float32', ['tokens', shape.hiddenSize]);
  const dimensions = graph.input(LAYER_VALUES.shape, 'int64', [3]);
  const blocks = floatEncoder(graph, parameters, { opset: NATIVE_OPSET, linear, table }).layers[index];
  if (layer === undefined || blocks === undefined) throw new IsovecError('INTERNAL', `There is no layer ${index}.`);
  const attention = exactLengthAttention(graph, shape, dimensions);
  const output = graph.scope(`layer.${index}`, () => encoderLayer(graph, shape, blocks, index, hidden, attention));
  const give = (name: string, value: string | undefined, width: number): void => {
    if (value === undefined) throw new IsovecError('INTERNAL', `The layer has no ${name}.`);
    graph.op(name, 'Identity', [value], { output: name });
    graph.output(name, 'float32', ['tokens', width]);
  };
  give(LAYER_VALUES.context, inputs.get(layer.attentionOutput), shape.hiddenSize);
  give(LAYER_VALUES.attended, inputs.get(layer.intermediate), shape.hiddenSize);
  give(LAYER_VALUES.activated, inputs.get(layer.output), shape.intermediateSize);
  give(LAYER_VALUES.output, output, shape.hiddenSize);
  return {
    irVersion: NATIVE_IR_VERSION,
    opsets: [{ domain: '', version: NATIVE_OPSET }],
    ...PRODUCER,
    graphName: 'isovec-layer',
    nodes: graph.nodes,
    initializers: graph.initializers,
    inputs: graph.inputs,
    outputs: graph.outputs,
    metadata: {},
  };
}
