import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { listFolderFiles } from '#src/models/folder-files.js';
import { openWeights, type Weights } from '#src/models/weights.js';
import { describe, expect, it, onTestFinished } from 'vitest';

import { copyOf, editJson, failure, fixture, temporaryFolder } from './model-folder.js';

const INDEX = 'model.safetensors.index.json';

async function open(folder: string, module = ''): Promise<Weights> {
  const weights = await openWeights(await listFolderFiles(folder), module);
  onTestFinished(() => weights.close());
  return weights;
}

describe('openWeights', () => {
  it('reads each tensor from the bytes that its header names', async () => {
    const weights = await open(fixture('tiny/bert-mean'));
    const tensor = weights.tensors.get('embeddings.word_embeddings.weight');
    expect(tensor).toMatchObject({ dtype: 'F32', shape: [420, 32], file: { name: 'model.safetensors' } });
    const file = await readFile(fixture('tiny/bert-mean/model.safetensors'));
    expect(Buffer.from((await tensor?.read()) ?? []).equals(file.subarray(tensor?.begin, tensor?.end))).toBe(true);
  });

  it('reads shards as one checkpoint, each tensor from its own file', async () => {
    const sharded = await open(fixture('tiny/bert-sharded'));
    const whole = await open(fixture('tiny/bert-mean'));
    expect([...sharded.tensors.keys()].sort()).toEqual([...whole.tensors.keys()].sort());
    const names = new Set<string>();
    for (const tensor of sharded.tensors.values()) {
      names.add(tensor.file.name);
      expect(tensor.shape).toEqual(whole.tensors.get(tensor.name)?.shape);
      const file = await readFile(tensor.file.path);
      expect(file.subarray(tensor.begin, tensor.end).equals(await tensor.read())).toBe(true);
    }
    expect(names.size).toBeGreaterThan(1);
  });

  it.each([1, 64, 100, 1 << 20])('chunks of at most %d bytes join to the tensor, in whole elements', async (size) => {
    const weights = await open(fixture('tiny/bert-mean'));
    const tensor = weights.tensors.get('embeddings.position_embeddings.weight');
    const chunks: Uint8Array[] = [];
    for await (const chunk of tensor?.chunks(size) ?? []) chunks.push(chunk);
    for (const chunk of chunks) {
      expect(chunk.byteLength).toBeLessThanOrEqual(Math.max(size, 8));
      expect(chunk.byteLength % 4).toBe(0);
    }
    expect(Buffer.concat(chunks).equals(Buffer.from((await tensor?.read()) ?? []))).toBe(true);
  });

  it('reads the weights of a module in its own folder', async () => {
    expect([...(await open(fixture('tiny/bert-dense'), '2_Dense')).tensors.keys()].sort()).toEqual([
      'linear.bias',
      'linear.weight',
    ]);
  });

  it('refuses to read once closed, and closes twice without harm', async () => {
    const weights = await open(fixture('tiny/bert-mean'));
    await weights.close();
    await weights.close();
    const tensor = [...weights.tensors.values()][0];
    expect((await failure(() => tensor?.read())).code).toBe('CLOSED');
  });

  it('names the weights that a folder lacks', async () => {
    const error = await failure(async () => open(await temporaryFolder(), '2_Dense'));
    expect(error.code).toBe('MODEL_FILE_MISSING');
    expect(error.message).toContain('2_Dense/model.safetensors');
  });

  it('refuses pickles by name, not the optimizer state beside them', async () => {
    const folder = await temporaryFolder();
    for (const name of ['optimizer.pt', 'pytorch_model.bin', 'training_args.bin']) {
      await writeFile(path.join(folder, name), 'x');
    }
    const error = await failure(() => open(folder));
    expect(error.code).toBe('FORMAT_INVALID');
    expect(error.message).toContain('pytorch_model.bin');
    expect(error.message).toContain('safetensors');
  });

  it('names a shard that is missing', async () => {
    const folder = await copyOf('tiny/bert-sharded');
    const shard = [...(await listFolderFiles(folder)).files.keys()].find((name) => name.startsWith('model-00001'));
    await rm(path.join(folder, shard ?? ''));
    const error = await failure(() => open(folder));
    expect(error.code).toBe('MODEL_FILE_MISSING');
    expect(error.message).toContain(shard);
  });

  it('refuses an index that puts a tensor into a shard that lacks it', async () => {
    const folder = await copyOf('tiny/bert-sharded');
    await editJson(folder, INDEX, (index) => {
      const map = index['weight_map'] as Record<string, string>;
      return { ...index, weight_map: { ...map, 'not.there': Object.values(map)[0] } };
    });
    const error = await failure(() => open(folder));
    expect(error.code).toBe('FORMAT_INVALID');
    for (const mention of [INDEX, 'weight_map', 'not.there']) expect(error.message).toContain(mention);
  });

  it('refuses a tensor that two shards hold', async () => {
    const folder = await copyOf('tiny/bert-sharded');
    const shards = [...(await listFolderFiles(folder)).files.keys()].filter((name) => /^model-\d/.test(name));
    await writeFile(path.join(folder, shards[1] ?? ''), await readFile(path.join(folder, shards[0] ?? '')));
    const error = await failure(() => open(folder));
    expect(error.code).toBe('FORMAT_INVALID');
    for (const shard of shards.slice(0, 2)) expect(error.message).toContain(shard);
  });
});
