import { describe, expect, it } from 'vitest';

import { embedAll } from '../../page/src/server/embed-all.js';
import { requestChunks } from '../../page/src/server/request-chunks.js';
import { serverClient } from '../../page/src/server/server-client.js';
import { testServer } from '../server/support/running-server.js';

const SIGNAL = new AbortController().signal;

describe('requestChunks', () => {
  const limits = { maxTexts: 3, maxTokens: 20, promptTokens: 0 };

  it('keeps the order and the limits', () => {
    expect(requestChunks(['a', 'b', 'c', 'd'], limits)).toEqual([['a', 'b', 'c'], ['d']]);
    // Nine bytes and two tokens around them; two such texts are too many.
    expect(requestChunks(['a'.repeat(9), 'b'.repeat(9)], limits)).toEqual([['a'.repeat(9)], ['b'.repeat(9)]]);
    expect(requestChunks([], limits)).toEqual([]);
  });

  it('counts bytes and the prompt, and sends what is too long for any request alone', () => {
    expect(requestChunks(['日本語', 'a'], { ...limits, maxTokens: 13 })).toEqual([['日本語'], ['a']]);
    expect(requestChunks(['a', 'b'], { ...limits, promptTokens: 10 })).toEqual([['a'], ['b']]);
    expect(requestChunks(['a', 'b'.repeat(99), 'c'], limits)).toEqual([['a'], ['b'.repeat(99)], ['c']]);
  });
});

describe('embedAll', () => {
  it('gives the vectors and tokens of the library over several requests, and adds their times', async () => {
    const { url, model } = await testServer({ limits: { maxInputs: 2 } });
    const client = serverClient(`${url}/`, () => undefined);
    const info = await client.info('tiny', SIGNAL);
    const texts = ['the river rose', 'a 😀 café', 'the old harbour '.repeat(400), 'rain', 'b'];
    const progress: number[] = [];
    const embedded = await embedAll(client, info, texts, 'document', SIGNAL, (done) => progress.push(done));
    expect(embedded.vectors).toEqual([...(await model.encodeBatch(texts))]);
    const { texts: tokenized } = await model.tokens.encode(texts);
    expect(embedded.tokens).toEqual(tokenized.map(({ fullTokenCount }) => fullTokenCount));
    expect([...embedded.truncated]).toEqual([2]);
    expect(progress).toEqual([2, 4, 5]);
    expect(embedded.requests).toBe(3);
    const { tokenize_ms, inference_ms, total_ms } = embedded.timings;
    expect(total_ms).toBeGreaterThanOrEqual(tokenize_ms);
    expect(inference_ms).toBeGreaterThan(0);
    expect(info).toMatchObject({ model_id: 'tiny', similarity: model.info().similarity });
  });

  it('says in words what the server refuses, and that it is gone', async () => {
    const { url, close } = await testServer({ apiKeys: ['sesame'], limits: { maxTokens: 3 } });
    const client = (key?: string) => serverClient(`${url}/`, () => key);
    await expect(client().models(SIGNAL)).rejects.toMatchObject({ status: 401, message: /wants an API key/ });
    await expect(client('wrong').info('tiny', SIGNAL)).rejects.toMatchObject({ status: 401, message: /not one of/ });
    const open = client('sesame');
    await expect(open.info('other', SIGNAL)).rejects.toMatchObject({ status: 404, message: /"other" is not served/ });
    await expect(open.embed({ model: 'tiny', texts: ['too many tokens'] }, SIGNAL)).rejects.toMatchObject({
      message: /holds \d+ tokens; the limit is 3/,
    });
    await close(0);
    await expect(open.models(SIGNAL)).rejects.toMatchObject({ status: 0, message: /cannot be reached/ });
  });
});
