import { IsovecError, isIsovecError } from '../shared/isovec-error.js';

/**
 * An error as the caller knows its texts: where a part of the texts was worked on, in another order, INPUT_INVALID
 * names a text by its place in that part. Other errors are returned as they are.
 */
export function atTextIndex(error: unknown, place: (index: number) => number): unknown {
  if (!isIsovecError(error, 'INPUT_INVALID')) return error;
  const { index } = error.data;
  if (typeof index !== 'number') return error;
  const moved = place(index);
  return new IsovecError('INPUT_INVALID', error.message.replace(`Text ${index} `, `Text ${moved} `), {
    cause: error,
    data: { ...error.data, index: moved },
  });
}
