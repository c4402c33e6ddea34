import { createInMemoryStore } from '#src/memory/stores/in-memory-store.js';
import type { MemoryStore, StoreChange } from '#src/memory/stores/store.js';
import { expect } from 'vitest';

import { STORE_SPACE } from '../../../contract/store-contract.js';
import { everything } from './random-changes.js';

/** A store whose writer was killed holds all changes that were made, at most the one after them, and nothing by half. */
export async function expectWhole(store: MemoryStore, changes: readonly StoreChange[], made: number): Promise<void> {
  expect(await store.verify()).toEqual([]);
  const reference = createInMemoryStore(STORE_SPACE);
  for (const change of changes.slice(0, made)) await reference.apply(change);
  const expected = [await everything(reference)];
  const [underWay] = changes.slice(made);
  if (underWay !== undefined) {
    await reference.apply(underWay);
    expected.push(await everything(reference));
  }
  expect(expected).toContain(await everything(store));
}
