import { readdirSync } from 'node:fs';

import { listFolderFiles } from '#src/models/folder-files.js';
import { readModelRecord } from '#src/models/model-config/read-model-record.js';
import { readTokenizerDefinition } from '#src/models/tokenizer-definition/read-tokenizer-definition.js';
import { openWeights } from '#src/models/weights.js';
import { TextTokenizer } from '#src/runtime/tokenizer.js';
import { describe, expect, it } from 'vitest';

import { failure, fixture, fixtureJson } from './model-folder.js';

interface Case {
  readonly expect: 'ok' | 'error' | 'error-or-ok';
  readonly message_should_mention: readonly string[];
}

/** Cases that only the comparison of weights with the configuration can find. */
const WEIGHTS_AGAINST_CONFIG = [
  'config-vocab-size',
  'tensor-missing',
  'tensor-wrong-shape',
  'weights-inf',
  'weights-nan',
];

const CASES = readdirSync(fixture('hostile')).filter(
  (name) => !name.includes('.') && !WEIGHTS_AGAINST_CONFIG.includes(name),
);

/** Every step that reads a model's files before its graph is written. */
async function read(name: string): Promise<void> {
  const files = await listFolderFiles(fixture(`hostile/${name}`));
  const record = await readModelRecord(files);
  const definition = await readTokenizerDefinition(files, record);
  await TextTokenizer.load(definition, record.maxSequenceLength);
  await using weights = await openWeights(files, record.transformerPath);
  expect(weights.tensors.size).toBeGreaterThan(0);
}

describe('malformed model folders', () => {
  it('there are cases', () => {
    expect(CASES.length).toBeGreaterThan(30);
  });

  it.each(CASES)('%s', async (name) => {
    const { expect: expected, message_should_mention: mentions } = await fixtureJson<Case>(`hostile/${name}/case.json`);
    if (expected === 'ok' || name === 'config-bom') {
      await read(name);
      return;
    }
    const error = await failure(() => read(name));
    for (const mention of mentions) expect(error.message).toContain(mention);
    expect(['FORMAT_INVALID', 'CONFIG_INVALID', 'ARCHITECTURE_UNSUPPORTED', 'MODEL_FILE_MISSING']).toContain(
      error.code,
    );
    expect(error.message.length).toBeLessThan(600);
  });

  it.each([
    ['config-unknown-model-type', 'ARCHITECTURE_UNSUPPORTED'],
    ['config-unknown-activation', 'ARCHITECTURE_UNSUPPORTED'],
    ['modules-unknown-type', 'ARCHITECTURE_UNSUPPORTED'],
    ['modules-symlink-like', 'FORMAT_INVALID'],
    ['vocab-too-large', 'FORMAT_INVALID'],
    ['pickle-only', 'FORMAT_INVALID'],
    ['index-missing-shard', 'MODEL_FILE_MISSING'],
  ])('%s is %s', async (name, code) => {
    expect((await failure(() => read(name))).code).toBe(code);
  });
});
