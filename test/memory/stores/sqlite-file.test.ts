import { readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

import { INT8_SCAN_BYTES } from '#src/memory/stores/sqlite/int8-scan.js';
import { openSqliteStore } from '#src/memory/stores/sqlite/sqlite-store.js';
import { declaredSpace } from '#src/models/embedding-space.js';
import { cosine } from '#src/vector/index.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import wabt from 'wabt';

import { memoryNumber, STORE_SPACE, vectorNumber } from '../../contract/store-contract.js';
import { failure, temporaryFolder } from '../../engine/support/tiny-model.js';

const require = createRequire(import.meta.url);
interface Raw {
  exec(sql: string): void;
  close(): void;
}

/** Changes a file behind the back of the product. */
function tamper(file: string, sql: string): void {
  const Database = require('libsql') as new (file: string) => Raw;
  const database = new Database(file);
  database.exec(sql);
  database.close();
}

async function filled(count = 300): Promise<string> {
  const file = path.join(await temporaryFolder(), 'memory.db');
  const store = await openSqliteStore({ file, space: STORE_SPACE });
  await store.apply({ put: Array.from({ length: count }, (_, number) => memoryNumber(number)) });
  await store.close();
  return file;
}

describe('a SQLite file of memories', () => {
  it.each([
    ["UPDATE records SET content = 'other' WHERE id = 'm000003'", 'm000003', 'its content'],
    ['UPDATE vectors SET vector = zeroblob(80) WHERE record = 4', 'm000003', 'its vector is not'],
    ['DELETE FROM vectors WHERE record = 4', 'm000003', 'no vector'],
    ['UPDATE codes SET content = zeroblob(length(content)) WHERE chunk = 0', 'm000003', 'its code'],
    ['PRAGMA foreign_keys = OFF; DELETE FROM records WHERE number = 4', undefined, 'belong'],
  ])('is found damaged by verify: %s', async (sql, id, fault) => {
    const file = await filled();
    tamper(file, sql);
    const store = await openSqliteStore({ file });
    onTestFinished(() => store.close());
    const found = (await store.verify()).filter((one) => one.id === id).map((one) => one.fault);
    expect(found.join()).toContain(fault);
  });

  it('is refused when it is none, of another program, of a later version, or of another space', async () => {
    const folder = await temporaryFolder();
    const text = path.join(folder, 'text.db');
    await writeFile(text, 'this is no database, but long enough to have been one'.repeat(100));
    expect((await failure(() => openSqliteStore({ file: text, space: STORE_SPACE }))).code).toBe('FORMAT_INVALID');
    const foreign = path.join(folder, 'foreign.db');
    tamper(foreign, 'CREATE TABLE theirs (a)');
    const error = await failure(() => openSqliteStore({ file: foreign, space: STORE_SPACE }));
    expect([error.code, error.message]).toEqual(['FORMAT_INVALID', expect.stringContaining('another program')]);
    const later = await filled(1);
    tamper(later, 'PRAGMA user_version = 99');
    expect((await failure(() => openSqliteStore({ file: later }))).message).toMatch(/later version/);
    const other = await filled(1);
    const space = declaredSpace({ model: 'another', dimensions: 20 });
    const mismatch = await failure(() => openSqliteStore({ file: other, space }));
    expect([mismatch.code, mismatch.message]).toEqual([
      'SPACE_MISMATCH',
      expect.stringContaining('isovec memory reindex'),
    ]);
    const int8 = { ...STORE_SPACE, weightDtype: 'int8' } as const;
    const mixed = await failure(() => openSqliteStore({ file: other, space: int8 }));
    expect([mixed.code, mixed.message]).toEqual(['SPACE_MISMATCH', expect.stringMatching(/float32.*int8/)]);
    const missing = path.join(folder, 'missing', 'memory.db');
    expect((await failure(() => openSqliteStore({ file: missing }))).code).toBe('NOT_FOUND');
    await expect(stat(path.dirname(missing))).rejects.toThrow();
  });

  it('is copied as it is by backup, never over a file that is there', async () => {
    const file = await filled();
    const store = await openSqliteStore({ file });
    onTestFinished(() => store.close());
    const target = `${file}.copy`;
    await store.backup(target);
    const copy = await openSqliteStore({ file: target });
    onTestFinished(() => copy.close());
    expect(await copy.list({ limit: 1000 })).toEqual(await store.list({ limit: 1000 }));
    expect(await copy.verify()).toEqual([]);
    expect((await failure(() => store.backup(target))).code).toBe('STORE_UNAVAILABLE');
  });

  it('finds by codes what an exact search finds', async () => {
    const file = await filled(3000);
    const store = await openSqliteStore({ file });
    onTestFinished(() => store.close());
    for (let query = 0; query < 20; query++) {
      const vector = vectorNumber(10_000 + query);
      const exact = Array.from({ length: 3000 }, (_, number) => ({
        number,
        similarity: cosine(vector, vectorNumber(number)),
      }))
        .sort((a, b) => b.similarity - a.similarity)
        .slice(0, 10)
        .map(({ number }) => memoryNumber(number).record.id);
      expect((await store.search(vector, { limit: 10 })).map(({ record }) => record.id)).toEqual(exact);
    }
  });
});

it('the kernel is what its text assembles to', async () => {
  const text = path.resolve(import.meta.dirname, '../../../src/memory/stores/sqlite/int8-scan.wat');
  const assembler = await wabt();
  const { buffer } = assembler.parseWat('int8-scan.wat', await readFile(text, 'utf8'), { simd: true }).toBinary({});
  expect(Buffer.from(INT8_SCAN_BYTES)).toEqual(Buffer.from(buffer));
});
