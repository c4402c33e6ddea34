import { openPgvectorStore } from '#src/memory/stores/pgvector/pgvector-store.js';
import type { MemoryStore } from '#src/memory/stores/store.js';

import { STORE_SPACE, storeContract } from '../../contract/store-contract.js';
import { describeWithPostgres, newSchema } from './support/with-postgres.js';

describeWithPostgres('PostgreSQL', (server) => {
  const schemas = new WeakMap<MemoryStore, string>();
  const open = async (schema: string): Promise<MemoryStore> => {
    const store = await openPgvectorStore({ connectionString: server().url(), schema, space: STORE_SPACE });
    schemas.set(store, schema);
    return store;
  };
  storeContract('in a schema of PostgreSQL', {
    open: () => open(newSchema()),
    reopen: (store) => open(schemas.get(store) ?? ''),
  });
});
