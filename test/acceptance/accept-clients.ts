import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { exampleScores, EXAMPLES } from './example-scores.js';
import { ACCEPTANCE_CACHE } from './python-environment.js';
import { runStep } from './run-step.js';
import { writeTiktokenCache } from './tiktoken-cache.js';
import { tinyServer } from './tiny-server.js';

const MODEL = 'sentence-transformers/all-MiniLM-L6-v2';
const TEXTS = ['the river rose', '', 'a 😀 café', 'b', 'the old harbour '.repeat(4)];

/** Whether Python's clients of OpenAI and of LangChain get the library's vectors, and whether the examples run. */
export async function acceptClients(python: string): Promise<void> {
  await using server = await tinyServer({}, MODEL);
  const { url, model } = server;
  const { texts: tokenized } = await model.tokens.encode(TEXTS);
  const expected = path.join(ACCEPTANCE_CACHE, 'clients.json');
  const tiktoken = path.join(ACCEPTANCE_CACHE, 'tiktoken');
  await writeTiktokenCache(tiktoken);
  await writeFile(
    expected,
    JSON.stringify({
      url,
      model: MODEL,
      tiktoken,
      texts: TEXTS,
      tokenIds: tokenized.map(({ ids }) => [...ids]),
      tokens: tokenized.reduce((sum, { fullTokenCount }) => sum + fullTokenCount, 0),
      vectors: (await model.encodeBatch(TEXTS)).toArrays(),
      shortVectors: (await model.encodeBatch(TEXTS, { dimensions: 5, normalize: true })).toArrays(),
    }),
  );
  await runStep(python, [path.join(import.meta.dirname, 'check_clients.py'), expected]);
  const scores = await exampleScores(model);
  const example = path.join(import.meta.dirname, 'check_example.py');
  for (const name of ['openai_client.py', 'langchain_embeddings.py']) {
    await runStep(python, [example, path.join(EXAMPLES, name), url, ...scores]);
  }
}
