import type { OnnxModel, OnnxTensorData } from '../formats/onnx/onnx-model.js';
import { NATIVE_VALUES } from '../models/native-bundle.js';
import type { PoolingModule } from '../models/model-record.js';
import type { EncoderParameters, LinearParameters, MatrixParameter } from './encoder-parameters.js';
import { afterTransformer, vectorWidth } from './graph/after-transformer.js';
import { GraphBuilder } from './graph/graph-builder.js';
import { transformer } from './graph/transformer.js';
import type { ModuleParameters } from './module-parameters.js';
import { PRODUCER } from './producer.js';

/** Operator set of the native graph: the first whose Attention the engine runs without transposes. */
const NATIVE_OPSET = 24;
/** IR version that goes with {@link NATIVE_OPSET}; the engine accepts at most 13. */
const NATIVE_IR_VERSION = 11;

/** Where the native graph finds a large weight, as float32 [out, in] or [rows, columns]. */
export type MatrixPlacement = (matrix: MatrixParameter) => OnnxTensorData;

/**
 * Writes the graph that isovec runs: texts of one exact length, no mask, every linear layer a `Gemm` on the published
 * [out, in] weight. Pooling is a `MatMul` with a row of weights, which gives the same bits for a text alone and in a
 * batch; `ReduceMean` does not.
 */
export function buildNativeGraph(
  parameters: EncoderParameters,
  modules: readonly ModuleParameters[],
  maxSequenceLength: number,
  place: MatrixPlacement,
): OnnxModel {
  const graph = new GraphBuilder();
  const { hiddenSize, vocabularySize, heads } = parameters.shape;
  const matrix = (parameter: MatrixParameter, dims: readonly number[]): string =>
    graph.initializer(parameter.name, 'float32', dims, place(parameter));
  const linear = (input: string, { weight, bias }: LinearParameters): string => {
    const inputs = [input, matrix(weight, weight.tensor.shape)];
    if (bias !== undefined) inputs.push(graph.floats(`${weight.name}.bias`, [bias.length], bias));
    return graph.op('linear', 'Gemm', inputs, { attributes: { transB: 1 } });
  };

  const ids = graph.input(NATIVE_VALUES.ids, 'int32', ['tokens']);
  const positions = graph.input(NATIVE_VALUES.positions, 'int32', ['tokens']);
  const shape = graph.input(NATIVE_VALUES.shape, 'int64', [3]);
  const words = graph.op('embeddings/words', 'Gather', [matrix(parameters.words, [vocabularySize, hiddenSize]), ids]);
  const rows = Math.min(maxSequenceLength, parameters.shape.positions);
  const table = graph.floats('embeddings/position_table', [rows, hiddenSize], positionTable(parameters, rows));
  const embedded = graph.op('embeddings/sum', 'Add', [
    words,
    graph.op('embeddings/positions', 'Gather', [table, positions]),
  ]);
  const flat = graph.integers([-1, hiddenSize]);
  const last = transformer(graph, parameters, embedded, {
    opset: NATIVE_OPSET,
    linear,
    attention(query, key, value) {
      const split = (name: string, input: string): string => graph.op(name, 'Reshape', [input, shape]);
      const attributes = { q_num_heads: heads, kv_num_heads: heads };
      const inputs = [split('query.split', query), split('key.split', key), split('value.split', value)];
      return graph.op('merge', 'Reshape', [graph.op('attention', 'Attention', inputs, { attributes }), flat]);
    },
  });
  graph.op('last_hidden_state', 'Identity', [last], { output: NATIVE_VALUES.hidden });
  graph.output(NATIVE_VALUES.hidden, 'float32', ['tokens', hiddenSize]);

  const hidden = graph.op('hidden', 'Reshape', [last, shape]);
  const vector = afterTransformer(graph, modules, NATIVE_OPSET, {
    linear,
    pool: (pooling) => graph.scope('pooling', () => pool(graph, hidden, pooling, hiddenSize)),
  });
  graph.op('embeddings', 'Identity', [vector], { output: NATIVE_VALUES.embeddings });
  graph.output(NATIVE_VALUES.embeddings, 'float32', ['batch', vectorWidth(hiddenSize, modules)]);
  return {
    irVersion: NATIVE_IR_VERSION,
    opsets: [{ domain: '', version: NATIVE_OPSET }],
    ...PRODUCER,
    graphName: 'isovec-native',
    nodes: graph.nodes,
    initializers: graph.initializers,
    inputs: graph.inputs,
    outputs: graph.outputs,
    metadata: {},
  };
}

/** Position rows with the row of token type 0 added: every text is of one segment. */
function positionTable({ shape, positions, tokenTypes }: EncoderParameters, rows: number): Float32Array {
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
