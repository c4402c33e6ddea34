import { IsovecError } from '../shared/isovec-error.js';
import { LONE_SURROGATE } from '../shared/lone-surrogate.js';

/**
 * The texts themselves, if each is a string that can be written in UTF-8. INPUT_INVALID for the first that is not,
 * with its index and what it was; a lone surrogate with its offset in UTF-16 code units. Python refuses both too.
 */
export function checkTexts(texts: readonly unknown[]): readonly string[] {
  if (!Array.isArray(texts)) {
    throw new IsovecError('INPUT_INVALID', `Texts must be an array of strings, not ${kindOf(texts)}.`);
  }
  // Unlike map, Array.from visits the holes of a sparse array.
  return Array.from(texts, checkText);
}

function checkText(text: unknown, index: number): string {
  if (typeof text !== 'string') {
    throw new IsovecError('INPUT_INVALID', `Text ${index} must be a string, not ${kindOf(text)}.`, { data: { index } });
  }
  const offset = LONE_SURROGATE.exec(text)?.index;
  if (offset === undefined) return text;
  throw new IsovecError(
    'INPUT_INVALID',
    `Text ${index} holds half a surrogate pair at offset ${offset}, which no Unicode encoding has. Texts cut between the two halves of a character get one; cut them at code points.`,
    { data: { index, offset } },
  );
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'undefined';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
