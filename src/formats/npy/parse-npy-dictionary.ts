import { isDimension } from '../element-count.js';

/** The header of a .npy file. */
export interface NpyDictionary {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

const ENTRY = /^\s*(?:'(\w+)'|"(\w+)")\s*:\s*(?:'([^'\\]*)'|"([^"\\]*)"|(True|False)|\(([\d\s,]*)\))\s*(,|$)/;

/**
 * The Python dictionary literal of a .npy header, or undefined unless it holds exactly `descr` (a string),
 * `fortran_order` (a boolean) and `shape` (a tuple of integers), in any order. Structured types, whose descr is a list,
 * are not read.
 */
export function parseNpyDictionary(text: string): NpyDictionary | undefined {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) return undefined;
  let rest = trimmed.slice(1, -1);
  let descr: string | undefined;
  let fortranOrder: boolean | undefined;
  let shape: readonly number[] | undefined;
  while (rest.trim() !== '') {
    const match = ENTRY.exec(rest);
    if (match === null) return undefined;
    const [whole, single, double, singleText, doubleText, truth, tuple] = match;
    const key = single ?? double;
    const string = singleText ?? doubleText;
    if (key === 'descr' && descr === undefined && string !== undefined) descr = string;
    else if (key === 'fortran_order' && fortranOrder === undefined && truth !== undefined)
      fortranOrder = truth === 'True';
    else if (key === 'shape' && shape === undefined && tuple !== undefined) {
      shape = parseTuple(tuple);
      if (shape === undefined) return undefined;
    } else return undefined;
    rest = rest.slice(whole.length);
  }
  if (descr === undefined || fortranOrder === undefined || shape === undefined) return undefined;
  return { descr, fortranOrder, shape };
}

/** The items between the parentheses of a tuple: `3, 4`, `3,` or nothing; `(3)` is a number, not a tuple. */
function parseTuple(items: string): readonly number[] | undefined {
  if (items.trim() === '') return [];
  const parts = items.split(',').map((part) => part.trim());
  if (parts.length === 1) return undefined;
  if (parts.at(-1) === '') parts.pop();
  if (!parts.every((part) => /^(0+|[1-9]\d*)$/.test(part))) return undefined;
  const shape = parts.map(Number);
  return shape.every(isDimension) ? shape : undefined;
}
