import { execFile, spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { asFloat32 } from './support/as-float32.js';
import { testServer } from './support/running-server.js';

const run = promisify(execFile);
const MODEL = 'sentence-transformers/all-MiniLM-L6-v2';
const QUERY = 'When is bread baked?';
const DOCUMENTS = ['Bread is baked at dawn.', 'The river rose overnight.'];
const HAS_CURL = spawnSync('curl', ['--version']).error === undefined;

/** A server with a small model in place of the one that the examples name, and the scores that it gives. */
async function exampleServer() {
  const server = await testServer({ grpcPort: 0 }, {}, MODEL);
  const { model } = server;
  const scores = model.similarity(await model.encode(QUERY), await model.encodeBatch(DOCUMENTS));
  const environment = {
    ...process.env,
    ISOVEC_URL: server.url,
    ISOVEC_GRPC: server.grpcAddress,
    ISOVEC_DIMENSIONS: '32',
  };
  return { ...server, environment, scores: Array.from(scores.data) };
}

describe('the examples of the server', () => {
  it.each(['openai-client.ts', 'langchain.ts', 'remote-provider.ts', 'grpc/client.ts'])(
    '%s prints the scores of the library',
    async (name) => {
      const { environment, scores } = await exampleServer();
      const { stdout } = await run('node_modules/.bin/tsx', [`examples/${name}`], {
        env: environment,
        timeout: 100_000,
      });
      const lines = stdout.trimEnd().split('\n');
      for (const [i, text] of DOCUMENTS.entries()) expect(lines[i]).toBe(`${scores[i]?.toFixed(4) ?? ''} ${text}`);
    },
  );

  it.runIf(HAS_CURL)('curl.sh prints vectors and scores of the library', async () => {
    const { environment, scores, model } = await exampleServer();
    const { stdout } = await run('sh', ['examples/curl.sh'], { env: environment, timeout: 100_000 });
    const answers = stdout.trimEnd().split('\n');
    const [openAi, native, similarity] = z
      .tuple([
        z.object({ data: z.array(z.object({ embedding: z.array(z.number()) })) }),
        z.object({ embeddings: z.array(z.array(z.number())) }),
        z.object({ scores: z.array(z.array(z.number())) }),
      ])
      .parse(answers.map((line): unknown => JSON.parse(line, asFloat32)));
    const expected = (await model.encodeBatch(DOCUMENTS)).toArrays();
    expect(openAi.data.map(({ embedding }) => embedding)).toEqual(expected.slice(0, 1));
    expect(native.embeddings).toEqual(expected);
    expect(similarity.scores).toEqual([scores]);
  });

  it('are all named in the guide', async () => {
    const guide = await readFile('docs/guides/serve.md', 'utf8');
    const files = await readdir('examples', { recursive: true });
    // Those of the quick starts and of moving are named there.
    const own = files.filter((name) => /^(grpc\/)?[^/]+\.(ts|py|sh)$/.test(name) && name !== 'first-vectors.ts');
    expect(own.length).toBeGreaterThanOrEqual(7);
    for (const name of own) expect(guide).toContain(`examples/${name}`);
  });
});
