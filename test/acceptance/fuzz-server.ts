import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { createInMemoryStore } from '#src/memory/index.js';
import type { ServerMemoryOptions } from '#src/server/index.js';
import { fuzzBytes } from './fuzz-bytes.js';
import { ACCEPTANCE_CACHE, pythonEnvironment } from './python-environment.js';
import { runStep } from './run-step.js';
import { tinyServer, type TinyServer } from './tiny-server.js';

// Whether the server keeps its own API document whatever it is sent: schemathesis makes requests from the document, valid
// and invalid ones, and every check of it holds; then bytes that no client would send. `npm run test:fuzz` runs it (with
// `-- --short` for a minute, with `-- --seed N` as an earlier run that printed N); python3 with pip is needed.

const short = process.argv.includes('--short');
const seedAt = process.argv.indexOf('--seed');
const seed = seedAt < 0 ? Math.floor(Math.random() * 2 ** 31) : Number(process.argv[seedAt + 1]);
/** The same requests in every run, beside new ones. */
const FIXED_SEED = 6;

const { program } = await pythonEnvironment(['schemathesis==4.32.5']);
const work = path.join(ACCEPTANCE_CACHE, 'fuzz');
await mkdir(work, { recursive: true });

/** A memory, new for each server. */
function emptyMemory(): ServerMemoryOptions {
  return { store: (space) => Promise.resolve(createInMemoryStore(space)) };
}

/** Two memories, so that some ids are known. */
async function rememberSome({ url }: TinyServer, headers: Record<string, string> = {}): Promise<void> {
  const memories = ['one', 'two'].map((id) => ({ id, content: `the river rose: ${id}` }));
  const { status } = await fetch(`${url}/memory/remember`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ memories }),
  });
  if (status !== 200) throw new Error(`remembering was answered with ${status}`);
}

/** All checks but one: what a model takes, such as its token ids, is not in the document, so that valid data may be refused. */
async function fuzzContract({ url }: TinyServer, seedOfRun: number, flags: readonly string[] = []): Promise<void> {
  await runStep(
    program('schemathesis'),
    [
      '--config-file',
      path.join(import.meta.dirname, 'schemathesis.toml'),
      'run',
      `${url}/openapi.json`,
      '--checks',
      'all',
      '--exclude-checks',
      'positive_data_acceptance',
      '--phases',
      'examples,coverage,fuzzing',
      '--continue-on-failure',
      '--max-examples',
      short ? '60' : '500',
      '--seed',
      String(seedOfRun),
      '--no-color',
      ...flags,
    ],
    work,
  );
}

/** That a server still gives the library's vectors, and that none of its failures was its own fault. */
async function expectSound({ url, model }: TinyServer, headers: Record<string, string> = {}): Promise<void> {
  const body = JSON.stringify({ inputs: 'the river rose' });
  const answer = await fetch(`${url}/embed`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const expected = (await model.encodeBatch(['the river rose'])).toArrays();
  // Decimal numbers of float32 are no longer than it takes to read the same float32 again.
  const given = (await answer.json()) as number[][];
  const read = given.map((row) => Array.from(row, Math.fround));
  if (JSON.stringify(read) !== JSON.stringify(expected)) throw new Error('the vector is another one');
  const metrics = await (await fetch(`${url}/metrics`, { headers })).text();
  const own = metrics
    .split('\n')
    .filter((line) => /^isovec_request_failures_total\{[^}]*code="INTERNAL"[^}]*\}/.test(line));
  if (own.length > 0) throw new Error(`the server failed: ${own.join(' ')}`);
}

console.log(`seed ${seed}`);
{
  await using server = await tinyServer({ memory: emptyMemory() });
  await rememberSome(server);
  for (const one of [FIXED_SEED, seed]) await fuzzContract(server, one);
  await expectSound(server);
}
{
  await using server = await tinyServer({ apiKeys: ['fuzz-key'], memory: emptyMemory() });
  await rememberSome(server, { authorization: 'Bearer fuzz-key' });
  await fuzzContract(server, seed, ['--header', 'Authorization: Bearer fuzz-key']);
  await expectSound(server, { authorization: 'Bearer fuzz-key' });
}
{
  await using server = await tinyServer({ limits: { requestTimeout: 500, maxBodyBytes: 10_000 } });
  for (const one of [FIXED_SEED, seed]) {
    const counts = await fuzzBytes(server.url, one, short ? 500 : 20_000);
    console.log(`bytes, seed ${one}: ${JSON.stringify(counts)}`);
  }
  await expectSound(server);
}
