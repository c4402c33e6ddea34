import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

import { FakeQdrant } from '../memory/stores/support/fake-qdrant.js';
import { jsonLines, run, type RunResult, temporaryFolder, tinyModel } from './command-line.js';

const MODEL = tinyModel('bert-mean').folder;
const OTHER = tinyModel('bert-cls').folder;
const KEY = 'a secret key';

/** `isovec memory` on a file of its own, with a server. */
async function withQdrant(): Promise<{
  readonly server: FakeQdrant;
  readonly memory: (args: readonly string[]) => Promise<RunResult>;
  readonly alone: (args: readonly string[]) => Promise<RunResult>;
}> {
  const folder = await temporaryFolder();
  const server = await FakeQdrant.start(KEY);
  onTestFinished(async () => {
    await server.stop();
    await folder[Symbol.asyncDispose]();
  });
  const environment = {
    ISOVEC_MEMORY: path.join(folder.path, 'memory.db'),
    ISOVEC_MODEL: MODEL,
    ISOVEC_QDRANT_API_KEY: KEY,
  };
  const alone = (args: readonly string[]): Promise<RunResult> => run(['memory', ...args], { environment });
  return { server, alone, memory: (args) => alone([...args, '--qdrant', `${server.url}?collection=mine`]) };
}

it('memories in a file are found through Qdrant, which every command tells of changes', async () => {
  const { server, memory, alone } = await withQdrant();
  expect(await memory(['remember', 'the sun is warm', '--id', 'sun', '--tag', 'sky'])).toMatchObject({ code: 0 });
  expect([...server.collections.keys()]).toEqual([expect.stringMatching(/^mine_[0-9a-f]{12}$/)]);
  expect(server.points.map(({ payload }) => payload['id'])).toEqual(['sun']);
  // Without the server, the file alone is used, and what is changed is kept for it.
  expect(await alone(['remember', 'rain is wet', '--id', 'rain'])).toMatchObject({ code: 0 });
  expect(server.points).toHaveLength(1);
  const recalled = await memory(['recall', 'rain is wet', '--no-touch']);
  expect([recalled.stderr, recalled.code, recalled.text]).toEqual(['', 0, expect.stringContaining('rain is wet')]);
  expect(server.points).toHaveLength(2);
  expect(server.exchanges.some(({ path: asked }) => asked.endsWith('/points/query'))).toBe(true);
  expect((await memory(['status'])).text).toMatch(/^undelivered\s+0$/m);
  expect(await memory(['forget', 'sun', '--yes'])).toMatchObject({ code: 0 });
  expect(server.points.map(({ payload }) => payload['id'])).toEqual(['rain']);
});

it('verify and reconcile compare the two sides, and reindex fills the collection of the new model', async () => {
  const { server, memory, alone } = await withQdrant();
  await memory(['remember', 'the sun is warm', 'rain is wet']);
  for (const { points } of server.collections.values()) points.delete([...points.keys()][0] ?? '');
  const verified = await memory(['verify']);
  expect([verified.code, verified.text]).toEqual([1, expect.stringContaining('Qdrant does not hold it')]);
  expect((await memory(['reconcile'])).text).toBe('1 memories sent, 0 points removed\n');
  expect(await memory(['verify'])).toMatchObject({ code: 0 });
  expect((await alone(['reconcile'])).stderr).toContain('--qdrant URL');
  const reindexed = await memory(['reindex', '--model', OTHER]);
  expect([reindexed.stderr, reindexed.code]).toEqual([expect.any(String), 0]);
  expect(server.collections.size).toBe(2);
  expect([...server.collections.values()].map(({ points }) => points.size)).toEqual([2, 2]);
});

it('a server that is gone is said to be, and what is remembered meanwhile is not lost', async () => {
  const { server, memory, alone } = await withQdrant();
  await memory(['remember', 'the sun is warm']);
  await server.stop();
  const refused = await memory(['remember', 'rain is wet']);
  expect([refused.code, refused.stderr]).toEqual([expect.any(Number), expect.stringContaining('STORE_UNAVAILABLE')]);
  expect(refused.code).not.toBe(0);
  await alone(['remember', 'rain is wet']);
  await server.listen();
  const status = jsonLines((await memory(['status', '--json'])).text)[0];
  expect(status).toMatchObject({ records: 2, undelivered: 0 });
  expect(server.points).toHaveLength(2);
});

it('doctor says what is in the memory, what Qdrant lacks, and what cannot be opened', async () => {
  const { server, memory } = await withQdrant();
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'memory.db');
  const environment = { ISOVEC_MEMORY: file, ISOVEC_MODEL: MODEL, ISOVEC_QDRANT_API_KEY: KEY };
  const found = async (...args: readonly string[]): Promise<unknown> => {
    const [{ findings } = {}] = jsonLines((await run(['doctor', '--json', ...args], { environment })).text);
    return (findings as readonly { readonly name: string }[]).find(({ name }) => name === 'memory store');
  };
  expect(await found()).toEqual({ name: 'memory store', status: 'ok', detail: `${file}: nothing is remembered yet` });
  await run(['memory', 'remember', 'rain is wet'], { environment });
  expect(await found()).toMatchObject({
    status: 'ok',
    detail: expect.stringMatching(/: 1 memory, .* float32$/) as unknown,
  });
  expect(await found('--qdrant', server.url.replace('//', '//me:secret@'))).toMatchObject({
    detail: expect.not.stringContaining('secret') as unknown,
  });
  await memory(['remember', 'the sun is warm']);
  await server.stop();
  const away = { status: 'warn', wayOut: expect.stringContaining('isovec memory') as unknown };
  expect(await found('--qdrant', server.url)).toMatchObject(away);
  expect(await found('--store', 'postgresql://me:secret@127.0.0.1:1/db')).toMatchObject({
    ...away,
    detail: expect.not.stringContaining('secret') as unknown,
  });
});

it('the key of Qdrant may be in a file', async () => {
  const { server } = await withQdrant();
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'key');
  await writeFile(file, `${KEY}\n`);
  const environment = {
    ISOVEC_MEMORY: path.join(folder.path, 'memory.db'),
    ISOVEC_MODEL: MODEL,
    ISOVEC_QDRANT: server.url,
  };
  const remember = ['memory', 'remember', 'rain is wet'];
  expect((await run(remember, { environment })).stderr).toMatch(/CONFIG_INVALID|401/);
  const withKey = { ...environment, ISOVEC_QDRANT_API_KEY_FILE: file };
  expect(await run(remember, { environment: withKey })).toMatchObject({ code: 0 });
  await writeFile(file, '\n');
  const { code, stderr } = await run(remember, { environment: withKey });
  expect([code, stderr.replaceAll(/\s+/g, ' ')]).toEqual([
    2,
    expect.stringContaining('must hold one line: the secret'),
  ]);
});

it.each([
  ['postgresql://me@HOST/db', 'p%41ss/w@rd'],
  ['postgresql://me:shown@HOST/db', 'shown'],
])('PostgreSQL at %s is given the password %j, of a file where the address has none', async (address, expected) => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'password');
  await writeFile(file, 'p%41ss/w@rd\n');
  const passwords: string[] = [];
  const server = createServer((socket) => {
    passwordsInto(passwords, socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const environment = { ISOVEC_MEMORY: address.replace('HOST', host), ISOVEC_MEMORY_PASSWORD_FILE: file };
  const { stderr } = await run(['memory', 'status'], { environment });
  expect(passwords[0]).toBe(expected);
  expect(stderr).not.toContain(expected);
});

/** A server of PostgreSQL that asks for a password in the clear, and ends. */
function passwordsInto(passwords: string[], socket: Socket): void {
  socket.on('error', () => undefined);
  socket.once('data', () => {
    socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]));
    // A type, a length and a text that ends with zero.
    socket.once('data', (message) => {
      passwords.push(message.subarray(5, -1).toString());
      socket.destroy();
    });
  });
}

it.each([
  [['status', '--qdrant', 'localhost:6333'], 'must be http://HOST:PORT'],
  [['status', '--qdrant', 'nowhere'], 'What --qdrant names is no address'],
  [
    ['status', '--store', 'postgresql://me:secret@127.0.0.1:1/db', '--qdrant', 'http://127.0.0.1:1'],
    '--store names a PostgreSQL',
  ],
  [['backup', 'copy.db', '--store', 'postgresql://me:secret@127.0.0.1:1/db'], 'pg_dump --schema=NAME'],
  [['reindex', '--store', 'postgresql://me:secret@127.0.0.1:1/db'], 'import them into another schema'],
  [['status', '--store', 'postgresql://me:secret@127.0.0.1:1/db?schema=mine'], 'cannot be used now'],
])('memory %j is refused without telling a password', async (args, words) => {
  const { code, stderr } = await run(['memory', ...args]);
  expect(code).not.toBe(0);
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain(words);
  expect(stderr).not.toContain('secret');
});
