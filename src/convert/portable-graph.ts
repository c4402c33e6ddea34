import type { OnnxModel, OnnxTensorData } from '../formats/onnx/onnx-model.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { EncoderParameters, LinearParameters, MatrixParameter } from './encoder-parameters.js';
import { afterTransformer, vectorWidth } from './graph/after-transformer.js';
import { floatEncoder } from './graph/float-encoder.js';
import { GraphBuilder } from './graph/graph-builder.js';
import { maskedPooling } from './graph/masked-pooling.js';
import { transformer } from './graph/transformer.js';
import type { ModuleParameters } from './module-parameters.js';
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

/** Where a portable file keeps a large weight: `transposed` ones are stored as [in, out]. */
export type PortablePlacement = (matrix: MatrixParameter, transposed: boolean) => OnnxTensorData;

/**
 * Writes a self-contained graph for other tools: standard operators only, dynamic batch and sequence axes, a padding
 * mask. Inputs `input_ids`, `attention_mask`, `token_type_ids` (int64 [batch, sequence]); outputs `last_hidden_state`
 * (float32 [batch, sequence, hidden]) and `sentence_embedding` (float32 [batch, dimensions]).
 */
export function buildPortableGraph(
  parameters: EncoderParameters,
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
  const { hiddenSize, vocabularySize, heads, positions, tokenTypes } = parameters.shape;
  const linear = (input: string, { weight, bias }: LinearParameters): string => {
    const [out = 0, inner = 0] = weight.tensor.shape;
    const matrix = graph.initializer(weight.name, 'float32', [inner, out], place(weight, true));
    const product = graph.op('product', 'MatMul', [input, matrix]);
    if (bias === undefined) return product;
    return graph.op('linear', 'Add', [product, graph.floats(`${weight.name}.bias`, [bias.length], bias)]);
  };

  const tokens = ['batch', 'sequence'];
  const ids = graph.input('input_ids', 'int64', tokens);
  const mask = graph.input('attention_mask', 'int64', tokens);
  const types = graph.input('token_type_ids', 'int64', tokens);
  const encoder = floatEncoder(graph, parameters, {
    opset,
    linear,
    table: ({ name }) =>
      graph.initializer(name, 'float32', [vocabularySize, hiddenSize], place(parameters.words, false)),
  });
  const embedded = graph.scope('embeddings', () => {
    const positionTable = graph.floats('embeddings.positions', [positions, hiddenSize], parameters.positions);
    const typeTable = graph.floats('embeddings.token_types', [tokenTypes, hiddenSize], parameters.tokenTypes);
    const length = graph.op('length', 'Shape', [ids], { attributes: { start: 1, end: 2 } });
    const rows = graph.op('positions', 'Slice', [positionTable, graph.integers([0]), length, graph.integers([0])]);
    const words = encoder.words(ids);
    const segments = graph.op('token_types', 'Gather', [typeTable, types]);
    return graph.op('sum', 'Add', [graph.op('segments', 'Add', [words, segments]), rows]);
  });
  const weights = graph.op('mask.float', 'Cast', [mask], { attributes: { to: ONNX_FLOAT } });
  const bias = graph.scope('mask', () => {
    const absent = graph.op('absent', 'Sub', [graph.scalar(1), weights]);
    const scores = graph.op('scores', 'Mul', [absent, graph.scalar(MASKED)]);
    return graph.op('bias', 'Unsqueeze', [scores, graph.integers([1, 2])]);
  });

  const headSize = hiddenSize / heads;
  const split = graph.integers([0, 0, heads, headSize]);
  const merged = graph.integers([0, 0, hiddenSize]);
  const last = transformer(graph, encoder, embedded, ({ query, key, value }) => {
    const byHead = (name: string, input: string, perm: readonly number[]): string =>
      graph.op(`${name}.heads`, 'Transpose', [graph.op(`${name}.split`, 'Reshape', [input, split])], {
        attributes: { perm },
      });
    const keys = byHead('key', key, [0, 2, 3, 1]);
    const raw = graph.op('scores', 'MatMul', [byHead('query', query, [0, 2, 1, 3]), keys]);
    const scaled = graph.op('scores.scaled', 'Mul', [raw, graph.scalar(1 / Math.sqrt(headSize))]);
    const masked = graph.op('scores.masked', 'Add', [scaled, bias]);
    const probabilities = graph.op('probabilities', 'Softmax', [masked], { attributes: { axis: -1 } });
    const context = graph.op('context', 'MatMul', [probabilities, byHead('value', value, [0, 2, 1, 3])]);
    const rows = graph.op('context.rows', 'Transpose', [context], { attributes: { perm: [0, 2, 1, 3] } });
    return graph.op('context.merged', 'Reshape', [rows, merged]);
  });
  graph.op('last_hidden_state', 'Identity', [last], { output: 'last_hidden_state' });
  graph.output('last_hidden_state', 'float32', ['batch', 'sequence', hiddenSize]);

  const vector = afterTransformer(graph, modules, opset, {
    linear,
    pool: ({ modes }) => graph.scope('pooling', () => maskedPooling(graph, last, weights, modes)),
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

/** TensorProto.DataType.FLOAT, the target of Cast. */
const ONNX_FLOAT = 1;
