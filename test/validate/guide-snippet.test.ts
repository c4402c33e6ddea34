import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { validateModel } from '#src/validate/index.js';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { temporaryFolder, tinyFolder } from './tiny-models.js';

const guide = readFileSync(new URL('../../docs/guides/validate-your-model.md', import.meta.url), 'utf8');
const folder = temporaryFolder();

/** What the snippet uses of the two packages, answering with what they gave for a tiny checkpoint. */
const STAND_IN = `
import json, os
class Values(list):
    def tolist(self):
        return list(self)
class SentenceTransformer:
    prompts, default_prompt_name = {"query": ""}, None
    def __init__(self, name, device, model_kwargs):
        assert device == "cpu" and model_kwargs == {"dtype": "float32"}
        with open(os.path.join(name, "expected.json")) as file:
            self.known = json.load(file)
    def find(self, key, text):
        return Values(self.known[key][self.known["texts"].index(text)])
    def preprocess(self, texts):
        return {"input_ids": [self.find("input_ids", text) for text in texts]}
    def encode(self, text):
        return self.find("vectors", text)
`;

it('the snippet of the guide makes an export that passes', async () => {
  const snippet = /```python\n(.*?)```/s.exec(guide)?.[1] ?? '';
  const checkpoint = tinyFolder('bert-mean');
  const { texts } = z
    .object({ texts: z.array(z.string()) })
    .parse(JSON.parse(readFileSync(path.join(checkpoint, 'expected.json'), 'utf8')));
  const mine = snippet
    .replace(/^name = .*$/m, () => `name = ${JSON.stringify(checkpoint)}`)
    .replace(/^texts = .*$/m, () => `texts = json.loads(${JSON.stringify(JSON.stringify(texts))})`);
  expect(mine).not.toContain('MiniLM');
  writeFileSync(path.join(folder, 'sentence_transformers.py'), `__version__ = "6.2.0"\n${STAND_IN}`);
  writeFileSync(path.join(folder, 'torch.py'), '__version__ = "2.15.0"\nfloat32 = "float32"\n');
  writeFileSync(path.join(folder, 'snippet.py'), mine);
  execFileSync('python3', ['snippet.py'], { cwd: folder });
  const report = await validateModel(checkpoint, {
    against: path.join(folder, 'python-vectors.json'),
    cache: path.join(folder, 'cache'),
    threads: 1,
  });
  expect(report.verdict).toBe('pass');
  expect(report.reference.versions).toEqual({ 'sentence-transformers': '6.2.0', torch: '2.15.0' });
  expect(report.checks.find(({ name }) => name === 'token-ids')?.outcome).toBe('pass');
  expect(report.cases.length).toBe(texts.length);
});
