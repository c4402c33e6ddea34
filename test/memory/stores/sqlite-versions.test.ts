import { cp } from 'node:fs/promises';
import path from 'node:path';

import { openSqliteStore } from '#src/memory/stores/sqlite/sqlite-store.js';
import { describe, expect, it } from 'vitest';

import { STORE_SPACE } from '../../contract/store-contract.js';
import { temporaryFolder } from '../../engine/support/tiny-model.js';
import { checkEarlierStore } from './support/check-earlier-store.js';
import { fixtureName, FIXTURES, fixtureVersions } from './support/fixture-memories.js';
import { sqliteVersion } from './support/sqlite-version.js';

describe('SQLite files of every version of the schema', () => {
  it('are there, up to the present one', async () => {
    const file = path.join(await temporaryFolder(), 'memory.db');
    await (await openSqliteStore({ file, space: STORE_SPACE })).close();
    expect(fixtureVersions('sqlite')).toEqual(Array.from({ length: sqliteVersion(file) }, (_, at) => at + 1));
  });

  it.each(fixtureVersions('sqlite'))(
    'of version %i are opened, recalled from, changed and found whole',
    async (version) => {
      const file = path.join(await temporaryFolder(), 'memory.db');
      await cp(path.join(FIXTURES, fixtureName('sqlite', version)), file);
      expect(sqliteVersion(file)).toBe(version);
      const store = await openSqliteStore({ file });
      await checkEarlierStore(store);
      await store.close();
    },
  );
});
