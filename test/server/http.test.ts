import { base64ToFloat32 } from '#src/vector/index.js';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { testServer } from './support/running-server.js';

const LONG = 'the old harbour '.repeat(400);
const TEXTS = ['the river rose', '', 'a 😀 café'];

const openAiAnswer = z.object({
  object: z.literal('list'),
  data: z.array(z.object({ index: z.int(), embedding: z.union([z.array(z.number()), z.string()]) })),
  usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
});

function vectorsOf(body: unknown): Float32Array[] {
  return openAiAnswer
    .parse(body)
    .data.map(({ embedding }) =>
      typeof embedding === 'string' ? base64ToFloat32(embedding) : Float32Array.from(embedding),
    );
}

describe('POST /v1/embeddings', () => {
  it('gives the bits of the library as floats and as base64, for every form of input', async () => {
    const { post, model } = await testServer();
    const expected = [...(await model.encodeBatch(TEXTS))];
    const { texts: tokenized } = await model.tokens.encode(TEXTS);
    const ids = tokenized.map((text) => [...text.ids]);
    for (const path of ['/v1/embeddings', '/embeddings']) {
      for (const format of ['float', 'base64']) {
        const texts = await post(path, { model: 'tiny', input: TEXTS, encoding_format: format });
        expect(texts.status).toBe(200);
        expect(vectorsOf(texts.body)).toEqual(expected);
        const lists = await post(path, { model: 'tiny', input: ids, encoding_format: format });
        expect(vectorsOf(lists.body)).toEqual(expected);
      }
    }
    const one = await post('/v1/embeddings', { model: 'tiny', input: TEXTS[0] });
    expect(vectorsOf(one.body)).toEqual(expected.slice(0, 1));
    const oneList = await post('/v1/embeddings', { model: 'tiny', input: ids[0] });
    expect(vectorsOf(oneList.body)).toEqual(expected.slice(0, 1));
  });

  it('counts tokens before the cut, and says what was cut', async () => {
    const { post, model } = await testServer();
    const { texts } = await model.tokens.encode([LONG, 'b']);
    const tokens = texts.reduce((sum, { fullTokenCount }) => sum + fullTokenCount, 0);
    const { body, headers } = await post('/v1/embeddings', { model: 'tiny', input: [LONG, 'b'], truncate: true });
    expect(body).toMatchObject({ usage: { prompt_tokens: tokens, total_tokens: tokens }, truncated: [0] });
    expect([headers.get('x-isovec-truncated'), headers.get('x-isovec-tokens')]).toEqual(['1', String(tokens)]);
    for (const header of ['x-request-id', 'x-isovec-tokenize-ms', 'x-isovec-queue-ms', 'x-isovec-inference-ms']) {
      expect(headers.get(header)).toBeTruthy();
    }
  });

  it('cuts to the first dimensions and normalises again', async () => {
    const { post, model } = await testServer();
    const { body } = await post('/v1/embeddings', { model: 'tiny', input: TEXTS, dimensions: 5 });
    expect(vectorsOf(body)).toEqual([...(await model.encodeBatch(TEXTS, { dimensions: 5, normalize: true }))]);
  });

  it.each<[string, object, string | null, RegExp]>([
    ['a text that is too long', { input: ['a', LONG] }, 'input', /Input 1 has \d+ tokens.*maximum context length/],
    ['no text', { input: [] }, 'input', /input: must be a text, a list of texts|>=1/],
    ['a number', { input: 5 }, 'input', /input: must be a text, a list of texts/],
    ['a number for a text', { input: ['a', 5] }, 'input.1', /input\.1/],
    ['half a surrogate pair', { input: ['a', '\ud800'] }, 'input', /Input 1 holds half a surrogate pair/],
    ['a token that the model does not have', { input: [[1], [1e6]] }, 'input', /Input 1 holds 1000000/],
    ['dimensions of 0', { input: 'a', dimensions: 0 }, 'dimensions', /dimensions/],
    ['too many dimensions', { input: 'a', dimensions: 4096 }, 'dimensions', /from 1 to 32/],
    ['another encoding', { input: 'a', encoding_format: 'hex' }, 'encoding_format', /encoding_format/],
    ['an unknown field', { input: 'a', inputs: 'b' }, null, /inputs/],
  ])('refuses %s in the shape of OpenAI', async (_, body, param, message) => {
    const { post } = await testServer();
    const answer = await post('/v1/embeddings', { model: 'tiny', ...body });
    expect(answer.status).toBe(400);
    const { error } = z
      .object({
        error: z.strictObject({
          message: z.string(),
          type: z.string(),
          param: z.string().nullable(),
          code: z.string(),
        }),
      })
      .parse(answer.body);
    expect(error).toMatchObject({ type: 'invalid_request_error', param });
    expect(error.message).toMatch(message);
  });

  it('names the models that are served where another is asked for', async () => {
    const { post } = await testServer();
    const { status, body } = await post('/v1/embeddings', { model: 'other', input: 'a' });
    expect(status).toBe(404);
    expect(body).toMatchObject({ error: { code: 'model_not_found', param: 'model' } });
    expect(JSON.stringify(body)).toContain('tiny');
  });

  it('takes 2048 inputs and no more', async () => {
    const { post } = await testServer();
    const most = await post('/v1/embeddings', { model: 'tiny', input: new Array(2048).fill('a') });
    expect(vectorsOf(most.body)).toHaveLength(2048);
    const more = await post('/v1/embeddings', { model: 'tiny', input: new Array(2049).fill('a') });
    expect(more.status).toBe(400);
    expect(JSON.stringify(more.body)).toContain('2049 inputs; the limit is 2048');
  });
});

describe('POST /embed', () => {
  it('answers in the shape of the question', async () => {
    const { post, model } = await testServer();
    const expected = (await model.encodeBatch(TEXTS)).toArrays();
    const native = await post('/embed', { texts: TEXTS, model: 'tiny', pooling: 'mean' });
    expect(native.body).toMatchObject({
      embeddings: expected,
      model: 'tiny',
      dimensions: model.dimensions,
      truncated: [],
    });
    expect((await post('/embed', { inputs: TEXTS })).body).toEqual(expected);
    expect((await post('/embed', { inputs: TEXTS[0] })).body).toEqual(expected.slice(0, 1));
  });

  it('cuts long texts by default in its own shape, and refuses them in that of TEI', async () => {
    const { post } = await testServer();
    expect((await post('/embed', { texts: ['a', LONG] })).body).toMatchObject({ truncated: [1] });
    const refused = await post('/embed', { inputs: ['a', LONG] });
    expect(refused.status).toBe(413);
    expect(refused.body).toMatchObject({ error_type: 'Validation' });
    expect((await post('/embed', { inputs: ['a', LONG], truncate: true })).status).toBe(200);
  });

  it('gives pooled vectors as they are where they are not to be normalised', async () => {
    const { post } = await testServer();
    const { body } = await post('/embed', { inputs: 'the river', normalize: false });
    const [row = []] = z.array(z.array(z.number())).parse(body);
    expect(Math.abs(Math.hypot(...row) - 1)).toBeGreaterThan(1e-3);
  });

  it('refuses another pooling', async () => {
    const { post } = await testServer();
    const { status, body, headers } = await post('/embed', { texts: ['a'], pooling: 'cls' });
    expect(status).toBe(400);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toMatchObject({ code: 'INPUT_INVALID', param: 'pooling', status: 400 });
  });

  it('answers for the good texts where partial answers are wanted', async () => {
    const { post, model } = await testServer();
    const { body } = await post('/embed', { texts: ['a', '\ud800', 'c'], on_error: 'partial' });
    const expected = (await model.encodeBatch(['a', 'c'])).toArrays();
    expect(body).toMatchObject({
      embeddings: [expected[0], null, expected[1]],
      errors: [{ index: 1, code: 'INPUT_INVALID' }],
    });
  });
});

describe('other routes', () => {
  it('give hidden states, similarities, tokens and texts', async () => {
    const { post, model } = await testServer();
    const [hidden] = await model.tokenEmbeddings(['the river']);
    const all = z.array(z.array(z.array(z.number()))).parse((await post('/embed_all', { inputs: 'the river' })).body);
    expect(Float32Array.from(all.flat(2))).toEqual(hidden?.data);
    const batch = await model.encodeBatch(['a b', 'c d']);
    const scores = model.similarity(batch, batch);
    expect((await post('/similarity', { a: ['a b', 'c d'] })).body).toMatchObject({
      scores: [Array.from(scores.data.subarray(0, 2)), Array.from(scores.data.subarray(2, 4))],
    });
    const tei = await post('/similarity', { inputs: { source_sentence: 'a b', sentences: ['a b', 'c d'] } });
    expect(tei.body).toEqual(Array.from(scores.data.subarray(0, 2)));
    const tokens = z
      .array(z.array(z.object({ id: z.int() })))
      .parse((await post('/tokenize', { inputs: 'the river' })).body);
    const ids = tokens[0]?.map(({ id }) => id);
    expect((await post('/decode', { ids })).body).toEqual(['the river']);
  });

  it('say what kind of model they need', async () => {
    const { post } = await testServer();
    for (const [path, body] of [
      ['/rerank', { query: 'a', texts: ['b'] }],
      ['/v1/rerank', { query: 'a', documents: ['b'] }],
      ['/embed_sparse', { inputs: 'a' }],
      ['/predict', { inputs: 'a' }],
    ] as const) {
      const { status, body: answer } = await post(path, body);
      expect(status).toBe(424);
      expect(JSON.stringify(answer)).toContain('needs');
    }
  });

  it('list models, information and health', async () => {
    const { get, model } = await testServer();
    expect((await get('/v1/models')).body).toMatchObject({ object: 'list', data: [{ id: 'tiny', object: 'model' }] });
    expect((await get('/v1/models/tiny')).body).toMatchObject({ id: 'tiny' });
    expect((await get('/v1/models/org/other')).status).toBe(404);
    expect((await get('/info')).body).toMatchObject({ model_id: 'tiny', space: model.info().space.fingerprint });
    for (const path of ['/health', '/health/live', '/health/ready']) expect((await get(path)).status).toBe(200);
    expect((await get('/openapi.json')).body).toMatchObject({ openapi: '3.1.0' });
  });
});

describe('GET /metrics', () => {
  it('counts requests, tokens, cut texts and failures by model and code', async () => {
    const { get, post, model } = await testServer();
    const { texts } = await model.tokens.encode(['a', LONG]);
    const tokens = texts.reduce((sum, { fullTokenCount }) => sum + fullTokenCount, 0);
    await post('/embed', { texts: ['a', LONG] });
    await post('/embed', { texts: ['a'], pooling: 'cls' });
    await get('/nowhere');
    const { body, headers } = await get('/metrics');
    expect(headers.get('content-type')).toContain('text/plain');
    const lines = z.string().parse(body).split('\n');
    for (const line of [
      'isovec_requests_total{model="tiny",protocol="http",route="/embed",outcome="ok"} 1',
      `isovec_tokens_total{model="tiny"} ${tokens}`,
      'isovec_truncated_texts_total{model="tiny"} 1',
      'isovec_request_failures_total{model="tiny",protocol="http",code="INPUT_INVALID"} 1',
      'isovec_request_failures_total{model="",protocol="http",code="NOT_FOUND"} 1',
      'isovec_request_duration_seconds_count{model="tiny",stage="inference"} 1',
      'isovec_pending_texts{model="tiny"} 0',
      'isovec_workers_ready{model="tiny"} 1',
    ]) {
      expect(lines).toContain(line);
    }
    expect(lines.some((line) => line.startsWith('isovec_event_loop_delay_seconds{statistic="p99"} '))).toBe(true);
  });
});

describe('bad requests', () => {
  it.each<[string, string, string, Record<string, string>, number]>([
    ['JSON that is none', '/embed', '{"texts": [', {}, 400],
    ['no body', '/embed', '', {}, 400],
    ['bytes that are no UTF-8', '/embed', '', {}, 400],
    ['deep nesting', '/embed', '['.repeat(100) + ']'.repeat(100), {}, 400],
    ['a prototype', '/embed', '{"__proto__": {}, "texts": ["a"]}', {}, 400],
    ['another content type', '/embed', 'texts=a', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['a compressed body', '/embed', '{}', { 'content-encoding': 'gzip' }, 415],
    ['a deadline that is none', '/embed', '{"texts":["a"]}', { 'x-request-timeout-ms': 'soon' }, 400],
    ['an unknown priority', '/embed', '{"texts":["a"]}', { 'x-isovec-priority': 'now' }, 400],
    ['an unknown route', '/embedding', '{}', {}, 404],
  ])('with %s get a problem that says so', async (_, path, body, headers, expected) => {
    const { post } = await testServer();
    const { status, body: answer, headers: answered } = await post(path, body, headers);
    expect(status).toBe(expected);
    expect(answered.get('content-type')).toContain('application/problem+json');
    z.object({ status: z.literal(expected), detail: z.string().min(1), code: z.string().min(1) }).parse(answer);
  });

  it('with another method learn which it may be', async () => {
    const { get } = await testServer();
    const { status, headers, body } = await get('/embed');
    expect([status, headers.get('allow')]).toEqual([405, 'POST']);
    expect(body).toMatchObject({ status: 405 });
    expect((await get('/v1/embeddings')).body).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  it('of one byte too many are refused, and the server goes on', async () => {
    const { post } = await testServer({ limits: { maxBodyBytes: 1000 } });
    const body = (bytes: number): string =>
      JSON.stringify({ texts: ['a'.repeat(bytes - JSON.stringify({ texts: [''] }).length)] });
    expect((await post('/embed', body(1000))).status).toBe(200);
    const { status, body: answer } = await post('/embed', body(1001));
    expect(status).toBe(413);
    expect(answer).toMatchObject({ code: 'BODY_TOO_LARGE' });
    expect((await post('/embed', body(1000))).status).toBe(200);
  });
});

describe('a server with too much to do', () => {
  it('refuses what does not fit into the queue, and says when to come back', async () => {
    const { post, model } = await testServer({}, { maxPendingTokens: 500 });
    const text = 'the river rose over the old harbour';
    const [expected] = (await model.encodeBatch([text])).toArrays();
    const texts = new Array<string>(2000).fill(text);
    const asked = Array.from({ length: 8 }, (_, i) =>
      i % 2 === 0 ? post('/embed', { texts }) : post('/v1/embeddings', { model: 'tiny', input: texts }),
    );
    const answers = await Promise.all(asked);
    const refused = answers.filter(({ status }) => status === 429);
    const served = answers.filter(({ status }) => status === 200);
    expect(refused.length).toBeGreaterThan(0);
    expect(served.length).toBeGreaterThan(0);
    expect(refused.length + served.length).toBe(answers.length);
    for (const { headers, body } of refused) {
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(JSON.stringify(body)).toMatch(/"code":"(OVERLOADED|rate_limit_exceeded)"/);
    }
    expect((await post('/embed', { inputs: text })).body).toEqual([expected]);
  });

  it('gives up at the deadline of a request', async () => {
    const { post } = await testServer();
    const texts = new Array(2000).fill('the river rose over the old harbour');
    const { status, body } = await post('/embed', { texts }, { 'x-request-timeout-ms': '5' });
    expect(status).toBe(504);
    expect(body).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });
});

describe('keys', () => {
  it('are asked for on every route but health', async () => {
    const { get, post } = await testServer({ apiKeys: ['first-key', 'second-key'] });
    expect((await get('/health')).status).toBe(200);
    const missing = await post('/v1/embeddings', { model: 'tiny', input: 'a' });
    expect([missing.status, missing.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(missing.body).toMatchObject({ error: { code: 'invalid_api_key', type: 'authentication_error' } });
    const wrong = await post('/v1/embeddings', { model: 'tiny', input: 'a' }, { authorization: 'Bearer third-key' });
    expect(wrong.status).toBe(401);
    expect(JSON.stringify(wrong.body)).not.toContain('third-key');
    for (const headers of [{ authorization: 'Bearer first-key' }, { 'x-api-key': 'second-key' }]) {
      expect((await post('/v1/embeddings', { model: 'tiny', input: 'a' }, headers)).status).toBe(200);
    }
  });

  it('are needed beyond loopback', async () => {
    await expect(testServer({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    const { get } = await testServer({ host: '0.0.0.0', allowAnonymous: true });
    expect((await get('/health')).status).toBe(200);
  });
});

describe('the end of a server', () => {
  it('answers what was accepted and refuses the rest', async () => {
    const { post, close, model } = await testServer();
    const open = post('/embed', { texts: new Array(500).fill('the river rose') });
    while (model.health().pendingTexts === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const closed = close(20_000);
    expect((await open).status).toBe(200);
    expect(await closed).toBe(true);
  });
});
