import { openSqliteStore, type SqliteStore } from '#src/memory/stores/sqlite/sqlite-store.js';
import path from 'node:path';

import { temporaryFolder } from '../../engine/support/tiny-model.js';
import { STORE_SPACE, storeContract } from '../../contract/store-contract.js';

storeContract('in a SQLite file', {
  open: async () =>
    openSqliteStore({ file: path.join(await temporaryFolder(), 'deep', 'memory.db'), space: STORE_SPACE }),
  reopen: (store) => openSqliteStore({ file: (store as SqliteStore).file }),
});
