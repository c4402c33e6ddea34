import { OpenAIEmbeddings } from '@langchain/openai';
import { expect, it } from 'vitest';

import { testServer } from './support/running-server.js';

// Without the surrogate halves and new lines that LangChain changes itself.
const TEXTS = ['the river rose', '', 'a 😀 café', 'b'];

it("LangChain's embeddings for OpenAI get the bits of the library with their defaults, in one request and in many", async () => {
  const { url, model } = await testServer();
  const options = { model: 'tiny', apiKey: 'any', configuration: { baseURL: `${url}/v1` } };
  const expected = (await model.encodeBatch(TEXTS)).toArrays();
  for (const embeddings of [new OpenAIEmbeddings(options), new OpenAIEmbeddings({ ...options, batchSize: 1 })]) {
    expect(await embeddings.embedDocuments(TEXTS)).toEqual(expected);
    for (const [i, text] of TEXTS.entries()) expect(await embeddings.embedQuery(text)).toEqual(expected[i]);
  }
  const short = new OpenAIEmbeddings({ ...options, dimensions: 5 });
  expect(await short.embedDocuments(TEXTS)).toEqual(
    (await model.encodeBatch(TEXTS, { dimensions: 5, normalize: true })).toArrays(),
  );
});

it("LangChain's embeddings for OpenAI tell why a text is refused, without trying again", async () => {
  const { url, get } = await testServer();
  const options = { model: 'tiny', apiKey: 'any', configuration: { baseURL: `${url}/v1` } };
  const refused = new OpenAIEmbeddings(options).embedQuery('the old harbour '.repeat(400));
  await expect(refused).rejects.toThrow(/maximum context length/);
  const { body } = await get('/metrics');
  expect(String(body)).toMatch(
    /^isovec_request_failures_total\{model="tiny",protocol="http",code="INPUT_TOO_LONG"\} 1$/m,
  );
});
