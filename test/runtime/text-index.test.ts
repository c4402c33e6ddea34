import { atTextIndex } from '#src/runtime/text-index.js';
import { IsovecError } from '#src/shared/isovec-error.js';
import { expect, it } from 'vitest';

it('names a text by its place in the whole, in message and data', () => {
  const error = new IsovecError('INPUT_INVALID', 'Text 3 must be a string, not null.', { data: { index: 3 } });
  expect(atTextIndex(error, (index) => index + 500)).toMatchObject({
    code: 'INPUT_INVALID',
    message: 'Text 503 must be a string, not null.',
    data: { index: 503 },
  });
});

it('leaves every other error as it is', () => {
  const others = [new Error('x'), new IsovecError('CLOSED', 'Text 3 .'), new IsovecError('INPUT_INVALID', 'no index')];
  for (const error of others) expect(atTextIndex(error, () => 7)).toBe(error);
});
