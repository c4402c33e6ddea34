import type { WeightTensor } from '../models/weights.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { RequiredTensor } from './architectures/architecture.js';

/** The tensors of a checkpoint that a graph needs, by the architecture's own names. */
export interface SelectedWeights {
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  /** Names in the file that no part of the graph uses: legal (a pooler, a training head), and reported. */
  readonly unused: readonly string[];
}

/** Longest list of names in a message; the whole list is in the error's data. */
const NAMES_SHOWN = 8;

/**
 * Picks the required tensors of a checkpoint, under whichever of `prefixes` it keeps them, with today's names or the
 * older `LayerNorm.gamma` and `.beta`. Throws WEIGHTS_MISMATCH that lists every missing and every misshapen tensor.
 */
export function selectWeights(
  available: ReadonlyMap<string, WeightTensor>,
  required: readonly RequiredTensor[],
  prefixes: readonly string[],
  file: string,
): SelectedWeights {
  const prefix = bestPrefix(available, required, prefixes);
  const tensors = new Map<string, WeightTensor>();
  const missing: string[] = [];
  const misshapen: string[] = [];
  const used = new Set<string>();
  for (const { name, dimensions } of required) {
    const tensor = spellings(prefix + name)
      .map((spelling) => available.get(spelling))
      .find((candidate) => candidate !== undefined);
    if (tensor === undefined) {
      missing.push(prefix + name);
      continue;
    }
    used.add(tensor.name);
    const expected = dimensions.map((dimension) => dimension.size);
    if (!sameShape(tensor.shape, expected)) {
      const keys = dimensions.map((dimension) => dimension.key).join(' x ');
      misshapen.push(
        `${tensor.name} has shape [${tensor.shape.join(', ')}], the configuration asks for [${expected.join(', ')}] (${keys})`,
      );
      continue;
    }
    if (!isFloat(tensor.dtype)) {
      misshapen.push(`${tensor.name} has dtype ${tensor.dtype}, a floating-point one is needed`);
      continue;
    }
    tensors.set(name, tensor);
  }
  if (missing.length > 0 || misshapen.length > 0) throw mismatch(file, missing, misshapen);
  return { tensors, unused: [...available.keys()].filter((name) => !used.has(name)).sort() };
}

function bestPrefix(
  available: ReadonlyMap<string, WeightTensor>,
  required: readonly RequiredTensor[],
  prefixes: readonly string[],
): string {
  const found = (prefix: string): number => required.filter(({ name }) => available.has(prefix + name)).length;
  return prefixes.reduce((best, prefix) => (found(prefix) > found(best) ? prefix : best), prefixes[0] ?? '');
}

/** TensorFlow-born checkpoints call the two parameters of a layer normalisation gamma and beta. */
function spellings(name: string): string[] {
  if (name.endsWith('LayerNorm.weight')) return [name, name.replace(/weight$/, 'gamma')];
  if (name.endsWith('LayerNorm.bias')) return [name, name.replace(/bias$/, 'beta')];
  return [name];
}

function sameShape(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((size, index) => size === right[index]);
}

function isFloat(dtype: string): boolean {
  return dtype === 'F32' || dtype === 'F16' || dtype === 'BF16' || dtype === 'F64';
}

function mismatch(file: string, missing: readonly string[], misshapen: readonly string[]): IsovecError {
  const parts: string[] = [];
  if (missing.length > 0) parts.push(`missing: ${listed(missing, ', ')}`);
  if (misshapen.length > 0) parts.push(`wrong: ${listed(misshapen, '; ')}`);
  return new IsovecError(
    'WEIGHTS_MISMATCH',
    `${file} does not hold the weights that config.json describes; ${parts.join('; ')}. Fetch the model again, or correct its config.json.`,
    { data: { file, missing, misshapen } },
  );
}

function listed(names: readonly string[], separator: string): string {
  const shown = names.slice(0, NAMES_SHOWN).join(separator);
  return names.length > NAMES_SHOWN ? `${shown} and ${names.length - NAMES_SHOWN} more` : shown;
}
