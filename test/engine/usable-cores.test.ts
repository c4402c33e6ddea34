import { availableParallelism } from 'node:os';

import { coresOfQuota, usableCores } from '#src/engine/usable-cores.js';
import { describe, expect, it } from 'vitest';

describe('the cores of a quota', () => {
  it.each([
    ['200000 100000\n', 2],
    ['250000 100000', 2],
    ['50000 100000', 1],
    ['1600000 100000', 16],
    ['100000\n 100000\n', 1],
  ])('%j is %i', (text, cores) => {
    expect(coresOfQuota(text)).toBe(cores);
  });

  it.each(['max 100000\n', '-1 100000', '', '100000', 'a b'])('%j is no limit', (text) => {
    expect(coresOfQuota(text)).toBe(Infinity);
  });
});

it('are at least one, and no more than the system offers', async () => {
  const cores = await usableCores();
  expect(cores).toBeGreaterThanOrEqual(1);
  expect(cores).toBeLessThanOrEqual(availableParallelism());
});
