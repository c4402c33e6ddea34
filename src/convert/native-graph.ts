import type { OnnxModel, OnnxTensorData } from '../formats/onnx/onnx-model.js';
import { NATIVE_VALUES } from '../models/native-bundle.js';
import type { PoolingModule } from '../models/model-record.js';
import type { EncoderShape } from './architectures/architecture.js';
import type { EncoderParameters, LinearParameters, MatrixParameter } from './encoder-parameters.js';
import { afterTransformer, vectorWidth } from './graph/after-transformer.js';
import { l2Normalize } from './graph/blocks.js';
import { floatEncoder } from './graph/float-encoder.js';
import { GraphBuilder } from './graph/graph-builder.js';
import { int8Encoder, type IntegerProduct } from './graph/int8-encoder.js';
import { type AttentionBlock, type EncoderBlocks, transformer } from './graph/transformer.js';
import type { ModuleParameters } from './module-parameters.js';
import { PRODUCER } from './producer.js';
import type { QuantizedEncoder } from './quantize/quantized-encoder.js';

/** Operator set of the native graph: the first whose Attention the engine runs without transposes. */
export const NATIVE_OPSET = 24;
/** IR version that goes with {@link NATIVE_OPSET}; the engine accepts at most 13. */
export const NATIVE_IR_VERSION = 11;

/** ONNX Runtime's own operators, of which int8 needs the integer product. */
const ENGINE_DOMAIN = 'com.microsoft';

/** Where the native graph finds its large weights. */
export interface NativePlacement {
  /** A float32 weight [out, in] or [rows, columns]. */
  floats(matrix: MatrixParameter): OnnxTensorData;
  /** An int8 tensor. */
  bytes(name: string, values: Int8Array): OnnxTensorData;
}

/** The encoder of a graph, in the arithmetic of its linear layers. */
export type GraphEncoder =
  | { readonly dtype: 'float32'; readonly encoder: EncoderParameters }
  | { readonly dtype: 'int8'; readonly encoder: QuantizedEncoder };

/**
 * Writes the graph that isovec runs: texts of one exact length, no mask. Every float32 linear layer is a `Gemm` on the
 * published [out, in] weight, every int8 one a `MatMulIntegerToFloat`; the steps after the transformer are float32.
 * Pooling is a `MatMul` with a row of weights, which gives the same bits for a text alone and in a batch; `ReduceMean`
 * does not.
 */
export function buildNativeGraph(
  source: GraphEncoder,
  modules: readonly ModuleParameters[],
  maxSequenceLength: number,
  place: NativePlacement,
): OnnxModel {
  const graph = new GraphBuilder();
  const matrix = (parameter: MatrixParameter): string =>
    graph.initializer(parameter.name, 'float32', parameter.tensor.shape, place.floats(parameter));
  const linear = (input: string, parameters: LinearParameters): string => floatLinear(graph, input, parameters, matrix);
  const encoder =
    source.dtype === 'float32'
      ? floatEncoder(graph, source.encoder, { opset: NATIVE_OPSET, linear, table: matrix })
      : int8Encoder(graph, source.encoder, {
          opset: NATIVE_OPSET,
          product: (product) => integerProduct(graph, product),
          place: (name, values) => place.bytes(name, values),
        });
  const { hiddenSize } = encoder.shape;

  const ids = graph.input(NATIVE_VALUES.ids, 'int32', ['tokens']);
  const positions = graph.input(NATIVE_VALUES.positions, 'int32', ['tokens']);
  const shape = graph.input(NATIVE_VALUES.shape, 'int64', [3]);
  const embedded = graph.scope('embeddings', () => {
    const words = encoder.words(ids);
    const rows = Math.min(maxSequenceLength, encoder.shape.positions);
    const table = graph.floats('embeddings/position_table', [rows, hiddenSize], positionTable(encoder, rows));
    return graph.op('sum', 'Add', [words, graph.op('positions', 'Gather', [table, positions])]);
  });
  const last = transformer(graph, encoder, embedded, exactLengthAttention(graph, encoder.shape, shape));
  graph.op('last_hidden_state', 'Identity', [last], { output: NATIVE_VALUES.hidden });
  graph.output(NATIVE_VALUES.hidden, 'float32', ['tokens', hiddenSize]);

  const hidden = graph.op('hidden', 'Reshape', [last, shape]);
  const normalizes = modules.at(-1)?.kind === 'normalize';
  const raw = afterTransformer(graph, normalizes ? modules.slice(0, -1) : modules, NATIVE_OPSET, {
    linear,
    pool: (pooling) => graph.scope('pooling', () => pool(graph, hidden, pooling, hiddenSize)),
  });
  if (normalizes) {
    graph.op('unnormalized', 'Identity', [raw], { output: NATIVE_VALUES.unnormalized });
    graph.output(NATIVE_VALUES.unnormalized, 'float32', ['batch', vectorWidth(hiddenSize, modules)]);
  }
  const vector = normalizes ? l2Normalize(graph, raw) : raw;
  graph.op('embeddings', 'Identity', [vector], { output: NATIVE_VALUES.embeddings });
  graph.output(NATIVE_VALUES.embeddings, 'float32', ['batch', vectorWidth(hiddenSize, modules)]);
  return {
    irVersion: NATIVE_IR_VERSION,
    opsets: [
      { domain: '', version: NATIVE_OPSET },
      ...(source.dtype === 'int8' ? [{ domain: ENGINE_DOMAIN, version: 1 }] : []),
    ],
    ...PRODUCER,
    graphName: 'isovec-native',
    nodes: graph.nodes,
    initializers: graph.initializers,
    inputs: graph.inputs,
    outputs: graph.outputs,
    metadata: {},
  };
}

/** A `Gemm` on the published [out, in] weight, whose initialiser `matrix` gives. */
export function floatLinear(
  graph: GraphBuilder,
  input: string,
  { weight, bias }: LinearParameters,
  matrix: (parameter: MatrixParameter) => string,
): string {
  const inputs = [input, matrix(weight)];
  if (bias !== undefined) inputs.push(graph.floats(`${weight.name}.bias`, [bias.length], bias));
  return graph.op('linear', 'Gemm', inputs, { attributes: { transB: 1 } });
}

/** Attention of flat tokens [T, hidden] that are texts of one length; `shape` is [B, S, hidden]. No mask is needed. */
export function exactLengthAttention(
  graph: GraphBuilder,
  { hiddenSize, heads }: EncoderShape,
  shape: string,
): AttentionBlock {
  return ({ query, key, value }) => {
    const split = (name: string, input: string): string => graph.op(name, 'Reshape', [input, shape]);
    const attributes = { q_num_heads: heads, kv_num_heads: heads };
    const inputs = [split('query.split', query), split('key.split', key), split('value.split', value)];
    const attended = graph.op('attention', 'Attention', inputs, { attributes });
    return graph.op('merge', 'Reshape', [attended, graph.integers([-1, hiddenSize])]);
  };
}

/** The engine's fused kernel: product, scales and bias in one pass over the result. */
function integerProduct(graph: GraphBuilder, { input, weight, values, scale, bias }: IntegerProduct): string {
  const scales = graph.floats(`${weight.name}.scale`, [weight.columns], weight.scales);
  // The weight has no zero point.
  const inputs = [input.values, values, graph.scalar(scale), scales, input.zeroPoint];
  if (bias !== undefined) inputs.push('', graph.floats(`${weight.name}.bias`, [bias.length], bias));
  return graph.op('product', 'MatMulIntegerToFloat', inputs, { domain: ENGINE_DOMAIN });
}

/** Position rows with the row of token type 0 added: every text is of one segment. */
function positionTable({ shape, positions, tokenTypes }: EncoderBlocks, rows: number): Float32Array {
  const table = new Float32Array(rows * shape.hiddenSize);
  for (let i = 0; i < table.length; i++) table[i] = (positions[i] ?? 0) + (tokenTypes[i % shape.hiddenSize] ?? 0);
  return table;
}

/** [B, S, hidden] to [B, modes x hidden], the modes in their order. */
function pool(
  graph: GraphBuilder,
  hidden: string,
  { modes, includePrompt }: PoolingModule,
  hiddenSize: number,
): string {
  const linearModes = modes.filter((mode) => mode !== 'max').length;
  const parts: string[] = [];
  let linear = '';
  if (linearModes > 0) {
    const weights = graph.input(NATIVE_VALUES.poolingWeights, 'float32', [1, linearModes, 'length']);
    linear = graph.op('weighted', 'MatMul', [weights, hidden]);
  }
  const merged = graph.integers([-1, modes.length * hiddenSize]);
  if (linearModes === modes.length) return graph.op('merge', 'Reshape', [linear, merged]);
  const seen = includePrompt
    ? hidden
    : graph.op('unprompted', 'Slice', [
        hidden,
        graph.input(NATIVE_VALUES.poolingStart, 'int64', [1]),
        graph.integers([Number.MAX_SAFE_INTEGER]),
        graph.integers([1]),
      ]);
  let row = 0;
  for (const mode of modes) {
    if (mode === 'max') {
      parts.push(graph.op('max', 'ReduceMax', [seen, graph.integers([1])], { attributes: { keepdims: 1 } }));
    } else {
      const bounds = [graph.integers([row]), graph.integers([row + 1]), graph.integers([1])];
      parts.push(graph.op(mode, 'Slice', [linear, ...bounds]));
      row++;
    }
  }
  return graph.op('merge', 'Reshape', [graph.op('concat', 'Concat', parts, { attributes: { axis: 1 } }), merged]);
}
