import { loadModel } from '#src/index.js';
import { expect, it, onTestFinished } from 'vitest';

import { failure, temporaryFolder, tinyFolder } from '../../engine/support/tiny-model.js';
import { fakeBridge } from './support/fake-bridge.js';

/** A child whose tokenizer gives no tokens for an empty text, as static embeddings do; `embed` answers a batch. */
async function load(embed: string) {
  const python = await fakeBridge(`(m, { answer, fail, vectors, model }) => {
    const texts = m.params.texts ?? [];
    if (m.method === 'ping') answer({ pong: true });
    else if (m.method === 'load_model') answer(model({ max_seq_length: null }));
    else if (m.method === 'tokenize') answer({ token_ids: texts.map((text) => text === '' ? [] : [7]), full_counts: texts.map((text) => Math.min(1, text.length)) });
    else { ${embed} }
  }`);
  const options = { provider: 'python/echo', python, cache: await temporaryFolder(), warmUp: false } as const;
  const model = await loadModel(tinyFolder('distilbert'), options);
  onTestFinished(() => model.close());
  return model;
}

it('a text without tokens has the vector that Python gives, whatever is beside it', async () => {
  const model = await load('answer({ vectors: vectors(m.rows, 32, m.rows > 1024 ? 9 : m.length === 0 ? 0 : 1) });');
  expect(await model.encode('')).toEqual(new Float32Array(32));
  // More than a batch holds.
  const texts = Array.from({ length: 3000 }, (_, i) => (i % 3 === 0 ? 'a' : ''));
  const batch = await model.encodeBatch(texts);
  texts.forEach((text, i) => {
    expect(batch.row(i)).toEqual(new Float32Array(32).fill(text === '' ? 0 : 1));
  });
  expect(batch.tokens).toEqual(Uint32Array.from(texts, (text) => text.length));
});

it('a text without tokens is refused where Python has no vector for it', async () => {
  const model = await load("if (m.length === 0) fail('INPUT_INVALID'); else answer({ vectors: vectors(m.rows, 32) });");
  expect((await failure(() => model.encode(''))).code).toBe('INPUT_INVALID');
  expect((await model.encode('a')).length).toBe(32);
});
