import { expect, it } from 'vitest';

import { run } from './command-line.js';

it('isovec demo shows vectors and themes of the real model at 80 columns', async () => {
  const { code, text } = await run(['demo'], { environment: { ISOVEC_OFFLINE: '' } });
  expect(code).toBe(0);
  expect(text).toContain('384 dimensions');
  for (const line of text.split('\n')) expect(Array.from(line).length, line).toBeLessThanOrEqual(80);
  const rows = [...text.matchAll(/^\d .*?((?: +-?\d\.\d\d){8})$/gm)].map(([, cells = '']) =>
    cells.trim().split(/ +/).map(Number),
  );
  expect(rows).toHaveLength(8);
  // The two sentences about cats are closer to each other than to anything about bread or banks.
  expect(rows[0]?.[1]).toBeGreaterThan(Math.max(...(rows[0]?.slice(3) ?? [1])));
});
