import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '#src/formats/safetensors/bytes-source.js';
import { parseShardIndex } from '#src/formats/safetensors/parse-shard-index.js';
import { readSafetensorsHeader } from '#src/formats/safetensors/read-safetensors-header.js';
import { caughtError } from './caught-error.js';

const ROOT = fileURLToPath(new URL('../fixtures/', import.meta.url));

interface Case {
  readonly expect: string;
  readonly message_should_mention: readonly string[];
}

function readCase(id: string): Case {
  return JSON.parse(readFileSync(`${ROOT}hostile/${id}/case.json`, 'utf8')) as Case;
}

const folders = readdirSync(`${ROOT}hostile`);

describe('a hostile safetensors file is refused with a message that names the defect', () => {
  const cases = folders.filter((folder) => folder.startsWith('st-'));
  test('the fixtures are there', () => {
    expect(cases.length).toBeGreaterThanOrEqual(18);
  });
  test.each(cases)('%s', async (id) => {
    const bytes = readFileSync(`${ROOT}hostile/${id}/model.safetensors`);
    const error = await caughtError(() => readSafetensorsHeader(bytesSource('model.safetensors', bytes)));
    expect(readCase(id).expect).toBe('error');
    expect(error.code).toBe('FORMAT_INVALID');
    for (const word of readCase(id).message_should_mention) {
      expect(error.message.toLowerCase()).toContain(word.toLowerCase());
    }
  });
});

test('an index that leads out of its folder is refused', async () => {
  const file = 'model.safetensors.index.json';
  const bytes = readFileSync(`${ROOT}hostile/index-traversal/${file}`);
  const error = await caughtError(() => parseShardIndex(bytes, file));
  expect(error.code).toBe('FORMAT_INVALID');
  for (const word of readCase('index-traversal').message_should_mention) expect(error.message).toContain(word);
});

test('an index that names a missing shard is read: whether files are there is decided elsewhere', () => {
  const file = 'model.safetensors.index.json';
  const { shards } = parseShardIndex(readFileSync(`${ROOT}hostile/index-missing-shard/${file}`), file);
  expect(shards).toContain(readCase('index-missing-shard').message_should_mention[0]);
});

describe('sound files are read', () => {
  const expectsVectors = folders.filter((folder) => /^(00-good|tensor-|weights-)/.test(folder));
  const sound = ['tiny', ...expectsVectors.map((folder) => `hostile/${folder}`)].flatMap((folder) =>
    readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.safetensors'))
      .map((name) => `${folder}/${name}`),
  );
  test('the fixtures are there', () => {
    expect(sound.length).toBeGreaterThan(20);
  });
  test.each(sound)('%s', async (path) => {
    const bytes = readFileSync(ROOT + path);
    const { tensors } = await readSafetensorsHeader(bytesSource(path, bytes));
    expect(tensors.size).toBeGreaterThan(0);
    expect(Math.max(...[...tensors.values()].map(({ end }) => end))).toBe(bytes.byteLength);
  });
});
