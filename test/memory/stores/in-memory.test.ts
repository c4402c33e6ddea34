import { createInMemoryStore } from '#src/memory/stores/in-memory-store.js';

import { STORE_SPACE, storeContract } from '../../contract/store-contract.js';

storeContract('in memory', { open: () => Promise.resolve(createInMemoryStore(STORE_SPACE)) });
