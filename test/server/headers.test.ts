import { describe, expect, it } from 'vitest';

import { testServer } from './support/running-server.js';

const LONG = 'the old harbour '.repeat(400);

/** Every route that embeds, with a text that is cut; the number of texts follows. */
const INFERENCE: readonly (readonly [path: string, body: object, texts: readonly string[]])[] = [
  ['/v1/embeddings', { model: 'tiny', input: ['a b', LONG], truncate: true }, ['a b', LONG]],
  ['/embeddings', { model: 'tiny', input: LONG, truncate: true }, [LONG]],
  ['/embed', { texts: ['a b', LONG] }, ['a b', LONG]],
  ['/embed', { inputs: [LONG, LONG], truncate: true }, [LONG, LONG]],
  ['/embed_all', { inputs: LONG, truncate: true }, [LONG]],
  ['/similarity', { a: ['a b', LONG], b: ['c'], truncate: true }, ['a b', LONG, 'c']],
  [
    '/similarity',
    { inputs: { source_sentence: LONG, sentences: ['a b'] }, parameters: { truncate: true } },
    [LONG, 'a b'],
  ],
];

const TIMES = ['x-isovec-tokenize-ms', 'x-isovec-queue-ms', 'x-isovec-inference-ms'];

describe('headers of an answer', () => {
  it.each(INFERENCE)('on %s (case %#) say what was done', async (path, body, texts) => {
    const { post, model } = await testServer();
    const tokenized = await model.tokens.encode(texts);
    const { status, headers } = await post(path, body, { 'x-request-id': 'my-request.1' });
    expect(status).toBe(200);
    expect(headers.get('x-request-id')).toBe('my-request.1');
    const tokens = tokenized.texts.reduce((sum, { fullTokenCount }) => sum + fullTokenCount, 0);
    expect(headers.get('x-isovec-tokens')).toBe(String(tokens));
    expect(headers.get('x-isovec-truncated')).toBe(String(texts.filter((text) => text === LONG).length));
    for (const name of TIMES) expect(headers.get(name)).toMatch(/^\d+\.\d{3}$/);
    expect(Number(headers.get('x-isovec-inference-ms'))).toBeGreaterThan(0);
  });

  it('on /tokenize and /decode say what was tokenised, and nothing of an inference', async () => {
    const { post, model } = await testServer();
    const explained = await model.tokens.explain('the old harbour');
    const ids = explained.map(({ id }) => id);
    for (const [path, body, tokens] of [
      ['/tokenize', { inputs: ['the old harbour', 'the old harbour'] }, 2 * ids.length],
      ['/decode', { ids }, ids.length],
    ] as const) {
      const { status, headers } = await post(path, body);
      expect([status, headers.get('x-isovec-tokens')]).toEqual([200, String(tokens)]);
      expect(headers.get('x-isovec-tokenize-ms')).toMatch(/^\d+\.\d{3}$/);
      expect(headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
      expect(headers.has('x-isovec-inference-ms')).toBe(false);
    }
  });

  it('of an error name the request, whatever it was called', async () => {
    const { post, get } = await testServer();
    expect((await post('/embed', { texts: 5 }, { 'x-request-id': 'mine' })).headers.get('x-request-id')).toBe('mine');
    const unsafe = await post('/embed', { texts: 5 }, { 'x-request-id': 'a b' });
    expect(unsafe.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
    expect((await get('/nowhere')).headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
  });
});
