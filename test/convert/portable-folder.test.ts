import { cp, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { convertFolder, temporaryFolder, tinyFolder } from './portable-model.js';

async function jsonOf(...parts: readonly string[]): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path.join(...parts), 'utf8')) as Record<string, unknown>;
}

describe('a portable folder', () => {
  it('holds the graph, the configuration and the tokenizer, and lists them with their sizes', async () => {
    const { folder, files, opset } = await convertFolder(tinyFolder('bert-mean'));
    expect(opset).toBe(18);
    const names = files.map(({ name }) => name);
    for (const name of ['onnx/model.onnx', 'config.json', 'modules.json', 'tokenizer.json', 'tokenizer_config.json']) {
      expect(names).toContain(name);
    }
    expect(names).not.toContain('model.safetensors');
    for (const { name, bytes } of files) expect((await stat(path.join(folder, name))).size).toBe(bytes);
  });

  it('says in tokenizer_config.json where the model really cuts, and keeps the rest', async () => {
    const { folder } = await convertFolder(tinyFolder('bert-oldlayout'));
    const published = await jsonOf(tinyFolder('bert-oldlayout'), 'tokenizer_config.json');
    const written = await jsonOf(folder, 'tokenizer_config.json');
    expect(written).toEqual({ ...published, model_max_length: 32 });
  });

  it('holds the weights of the steps after the transformer, which other tools apply themselves', async () => {
    const { folder } = await convertFolder(tinyFolder('bert-dense'));
    for (const name of ['2_Dense', '3_Dense']) {
      const original = await readFile(path.join(tinyFolder('bert-dense'), name, 'model.safetensors'));
      expect(await readFile(path.join(folder, name, 'model.safetensors'))).toEqual(original);
    }
  });

  it('keeps graph and tokenizer with the transformer, where that has a folder of its own', async () => {
    const model = path.join(await temporaryFolder(), 'model');
    await cp(tinyFolder('bert-mean'), model, { recursive: true });
    await mkdir(path.join(model, '0_Transformer'));
    const moved = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
    for (const name of [...moved, 'sentence_bert_config.json']) {
      await rename(path.join(model, name), path.join(model, '0_Transformer', name));
    }
    const modules = (await readFile(path.join(model, 'modules.json'), 'utf8')).replace(
      '"path": ""',
      '"path": "0_Transformer"',
    );
    await writeFile(path.join(model, 'modules.json'), modules);
    const names = (await convertFolder(model)).files.map(({ name }) => name);
    for (const name of ['onnx/model.onnx', 'tokenizer.json', 'tokenizer_config.json', 'config.json']) {
      expect(names).toContain(`0_Transformer/${name}`);
    }
    expect(names.filter((name) => name === 'tokenizer.json')).toEqual([]);
  });
});

describe('the output folder', () => {
  it('is not touched if it holds something, unless it may be replaced', async () => {
    const out = path.join(await temporaryFolder(), 'out');
    await mkdir(out);
    await writeFile(path.join(out, 'mine.txt'), 'precious');
    await expect(convertFolder(tinyFolder('bert-mean'), { out })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(await readdir(out)).toEqual(['mine.txt']);
    await convertFolder(tinyFolder('bert-mean'), { out, overwrite: true });
    expect(await readdir(out)).not.toContain('mine.txt');
    expect(await readdir(path.dirname(out))).toEqual(['out']);
  });

  it('keeps its content when the conversion fails, and nothing half-written stays beside it', async () => {
    const out = path.join(await temporaryFolder(), 'out');
    await convertFolder(tinyFolder('bert-cls'), { out });
    const before = await readFile(path.join(out, 'onnx/model.onnx'));
    for (const options of [{ signal: AbortSignal.abort() }, { opset: 3 }]) {
      await expect(convertFolder(tinyFolder('bert-mean'), { out, overwrite: true, ...options })).rejects.toThrow();
    }
    expect(await readFile(path.join(out, 'onnx/model.onnx'))).toEqual(before);
    expect(await readdir(path.dirname(out))).toEqual(['out']);
  });

  it('may be empty, may have parents that do not exist, and can be read by others', async () => {
    const parent = await temporaryFolder();
    await mkdir(path.join(parent, 'empty'));
    await convertFolder(tinyFolder('bert-mean'), { out: path.join(parent, 'empty') });
    const { folder } = await convertFolder(tinyFolder('bert-mean'), { out: path.join(parent, 'a/b/c') });
    // The folder above was made by a plain mkdir.
    expect((await stat(folder)).mode).toBe((await stat(parent + '/a/b')).mode);
  });

  it('that is a file, or lies below one, is refused', async () => {
    const file = path.join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    for (const out of [file, path.join(file, 'below')]) {
      await expect(convertFolder(tinyFolder('bert-mean'), { out })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    }
    expect(await readFile(file, 'utf8')).toBe('');
  });
});
