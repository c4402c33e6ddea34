import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { jsonLines, largestDifference, run, temporaryFolder, tinyModel } from '../cli/command-line.js';

// A WebGPU device without a graphics card: the one in software that Chromium brings.

const SOFTWARE_DEVICE = '/usr/lib/chromium/libvk_swiftshader.so';
const { folder, texts, vectors } = tinyModel('bert-mean');
const home = await temporaryFolder();
const environment = { ISOVEC_HOME: home.path, XDG_RUNTIME_DIR: home.path, VK_ICD_FILENAMES: '' };

beforeAll(async () => {
  if (!existsSync(SOFTWARE_DEVICE)) throw new Error(`${SOFTWARE_DEVICE} is missing; Debian's chromium has it.`);
  const file = path.join(home.path, 'icd.json');
  const driver = { file_format_version: '1.0.0', ICD: { library_path: SOFTWARE_DEVICE, api_version: '1.3' } };
  await writeFile(file, JSON.stringify(driver));
  environment.VK_ICD_FILENAMES = file;
  return () => home[Symbol.asyncDispose]();
});

describe('WebGPU in process', () => {
  it('is compared with the processor, and gives the vectors of Python', async () => {
    const embed = ['embed', '--model', folder, '--device', 'webgpu', '--provider', 'onnx', '--json'];
    const { code, text, stderr } = await run([...embed, '--in', '-', '--in-format', 'jsonl'], {
      environment,
      input: texts.map((one) => `${JSON.stringify({ text: one })}\n`).join(''),
    });
    expect([code, stderr]).toEqual([0, expect.stringContaining('webgpu gives the vectors of the processor')]);
    const rows = jsonLines(text);
    expect(rows).toHaveLength(texts.length);
    for (const [i, { vector }] of rows.entries()) expect(largestDifference(vector, vectors[i])).toBeLessThan(1e-5);
  });

  it('is listed by doctor', async () => {
    const [{ findings } = {}] = jsonLines((await run(['doctor', '--json'], { environment })).text);
    const devices = (findings as { name: string; detail: string }[]).find(({ name }) => name === 'devices');
    expect(devices?.detail).toMatch(/^in process: cpu, webgpu/);
  });
});
