import {
  GELU_DEPTH,
  GELU_STEPS,
  GELU_ZERO_POINT,
  SYMMETRIC_STEPS,
  SYMMETRIC_ZERO_POINT,
} from '../quantize/activation-steps.js';
import type { ActivationScale, QuantizedInput } from '../quantize/quantized-encoder.js';
import type { GraphBuilder } from './graph-builder.js';

/** A quantised input of linear layers. */
export interface QuantizedValue {
  /** uint8 [tokens, in]. */
  readonly values: string;
  /** uint8 scalar. */
  readonly zeroPoint: string;
  /** float32 [tokens, 1] where each row has its own scale. */
  readonly rowScale: string | undefined;
  /** The scale of all rows where they share one; 1 otherwise. */
  readonly scale: number;
}

/** Zero points, made once a graph: a scale a row asks for a zero point a row, and expanding one costs an operator. */
export class ZeroPoints {
  readonly #graph: GraphBuilder;
  readonly #byRow = new Map<number, string>();

  constructor(graph: GraphBuilder) {
    this.#graph = graph;
  }

  /** uint8 scalar. */
  scalar(value: number): string {
    const data = { kind: 'inline', bytes: Uint8Array.of(value) } as const;
    return this.#graph.initializer(`const/u8/${value}`, 'uint8', [], data);
  }

  /** uint8 [tokens], as long as `input` [tokens, in]; every input of one graph has the same tokens. */
  byRow(value: number, input: string): string {
    const known = this.#byRow.get(value);
    if (known !== undefined) return known;
    const tokens = this.#graph.op('tokens', 'Shape', [input], { attributes: { start: 0, end: 1 } });
    const vector = this.#graph.op('zero_points', 'Expand', [this.scalar(value), tokens]);
    this.#byRow.set(value, vector);
    return vector;
  }
}

/** Quantises `input` [tokens, channels], and gives it as linear layers take it; `name` is that of its initialisers. */
export function quantizeInput(
  graph: GraphBuilder,
  name: string,
  input: string,
  how: QuantizedInput,
  zeroPoints: ZeroPoints,
): QuantizedValue {
  const value = quantizeChannels(graph, name, input, how, zeroPoints);
  return { ...value, values: widened(graph, name, value.values, how.repeated) };
}

function quantizeChannels(
  graph: GraphBuilder,
  name: string,
  input: string,
  { multiplier, scale }: QuantizedInput,
  zeroPoints: ZeroPoints,
): QuantizedValue {
  const smooth =
    multiplier === undefined
      ? input
      : graph.op('smooth', 'Mul', [input, graph.floats(`${name}.multiplier`, [multiplier.length], multiplier)]);
  if (scale.kind === 'static') {
    const step = graph.floats(`${name}.scale`, [], Float32Array.of(scale.scale));
    const zeroPoint = zeroPoints.scalar(scale.zeroPoint);
    const values = graph.op('values', 'QuantizeLinear', [smooth, step, zeroPoint]);
    return { values, zeroPoint, rowScale: undefined, scale: scale.scale };
  }
  const rowScale = scaleOfRows(graph, smooth, scale.kind);
  const zeroPoint = scale.kind === 'row' ? SYMMETRIC_ZERO_POINT : GELU_ZERO_POINT;
  const steps = graph.op('steps', 'Reshape', [rowScale, graph.integers([-1])]);
  // A row of zeros has the scale 0: whatever its quotients become, the product is multiplied by that scale.
  const values = graph.op('values', 'QuantizeLinear', [smooth, steps, zeroPoints.byRow(zeroPoint, smooth)], {
    attributes: { axis: 0 },
  });
  return { values, zeroPoint: zeroPoints.scalar(zeroPoint), rowScale, scale: 1 };
}

/** uint8 [tokens, channels] with some channels once more after all of them. */
function widened(graph: GraphBuilder, name: string, values: string, repeated: Uint32Array | undefined): string {
  if (repeated === undefined) return values;
  const channels = graph.initializer(`${name}.repeated`, 'int32', [repeated.length], {
    kind: 'inline',
    bytes: new Uint8Array(Int32Array.from(repeated).buffer),
  });
  const copies = graph.op('copies', 'Gather', [values, channels], { attributes: { axis: 1 } });
  return graph.op('widened', 'Concat', [values, copies], { attributes: { axis: 1 } });
}

/** float32 [tokens, 1]. */
function scaleOfRows(graph: GraphBuilder, input: string, kind: Exclude<ActivationScale['kind'], 'static'>): string {
  const largest = (values: string): string =>
    graph.op('largest', 'ReduceMax', [values, graph.integers([-1])], { attributes: { keepdims: 1 } });
  if (kind === 'row') {
    return graph.op('scale', 'Mul', [largest(graph.op('size', 'Abs', [input])), graph.scalar(1 / SYMMETRIC_STEPS)]);
  }
  const upper = graph.op('upper', 'Mul', [largest(input), graph.scalar(1 / GELU_STEPS)]);
  return graph.op('scale', 'Max', [upper, graph.scalar(GELU_DEPTH / GELU_ZERO_POINT)]);
}
