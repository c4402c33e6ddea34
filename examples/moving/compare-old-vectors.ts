// How far vectors that are stored are from those that isovec gives: a sample of {"text", "vector"}, a line each.
import { readFile } from 'node:fs/promises';

import { loadModel } from 'isovec';
import { cosine } from 'isovec/vector';

interface Stored {
  readonly text: string;
  readonly vector: readonly number[];
}

const [file = 'old-vectors.jsonl', id = 'sentence-transformers/all-MiniLM-L6-v2'] = process.argv.slice(2);
const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
const sample = lines.map((line) => JSON.parse(line) as Stored);

const model = await loadModel(id);
const vectors = await model.encodeBatch(sample.map(({ text }) => text));
const compared = sample
  .map(({ text, vector }, at) => ({ text, cosine: cosine(vectors.row(at), Float32Array.from(vector)) }))
  .sort((a, b) => a.cosine - b.cosine);
const mean = compared.reduce((sum, one) => sum + one.cosine, 0) / compared.length;

console.log(`${compared.length} texts: cosine ${mean.toFixed(6)} in the mean`);
for (const one of compared.slice(0, 3)) console.log(one.cosine.toFixed(6), one.text.slice(0, 60));
await model.close();
