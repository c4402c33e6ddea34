import type { OnnxModel, OnnxTensorData } from '../formats/onnx/onnx-model.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { LinearParameters, MatrixParameter } from './encoder-parameters.js';
import { afterTransformer, vectorWidth } from './graph/after-transformer.js';
import { floatEncoder } from './graph/float-encoder.js';
import { GraphBuilder } from './graph/graph-builder.js';
import { int8Encoder, type IntegerProduct } from './graph/int8-encoder.js';
import { maskedPooling } from './graph/masked-pooling.js';
import { transformer } from './graph/transformer.js';
import type { ModuleParameters } from './module-parameters.js';
import type { GraphEncoder } from './native-graph.js';
import { PRODUCER } from './producer.js';

/** Opset of portable files unless another is asked for: what most tools of the field read. */
export const DEFAULT_PORTABLE_OPSET = 18;

/** Lowest IR version of each operator set that a portable file can be written for. */
const IR_VERSIONS: Readonly<Record<number, number>> = {
  18: 8,
  19: 9,
  20: 9,
  21: 10,
  22: 10,
  23: 11,
  24: 12,
  25: 12,
  26: 13,
};

/** Most negative float32: what Hugging Face adds to the score of a masked token. */
const MASKED = -3.4028234663852886e38;

/** Where a portable file keeps its large weights. */
export interface PortablePlacement {
  /** A float32 weight; `transposed` ones are stored as [in, out]. */
  floats(matrix: MatrixParameter, transposed: boolean): OnnxTensorData;
  /** An int8 tensor. */
  bytes(name: string, values: Int8Array): OnnxTensorData;
}

/**
 * Writes a self-contained graph for other tools: standard operators only, dynamic batch and sequence axes, a padding
 * mask. An int8 encoder keeps its hidden states flat, [batch x sequence, hidden], up to the outputs. Inputs `input_ids`, `attention_mask`, `token_type_ids` (int64 [batch, sequence]); outputs `last_hidden_state`
 * (float32 [batch, sequence, hidden]) and `sentence_embedding` (float32 [batch, dimensions]).
 */
export function buildPortableGraph(
  source: GraphEncoder,
  modules: readonly ModuleParameters[],
  place: PortablePlacement,
  opset: number = DEFAULT_PORTABLE_OPSET,
): OnnxModel {
  const irVersion = IR_VERSIONS[opset];
  if (irVersion === undefined) {
    const known = Object.keys(IR_VERSIONS).join(', ');
    throw new IsovecError('CONFIG_INVALID', `ONNX opset ${opset} cannot be written; choose one of ${known}.`);
  }
  const graph = new GraphBuilder();
  const { hiddenSize, vocabularySize, heads, positions, tokenTypes } = source.encoder.shape;
  const linear = (input: string, { weight, bias }: LinearParameters): string => {
    const [out = 0, inner = 0] = weight.tensor.shape;
    const matrix = graph.initializer(weight.name, 'float32', [inner, out], place.floats(weight, true));
    const product = graph.op('product', 'MatMul', [input, matrix]);
    if (bias === undefined) return product;
    return graph.op('linear', 'Add', [product, graph.floats(`${weight.name}.bias`, [bias.length], bias)]);
  };

  const tokens = ['batch', 'sequence'];
  const ids = graph.input('input_ids', 'int64', tokens);
  const mask = graph.input('attention_mask', 'int64', tokens);
  const types = graph.input('token_type_ids', 'int64', tokens);
  const encoder =
    source.dtype === 'float32'
      ? floatEncoder(graph, source.encoder, {
          opset,
          linear,
          table: (words) =>
            graph.initializer(words.name, 'float32', [vocabularySize, hiddenSize], place.floats(words, false)),
        })
      : int8Encoder(graph, source.encoder, {
          opset,
          product: (product) => integerProduct(graph, product),
          place: (name, values) => place.bytes(name, values),
        });
  const embedded = graph.scope('embeddings', () => {
    const positionTable = graph.floats('embeddings.positions', [positions, hiddenSize], encoder.positions);
    const typeTable = graph.floats('embeddings.token_types', [tokenTypes, hiddenSize], encoder.tokenTypes);
    const length = graph.op('length', 'Shape', [ids], { attributes: { start: 1, end: 2 } });
    const rows = graph.op('positions', 'Slice', [positionTable, graph.integers([0]), length, graph.integers([0])]);
    const words = encoder.words(ids);
    const segments = graph.op('token_types', 'Gather', [typeTable, types]);
    const sum = graph.op('sum', 'Add', [graph.op('segments', 'Add', [words, segments]), rows]);
    return source.dtype === 'float32' ? sum : graph.op('flat', 'Reshape', [sum, graph.integers([-1, hiddenSize])]);
  });
  const weights = graph.op('mask.float', 'Cast', [mask], { attributes: { to: ONNX_FLOAT } });
  const bias = graph.scope('mask', () => {
    const absent = graph.op('absent', 'Sub', [graph.scalar(1), weights]);
    const scores = graph.op('scores', 'Mul', [absent, graph.scalar(MASKED)]);
    return graph.op('bias', 'Unsqueeze', [scores, graph.integers([1, 2])]);
  });

  const headSize = hiddenSize / heads;
  const layout =
    source.dtype === 'float32' ? batchLayout(graph, heads, headSize) : flatLayout(graph, ids, heads, headSize);
  const last = transformer(graph, encoder, embedded, ({ query, key, value }) => {
    const byHead = (name: string, input: string, perm: readonly number[]): string =>
      graph.op(`${name}.heads`, 'Transpose', [graph.op(`${name}.split`, 'Reshape', [input, layout.split])], {
        attributes: { perm },
      });
    const keys = byHead('key', key, [0, 2, 3, 1]);
    const raw = graph.op('scores', 'MatMul', [byHead('query', query, [0, 2, 1, 3]), keys]);
    const scaled = graph.op('scores.scaled', 'Mul', [raw, graph.scalar(1 / Math.sqrt(headSize))]);
    const masked = graph.op('scores.masked', 'Add', [scaled, bias]);
    const probabilities = graph.op('probabilities', 'Softmax', [masked], { attributes: { axis: -1 } });
    const context = graph.op('context', 'MatMul', [probabilities, byHead('value', value, [0, 2, 1, 3])]);
    const rows = graph.op('context.rows', 'Transpose', [context], { attributes: { perm: [0, 2, 1, 3] } });
    return graph.op('context.merged', 'Reshape', [rows, layout.merged]);
  });
  if (layout.batched === undefined) graph.op('last_hidden_state', 'Identity', [last], { output: 'last_hidden_state' });
  else graph.op('last_hidden_state', 'Reshape', [last, layout.batched], { output: 'last_hidden_state' });
  graph.output('last_hidden_state', 'float32', ['batch', 'sequence', hiddenSize]);

  const vector = afterTransformer(graph, modules, opset, {
    linear,
    pool: ({ modes }) => graph.scope('pooling', () => maskedPooling(graph, 'last_hidden_state', weights, modes)),
  });
  graph.op('sentence_embedding', 'Identity', [vector], { output: 'sentence_embedding' });
  graph.output('sentence_embedding', 'float32', ['batch', vectorWidth(hiddenSize, modules)]);
  return {
    irVersion,
    opsets: [{ domain: '', version: opset }],
    ...PRODUCER,
    graphName: 'isovec-portable',
    nodes: graph.nodes,
    initializers: graph.initializers,
    inputs: graph.inputs,
    outputs: graph.outputs,
    metadata: {},
  };
}

/** Shapes between hidden states and the heads of attention [batch, sequence, heads, head size]. */
interface HiddenLayout {
  readonly split: string;
  readonly merged: string;
  /** From hidden states to [batch, sequence, hidden]; undefined where they are so already. */
  readonly batched: string | undefined;
}

/** Hidden states are [batch, sequence, hidden]: 0 keeps an axis as it is. */
function batchLayout(graph: GraphBuilder, heads: number, headSize: number): HiddenLayout {
  return {
    split: graph.integers([0, 0, heads, headSize]),
    merged: graph.integers([0, 0, heads * headSize]),
    batched: undefined,
  };
}

/** Hidden states are [batch x sequence, hidden]: the axes are those of the ids. */
function flatLayout(graph: GraphBuilder, ids: string, heads: number, headSize: number): HiddenLayout {
  return graph.scope('layout', () => {
    const axes = graph.op('axes', 'Shape', [ids]);
    const join = (name: string, inner: readonly number[]): string =>
      graph.op(name, 'Concat', [axes, graph.integers(inner)], { attributes: { axis: 0 } });
    return {
      split: join('split', [heads, headSize]),
      merged: graph.integers([-1, heads * headSize]),
      batched: join('batched', [heads * headSize]),
    };
  });
}

/** The product in standard operators; ONNX Runtime fuses them. */
function integerProduct(graph: GraphBuilder, { input, weight, values, scale, bias }: IntegerProduct): string {
  const sum = graph.op('sum', 'MatMulInteger', [input.values, values, input.zeroPoint]);
  const floats = graph.op('sum.float', 'Cast', [sum], { attributes: { to: ONNX_FLOAT } });
  const scales = graph.floats(
    `${weight.name}.scale`,
    [weight.columns],
    weight.scales.map((one) => one * scale),
  );
  const product = graph.op('product', 'Mul', [floats, scales]);
  if (bias === undefined) return product;
  return graph.op('linear', 'Add', [product, graph.floats(`${weight.name}.bias`, [bias.length], bias)]);
}

/** TensorProto.DataType.FLOAT, the target of Cast. */
const ONNX_FLOAT = 1;
