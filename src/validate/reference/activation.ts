import type { DenseActivation } from '../../models/model-record.js';
import { erf } from './erf.js';

/** Name of a scalar function: those of a Dense module, and one more that only transformers' BERT has. */
export type ReferenceActivation = DenseActivation | 'gelu_fast';

const ACTIVATIONS: Readonly<Record<ReferenceActivation, (x: number) => number>> = {
  identity: (x) => x,
  tanh: (x) => Math.tanh(x),
  relu: (x) => Math.max(x, 0),
  gelu: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
  gelu_tanh: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
  // transformers writes sqrt(2 / pi) with ten digits here; the difference is visible in float64.
  gelu_fast: (x) => 0.5 * x * (1 + Math.tanh(x * 0.7978845608 * (1 + 0.044715 * x * x))),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  silu: (x) => x / (1 + Math.exp(-x)),
};

/** What transformers' ACT2FN calls them in config.json. */
const HIDDEN_ACTIVATIONS: ReadonlyMap<string, ReferenceActivation> = new Map([
  ['gelu', 'gelu'],
  ['gelu_python', 'gelu'],
  ['gelu_new', 'gelu_tanh'],
  ['gelu_pytorch_tanh', 'gelu_tanh'],
  ['gelu_fast', 'gelu_fast'],
  ['relu', 'relu'],
  ['silu', 'silu'],
  ['swish', 'silu'],
  ['sigmoid', 'sigmoid'],
  ['tanh', 'tanh'],
  ['linear', 'identity'],
]);

/** The function behind a `hidden_act`, or undefined if there is none of that name. */
export function hiddenActivation(name: string): ReferenceActivation | undefined {
  return HIDDEN_ACTIVATIONS.get(name);
}

/** Applies a function to every value, in place. */
export function activate(values: Float64Array, name: ReferenceActivation): void {
  if (name === 'identity') return;
  const activation = ACTIVATIONS[name];
  for (let i = 0; i < values.length; i++) values[i] = activation(values[i] ?? 0);
}
