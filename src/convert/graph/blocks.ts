import type { DenseActivation } from '../../models/model-record.js';
import type { Activation } from '../architectures/architecture.js';
import type { NormParameters } from '../encoder-parameters.js';
import { float, type GraphBuilder } from './graph-builder.js';

/** First operator set that holds Gelu. */
const GELU_OPSET = 20;

/** (x - mean) / sqrt(variance + epsilon) * scale + offset over the last axis. */
export function layerNorm(
  graph: GraphBuilder,
  name: string,
  input: string,
  norm: NormParameters,
  epsilon: number,
): string {
  const size = [norm.scale.length];
  const scale = graph.floats(`${name}.weight`, size, norm.scale);
  const offset = graph.floats(`${name}.bias`, size, norm.offset);
  const attributes = { axis: -1, epsilon: float(epsilon) };
  return graph.op('norm', 'LayerNormalization', [input, scale, offset], { attributes });
}

/** An activation, element by element; the exact GELU is written with Erf where the operator set has no Gelu. */
export function activate(
  graph: GraphBuilder,
  input: string,
  activation: Activation | DenseActivation,
  opset: number,
): string {
  switch (activation) {
    case 'identity':
      return input;
    case 'relu':
      return graph.op('relu', 'Relu', [input]);
    case 'tanh':
      return graph.op('tanh', 'Tanh', [input]);
    case 'sigmoid':
      return graph.op('sigmoid', 'Sigmoid', [input]);
    case 'silu':
      return graph.op('silu', 'Mul', [input, graph.op('sigmoid', 'Sigmoid', [input])]);
    case 'gelu':
      return opset >= GELU_OPSET ? graph.op('gelu', 'Gelu', [input]) : geluByErf(graph, input);
    case 'gelu_tanh':
      return opset >= GELU_OPSET
        ? graph.op('gelu', 'Gelu', [input], { attributes: { approximate: 'tanh' } })
        : geluByTanh(graph, input);
  }
}

/** x / max(|x|, 1e-12) over the last axis: torch.nn.functional.normalize. */
export function l2Normalize(graph: GraphBuilder, input: string): string {
  const norm = graph.op('length', 'ReduceL2', [input, graph.integers([-1])], { attributes: { keepdims: 1 } });
  const floor = graph.op('floor', 'Max', [norm, graph.scalar(1e-12)]);
  return graph.op('normalize', 'Div', [input, floor]);
}

/** x * (1 + erf(x / sqrt 2)) / 2. */
function geluByErf(graph: GraphBuilder, input: string): string {
  const scaled = graph.op('gelu.scaled', 'Mul', [input, graph.scalar(Math.SQRT1_2)]);
  const erf = graph.op('gelu.erf', 'Erf', [scaled]);
  const shifted = graph.op('gelu.shifted', 'Add', [erf, graph.scalar(1)]);
  const half = graph.op('gelu.half', 'Mul', [input, graph.scalar(0.5)]);
  return graph.op('gelu', 'Mul', [half, shifted]);
}

/** x * (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2. */
function geluByTanh(graph: GraphBuilder, input: string): string {
  const cube = graph.op('gelu.cube', 'Mul', [graph.op('gelu.square', 'Mul', [input, input]), input]);
  const inner = graph.op('gelu.inner', 'Add', [input, graph.op('gelu.cubic', 'Mul', [cube, graph.scalar(0.044715)])]);
  const tanh = graph.op('gelu.tanh', 'Tanh', [
    graph.op('gelu.scaled', 'Mul', [inner, graph.scalar(Math.sqrt(2 / Math.PI))]),
  ]);
  const shifted = graph.op('gelu.shifted', 'Add', [tanh, graph.scalar(1)]);
  const half = graph.op('gelu.half', 'Mul', [input, graph.scalar(0.5)]);
  return graph.op('gelu', 'Mul', [half, shifted]);
}
