import { longestFirst } from '#src/runtime/longest-first.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';

it('orders texts as a stable sort by falling length would', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.string({ minLength: 200, maxLength: 400 }))), (texts) => {
      const sorted = texts.map((_, index) => index).sort((a, b) => (texts[b] ?? '').length - (texts[a] ?? '').length);
      expect([...longestFirst(texts)]).toEqual(sorted);
    }),
  );
});

it('takes texts beyond every token limit as equally long', () => {
  expect([...longestFirst(['a', 'x'.repeat(9000), 'x'.repeat(100_000), ''])]).toEqual([1, 2, 0, 3]);
});
