import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

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

it('reindexing loses nothing of a process that writes meanwhile, nor disturbs one that reads; both are then told the way out', async () => {
  const { file, memory } = await filled();
  // What the reader looks for: nothing else has as much of every direction.
  await memory.remember([{ id: 'all', content: Array.from({ length: 400 }, (_, at) => word(at)).join(' ') }]);
  await memory.close();
  const [writer, reader] = [useStore('write', file), useStore('read', file)];
  await Promise.all([writer.steps(3), reader.steps(3)]);
  const before = [writer.said.length, reader.said.length];
  const words = wordEncoder('others', 48);
  const encoder: typeof words = {
    ...words,
    encodeBatch: async (texts, options) => {
      await delay(150);
      return await words.encodeBatch(texts, options);
    },
  };
  const { embedded } = await reindexSqliteStore({ file, encoder });
  await Promise.all([writer.ended, reader.ended]);
  for (const [at, { said }] of [writer, reader].entries()) {
    expect(said.at(-1)).toEqual({
      code: 'SPACE_MISMATCH',
      message: expect.stringMatching(/others.*words.*isovec memory reindex/) as string,
    });
    expect(said.length).toBeGreaterThan((before[at] ?? 0) + 5);
  }
  const written = writer.said.slice(0, -1).map(({ id }) => id);
  const counts = reader.said.slice(0, -1).map(({ count }) => count);
  expect(counts).toEqual(counts.toSorted((a = 0, b = 0) => a - b));
  expect(new Set(reader.said.slice(0, -1).map(({ nearest }) => nearest))).toEqual(new Set(['all']));
  const again = new Memory({ encoder, store: await openSqliteStore({ file, space: encoder.space }) });
  onTestFinished(() => again.close());
  expect(await again.verify()).toEqual([]);
  expect((await again.status()).records).toBe(COUNT + 1 + written.length);
  expect(embedded).toBe(COUNT + 1 + written.length);
  expect((await again.get(written.map(String))).map((record) => record?.id)).toEqual(written);
});

it('reindexing that ends while writers wait for it lets them go on, with the old vectors', async () => {
  const { file, memory } = await filled();
  const controller = new AbortController();
  const words = wordEncoder('others', 48);
  let calls = 0;
  const encoder: typeof words = {
    ...words,
    encodeBatch: async (texts) => {
      // Each batch finds something new, until the file is held for the last one.
      if (++calls < 5) await memory.remember([{ id: `late${calls}`, content: 'written meanwhile' }]);
      else controller.abort();
      return await words.encodeBatch(texts, { task: 'document', profiles: [] });
    },
  };
  const error = await failure(() => reindexSqliteStore({ file, encoder, signal: controller.signal }));
  expect([error.code, calls]).toEqual(['ABORTED', 5]);
  await memory.remember([{ id: 'after', content: 'not held any more' }]);
  expect((await memory.recall('not held any more')).core[0]?.record.id).toBe('after');
  expect(await memory.verify()).toEqual([]);
  expect(await reindexSqliteStore({ file, encoder: words })).toMatchObject({ embedded: 2 });
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

interface Said {
  readonly id?: string;
  readonly count?: number;
  readonly nearest?: string;
  readonly code?: string;
  readonly message?: string;
}

/** A process that uses a file until it fails, with what it said so far. */
function useStore(role: 'write' | 'read', file: string) {
  const program = path.join(import.meta.dirname, 'use-store.mjs');
  const child = spawn(process.execPath, [program, role, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: Said[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => said.push(JSON.parse(line) as Said));
  const steps = async (count: number): Promise<void> => {
    while (said.length < count) await once(lines, 'line');
  };
  return { said, steps, ended: once(child, 'close') };
}

/** A word for each number. */
function word(number: number): string {
  return `${'abcdefghij'[number % 10] ?? ''}${'klmnopqrst'[Math.floor(number / 10) % 10] ?? ''}${'uvwx'[Math.floor(number / 100)] ?? ''}`;
}
