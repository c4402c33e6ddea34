import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { failure, hostileFolder, loadFolder, maxAbsoluteError, temporaryFolder } from './support/tiny-model.js';

const caseSchema = z.object({ what: z.string(), expect: z.string(), message_should_mention: z.array(z.string()) });
const reference = z
  .object({ texts: z.array(z.string()), vectors: z.array(z.array(z.number())) })
  .parse(JSON.parse(readFileSync(hostileFolder('reference_vectors.json'), 'utf8')));

const cases = readdirSync(hostileFolder('.'))
  .filter((name) => existsSync(hostileFolder(`${name}/case.json`)))
  .map((name) => ({ name, ...caseSchema.parse(JSON.parse(readFileSync(hostileFolder(`${name}/case.json`), 'utf8'))) }));

async function preparedIn(cache: string): Promise<string[]> {
  const { readdir } = await import('node:fs/promises');
  return readdir(path.join(cache, 'prepared')).catch(() => []);
}

async function expectGoodVectors(name: string, cache: string): Promise<void> {
  const model = await loadFolder(hostileFolder(name), { cache });
  const batch = await model.encodeBatch(reference.texts);
  reference.vectors.forEach((vector, i) => {
    expect(maxAbsoluteError(batch.row(i), vector)).toBeLessThanOrEqual(1e-6);
  });
}

async function expectRefusal(name: string, cache: string, mentions: readonly string[]): Promise<void> {
  const error = await failure(() => loadFolder(hostileFolder(name), { cache }));
  const said = `${error.message} ${JSON.stringify(error.data)}`.toLowerCase();
  for (const mention of mentions) expect(said).toContain(mention.toLowerCase());
  expect(error.code).not.toBe('INTERNAL');
  expect(await preparedIn(cache)).toEqual([]);
}

it('covers every malformed folder of the fixtures', () => {
  expect(cases.length).toBeGreaterThanOrEqual(45);
});

describe('a sound folder', () => {
  it.each(cases.filter((one) => one.expect === 'ok'))("$name gives Python's vectors ($what)", async ({ name }) => {
    await expectGoodVectors(name, await temporaryFolder());
  });
});

describe('a malformed folder', () => {
  it.each(cases.filter((one) => one.expect === 'error'))(
    '$name is refused with what is wrong ($what)',
    async ({ name, message_should_mention: mentions }) => {
      await expectRefusal(name, await temporaryFolder(), mentions);
    },
  );

  it('with a byte order mark is read as if it had none', async () => {
    await expectGoodVectors('config-bom', await temporaryFolder());
  });

  it('with nesting that would exhaust the stack is refused', async () => {
    await expectRefusal('config-deep-nesting', await temporaryFolder(), ['config.json']);
  });
});
