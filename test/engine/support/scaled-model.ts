import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { encodeSafetensors } from '#src/formats/safetensors/encode-safetensors.js';

import { copyOfTiny } from './tiny-model.js';

/** A copy of bert-nonorm that multiplies its vector by `factor` in each of some further steps. */
export async function scaledModel(...factors: readonly number[]): Promise<string> {
  const folder = await copyOfTiny('bert-nonorm');
  const modules = [
    { idx: 0, name: '0', path: '', type: 'sentence_transformers.models.Transformer' },
    { idx: 1, name: '1', path: '1_Pooling', type: 'sentence_transformers.models.Pooling' },
    ...factors.map((_, i) => ({
      idx: i + 2,
      name: String(i + 2),
      path: `${i + 2}_Dense`,
      type: 'sentence_transformers.models.Dense',
    })),
  ];
  await writeFile(path.join(folder, 'modules.json'), JSON.stringify(modules));
  for (const [i, factor] of factors.entries()) {
    const weight = new Float32Array(32 * 32);
    for (let row = 0; row < 32; row++) weight[row * 33] = factor;
    const bytes = new Uint8Array(weight.buffer);
    const config = {
      in_features: 32,
      out_features: 32,
      bias: false,
      activation_function: 'torch.nn.modules.linear.Identity',
    };
    const module = path.join(folder, `${i + 2}_Dense`);
    await mkdir(module);
    await writeFile(path.join(module, 'config.json'), JSON.stringify(config));
    const tensor = { name: 'linear.weight', dtype: 'F32' as const, shape: [32, 32], bytes };
    await writeFile(path.join(module, 'model.safetensors'), encodeSafetensors([tensor]));
  }
  return folder;
}
