import { Memory } from '#src/memory/memory.js';
import type { MemoryStore } from '#src/memory/stores/store.js';
import { expect } from 'vitest';

import { FIXTURE_START, fixtureEncoder, heldByFixtures } from './fixture-memories.js';
import { everything } from './random-changes.js';

/** Holds a store that an earlier version filled to what it was filled with, and to what every store can do; it is changed. */
export async function checkEarlierStore(store: MemoryStore): Promise<void> {
  expect(await everything(store)).toBe(heldByFixtures());
  expect(await store.verify()).toEqual([]);
  // On the day when the memories were made: time takes from what is recalled.
  const memory = new Memory({ store, encoder: fixtureEncoder(), now: () => FIXTURE_START + 60_000 });
  const { core } = await memory.recall('boats leave the harbour at dawn', { touch: false });
  expect(core[0]?.record).toMatchObject({ id: 'memory 0', tags: ['all', 'sea'] });
  expect(await memory.status()).toMatchObject({ records: 6, connections: 2, byLevel: [1, 0, 5] });
  const { core: kitchen } = await memory.recall('bread needs salt, flour and time', { anyTags: ['kitchen'] });
  expect(kitchen.map(({ record }) => record.id)).toEqual(['memory 3']);
  await memory.remember([{ id: 'new', content: 'what the present version writes', tags: ['sea'] }]);
  await memory.forget({ ids: ['memory 2'] });
  const { core: written } = await memory.recall('what the present version writes');
  expect(written[0]?.record.id).toBe('new');
  expect(await memory.verify()).toEqual([]);
  expect((await memory.status()).records).toBe(6);
}
