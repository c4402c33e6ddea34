import { randomUUID } from 'node:crypto';
import path from 'node:path';

import { openQdrantStore, type QdrantStore } from '#src/memory/stores/qdrant/qdrant-store.js';

import { STORE_SPACE, storeContract } from '../../contract/store-contract.js';
import { temporaryFolder } from '../../engine/support/tiny-model.js';
import { describeWithQdrant } from './support/with-qdrant.js';

describeWithQdrant('the contract of stores', (server) => {
  // One collection for all stores of a run: they must not see each other.
  const collection = `isovec-test-${randomUUID()}`;
  storeContract('in a file and Qdrant', {
    open: async () => {
      const file = path.join(await temporaryFolder(), 'memory.db');
      return openQdrantStore({ ...server(), collection, file, space: STORE_SPACE });
    },
    reopen: (store) => openQdrantStore({ ...server(), collection, file: (store as QdrantStore).file }),
  });
});
