import path from 'node:path';

import { Memory } from '#src/memory/memory.js';
import { reindexSqliteStore } from '#src/memory/stores/sqlite/reindex.js';
import { openSqliteStore } from '#src/memory/stores/sqlite/sqlite-store.js';
import { expect, it, onTestFinished } from 'vitest';

import { failure, temporaryFolder } from '../../engine/support/tiny-model.js';
import { wordEncoder } from '../support/word-encoder.js';

const COUNT = 600;

async function filled(): Promise<{ file: string; memory: Memory }> {
  const file = path.join(await temporaryFolder(), 'memory.db');
  const encoder = wordEncoder();
  const memory = new Memory({ encoder, store: await openSqliteStore({ file, space: encoder.space }) });
  onTestFinished(() => memory.close());
  await memory.remember([
    { id: 'special', content: 'boats in the harbour' },
    ...Array.from({ length: COUNT - 1 }, (_, at) => ({ id: `m${at}`, content: `memory ${'x'.repeat(1 + (at % 40))}` })),
  ]);
  return { file, memory };
}

it('reindexing gives every memory a vector of the new space; what was open before must be opened again', async () => {
  const { file, memory } = await filled();
  const encoder = wordEncoder('others', 48);
  expect(await reindexSqliteStore({ file, encoder })).toMatchObject({ embedded: COUNT });
  expect((await failure(() => memory.recall('memory'))).code).toBe('SPACE_MISMATCH');
  expect((await failure(() => memory.remember(['memory']))).code).toBe('SPACE_MISMATCH');
  const again = new Memory({ encoder, store: await openSqliteStore({ file, space: encoder.space }) });
  onTestFinished(() => again.close());
  expect(await again.verify()).toEqual([]);
  expect((await again.recall('boats in the harbour')).core[0]?.record.id).toBe('special');
  expect(await reindexSqliteStore({ file, encoder })).toMatchObject({ embedded: 0 });
});

it('reindexing that was interrupted is gone on with, and the old vectors serve until it is done', async () => {
  const { file, memory } = await filled();
  const controller = new AbortController();
  const encoder = wordEncoder('others', 48);
  const error = await failure(() =>
    reindexSqliteStore({
      file,
      encoder,
      signal: controller.signal,
      onProgress: () => {
        controller.abort();
      },
    }),
  );
  expect(error.code).toBe('ABORTED');
  expect((await memory.recall('boats in the harbour')).core[0]?.record.id).toBe('special');
  // What is changed and what is new meanwhile is embedded with the rest; what is forgotten is not.
  await memory.remember([
    { id: 'm0', content: 'entirely new' },
    { id: 'new', content: 'another one' },
  ]);
  await memory.forget({ ids: ['m1'] });
  encoder.embedded.length = 0;
  const { embedded } = await reindexSqliteStore({ file, encoder });
  expect(embedded).toBeLessThan(COUNT);
  expect(encoder.embedded).toEqual(expect.arrayContaining(['entirely new', 'another one']));
  const again = new Memory({ encoder, store: await openSqliteStore({ file, space: encoder.space }) });
  onTestFinished(() => again.close());
  expect(await again.verify()).toEqual([]);
  expect((await again.status()).records).toBe(COUNT);
  expect((await again.recall('entirely new')).core[0]?.record.id).toBe('m0');
});

it('reindexing changes how weights were kept, too', async () => {
  const { file, memory } = await filled();
  await memory.close();
  const words = wordEncoder();
  const encoder = { ...words, space: { ...words.space, weightDtype: 'int8' } as const };
  expect(await reindexSqliteStore({ file, encoder })).toMatchObject({ embedded: COUNT });
  await using again = await openSqliteStore({ file, space: encoder.space });
  expect([again.space.weightDtype, await again.verify()]).toEqual(['int8', []]);
});

it('reindexing needs a file', async () => {
  const file = path.join(await temporaryFolder(), 'memory.db');
  expect((await failure(() => reindexSqliteStore({ file, encoder: wordEncoder() }))).code).toBe('NOT_FOUND');
});
