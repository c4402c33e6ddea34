import OpenAI, { BadRequestError, NotFoundError } from 'openai';
import { expect, it } from 'vitest';

import { testServer } from './support/running-server.js';

const TEXTS = ['the river rose', '', 'a 😀 café', 'b'];

it('the official client of OpenAI gets the bits of the library, for texts and for token ids', async () => {
  const { url, model } = await testServer();
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any', maxRetries: 0 });
  const expected = [...(await model.encodeBatch(TEXTS))];
  const { texts } = await model.tokens.encode(TEXTS);
  const ids = texts.map((text) => [...text.ids]);
  // Its default is base64, which it decodes itself.
  for (const encoding of [{}, { encoding_format: 'float' }] as const) {
    for (const input of [TEXTS, ids]) {
      const { data, usage } = await client.embeddings.create({ model: 'tiny', input, ...encoding });
      expect(data.map(({ embedding }) => Float32Array.from(embedding))).toEqual(expected);
      expect(usage.total_tokens).toBe(ids.flat().length);
    }
  }
  const listed = await client.models.list();
  expect(listed.data.map(({ id }) => id)).toEqual(['tiny']);
});

it('the official client of OpenAI understands errors', async () => {
  const { url } = await testServer();
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any', maxRetries: 0 });
  await expect(client.embeddings.create({ model: 'tiny', input: 'a '.repeat(2000) })).rejects.toBeInstanceOf(
    BadRequestError,
  );
  await expect(client.embeddings.create({ model: 'other', input: 'a' })).rejects.toBeInstanceOf(NotFoundError);
});
