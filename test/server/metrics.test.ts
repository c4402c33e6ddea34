import { outcomeOf } from '#src/server/metrics/outcome.js';
import { EventLoopDelay } from '#src/server/metrics/event-loop-delay.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

import { type MetricFamily, parseExposition, seriesKey } from './support/exposition.js';
import { type TestServer, testServer } from './support/running-server.js';

const LONG = 'the old harbour '.repeat(400);

async function scrape({ get }: TestServer): Promise<ReadonlyMap<string, MetricFamily>> {
  const { body, headers } = await get('/metrics');
  expect(headers.get('content-type')).toContain('text/plain; version=0.0.4');
  return parseExposition(z.string().parse(body));
}

/** The value of a series; NaN if it is not there. */
function valueOf(
  families: ReadonlyMap<string, MetricFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const samples = [...families.values()].flatMap((family) => family.samples);
  const key = seriesKey({ name, labels });
  return samples.find((sample) => seriesKey(sample) === key)?.value ?? NaN;
}

/** Everything that clients do, well and badly. */
async function useEverything({ get, post }: TestServer): Promise<void> {
  await post('/v1/embeddings', { model: 'tiny', input: ['a b', 'c'] });
  await post('/embeddings', { model: 'tiny', input: 'a' });
  await post('/embed', { texts: ['a', LONG] });
  await post('/embed', { inputs: 'a' });
  await post('/embed_all', { inputs: 'a' });
  await post('/similarity', { a: ['a', 'b'] });
  await post('/tokenize', { inputs: 'a' });
  await post('/decode', { ids: [1, 2] });
  await post('/rerank', { query: 'a', texts: ['b'] });
  await post('/embed', '{');
  await get('/embed');
  await get('/nowhere');
  for (const path of ['/info', '/v1/models', '/v1/models/tiny', '/health', '/openapi.json']) await get(path);
}

describe('GET /metrics', () => {
  it('is an exposition without a fault, before the first request and after many', async () => {
    const server = await testServer();
    const before = await scrape(server);
    await useEverything(server);
    const after = await scrape(server);
    expect([...before.keys()].sort()).toEqual([...after.keys()].sort());
    expect(after.size).toBeGreaterThan(30);
  });

  it('counts requests by route and outcome, and failures by code, with the model they were for', async () => {
    const server = await testServer();
    const { post, get } = server;
    await post('/v1/embeddings', { model: 'tiny', input: ['a b', 'c'] });
    await post('/v1/embeddings', { model: 'other', input: 'a' });
    await post('/v1/embeddings', { model: 'tiny', input: LONG });
    await post('/embed', { texts: new Array(2000).fill('the river') }, { 'x-request-timeout-ms': '1' });
    await get('/nowhere');
    const families = await scrape(server);
    const requests = (route: string, outcome: string, model: string): number =>
      valueOf(families, 'isovec_requests_total', { route, outcome, model, protocol: 'http' });
    expect(requests('/v1/embeddings', 'ok', 'tiny')).toBe(1);
    expect(requests('/v1/embeddings', 'client_error', 'tiny')).toBe(1);
    expect(requests('/v1/embeddings', 'client_error', '')).toBe(1);
    expect(requests('/embed', 'expired', 'tiny')).toBe(1);
    expect(requests('', 'client_error', '')).toBe(1);
    const failures = (code: string, model: string): number =>
      valueOf(families, 'isovec_request_failures_total', { code, model, protocol: 'http' });
    expect(failures('MODEL_NOT_FOUND', '')).toBe(1);
    expect(failures('INPUT_TOO_LONG', 'tiny')).toBe(1);
    expect(failures('DEADLINE_EXCEEDED', 'tiny')).toBe(1);
    expect(failures('NOT_FOUND', '')).toBe(1);
  });

  it('counts a client that leaves as that, wherever its request is by then', async () => {
    const server = await testServer({}, { threads: 1 });
    const gone = new AbortController();
    const body = JSON.stringify({ texts: new Array(2000).fill('the river rose over the old harbour') });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal: gone.signal };
    const asked = fetch(`${server.url}/embed`, init);
    const inFlight = async (): Promise<number> =>
      valueOf(await scrape(server), 'isovec_requests_in_flight', { model: 'tiny' });
    await expect.poll(inFlight, { interval: 1 }).toBe(1);
    gone.abort();
    await expect(asked).rejects.toThrow();
    await expect.poll(inFlight).toBe(0);
    const families = await scrape(server);
    const labels = { route: '/embed', model: 'tiny', protocol: 'http' };
    expect(valueOf(families, 'isovec_requests_total', { ...labels, outcome: 'cancelled' })).toBe(1);
    expect(valueOf(families, 'isovec_tokens_total', { model: 'tiny' })).toBe(0);
  });

  it('counts the batches that workers ran, not the requests', async () => {
    const server = await testServer();
    const texts = new Array<string>(300).fill('the river rose');
    const { texts: tokenized } = await server.model.tokens.encode(texts);
    const tokens = tokenized.reduce((sum, { ids }) => sum + ids.length, 0);
    await server.post('/embed', { texts });
    const families = await scrape(server);
    const of = (name: string): number => valueOf(families, name, { model: 'tiny' });
    expect([of('isovec_batch_texts_sum'), of('isovec_batch_tokens_sum')]).toEqual([300, tokens]);
    expect(of('isovec_batch_texts_count')).toBeGreaterThan(1);
    expect([of('isovec_request_texts_count'), of('isovec_request_texts_sum')]).toEqual([1, 300]);
    expect([of('isovec_request_tokens_sum'), of('isovec_tokens_total')]).toEqual([tokens, tokens]);
    for (const stage of ['tokenize', 'queue', 'inference', 'total']) {
      expect(valueOf(families, 'isovec_request_duration_seconds_count', { model: 'tiny', stage })).toBe(1);
    }
  });

  it('keeps the warm-up apart from service', async () => {
    const server = await testServer();
    const families = await scrape(server);
    const { warmUp, total } = server.model.info().timings;
    expect(warmUp).toBeGreaterThan(0);
    expect(valueOf(families, 'isovec_warm_up_seconds', { model: 'tiny' })).toBe(warmUp / 1000);
    expect(valueOf(families, 'isovec_model_load_seconds', { model: 'tiny' })).toBe(total / 1000);
    const histograms = [...families.values()].filter(
      ({ name, type }) => type === 'histogram' && name.startsWith('isovec_'),
    );
    expect(histograms.length).toBeGreaterThan(4);
    for (const { samples } of histograms) expect(samples.filter(({ value }) => value !== 0)).toEqual([]);
  });

  it('shows what waits while a server is busy, and that nothing does afterwards', async () => {
    const server = await testServer({}, { threads: 1 });
    const open = server.post('/embed', { texts: new Array(2000).fill('the river rose over the old harbour') });
    const names = ['isovec_pending_texts', 'isovec_queue_texts', 'isovec_queue_oldest_age_seconds'];
    const read = async (): Promise<number[]> => {
      const families = await scrape(server);
      return [...names, 'isovec_pending_tokens', 'isovec_requests_in_flight'].map((name) =>
        valueOf(families, name, { model: 'tiny' }),
      );
    };
    await expect
      .poll(async () => (await read()).every((value) => value > 0), { interval: 1, timeout: 10_000 })
      .toBe(true);
    expect((await open).status).toBe(200);
    expect(await read()).toEqual([0, 0, 0, 0, 0]);
  });

  it('says that the server is not ready while it ends', async () => {
    const server = await testServer({}, { threads: 1 });
    expect(valueOf(await scrape(server), 'isovec_ready')).toBe(1);
    const open = server.post('/embed', { texts: new Array(2000).fill('the river rose over the old harbour') });
    await expect.poll(async () => (await scrape(server)).get('isovec_requests_in_flight')?.samples[0]?.value).toBe(1);
    const closed = server.close(20_000);
    expect(valueOf(await scrape(server), 'isovec_ready')).toBe(0);
    expect([(await open).status, await closed]).toEqual([200, true]);
  });

  it('has no more series than routes, codes and models, whatever clients send', async () => {
    const server = await testServer();
    const { get, post } = server;
    const series = async (): Promise<string[]> => {
      const samples = [...(await scrape(server)).values()].flatMap((family) => family.samples);
      return samples
        .map(seriesKey)
        .filter((key) => key.startsWith('isovec_'))
        .sort();
    };
    const send = async (round: number): Promise<void> => {
      await get(`/nowhere/${round}?key=${round}`);
      await get(`/v1/models/org/model-${round}`);
      await post('/v1/embeddings', { model: `other-${round}`, input: 'a' });
      await post('/embed', { texts: ['a'], model: `other-${round}`, [`field-${round}`]: 1 });
      await post('/embed', { texts: ['a'], pooling: `pooling-${round}` }, { 'x-request-id': `id-${round}` });
      await post(`/embed/${round}`, {}, { 'x-isovec-priority': String(round) });
      await fetch(`${server.url}/nowhere`, { method: ['PUT', 'DELETE', 'PATCH'][round % 3] ?? 'PUT' });
    };
    for (let round = 0; round < 3; round++) await send(round);
    await scrape(server);
    const first = await series();
    for (let round = 3; round < 20; round++) await send(round);
    expect(await series()).toEqual(first);
    expect(first.join('\n')).not.toMatch(/other-|nowhere|model-\d|pooling-|id-\d/);
  });

  it('says of a model what it is, and of its mishaps that there were none', async () => {
    const first = await testServer();
    const families = await scrape(first);
    for (const name of ['isovec_worker_restarts_total', 'isovec_fallbacks_total', 'isovec_not_finite_total']) {
      expect(valueOf(families, name, { model: 'tiny' })).toBe(0);
    }
    expect(families.get('isovec_model_info')?.samples).toEqual([
      {
        name: 'isovec_model_info',
        labels: { model: 'tiny', provider: 'onnx', device: 'cpu', dtype: 'float32', dimensions: '32' },
        value: 1,
      },
    ]);
    expect(valueOf(families, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
  });
});

describe('the outcome of a request', () => {
  it.each([
    [200, undefined, 'ok'],
    [400, 'INPUT_INVALID', 'client_error'],
    [404, undefined, 'client_error'],
    [429, 'OVERLOADED', 'refused'],
    [503, 'PROVIDER_UNAVAILABLE', 'refused'],
    [503, undefined, 'refused'],
    [503, 'WORKER_LOST', 'server_error'],
    [504, 'DEADLINE_EXCEEDED', 'expired'],
    [499, 'ABORTED', 'cancelled'],
    [500, 'INTERNAL', 'server_error'],
  ] as const)('with status %i and code %s is %s', (status, code, outcome) => {
    expect(outcomeOf(status, code)).toBe(outcome);
  });
});

describe('the delay of the event loop', () => {
  it('holds a pause, without the interval of its own timer, and begins anew with every reading', async () => {
    const delay = new EventLoopDelay();
    onTestFinished(() => {
      delay.close();
    });
    await expect.poll(() => delay.read().median, { interval: 50 }).toBeLessThan(0.009);
    // A reading begins anew with the timer's next turn, and sees what its last turn saw.
    const turns = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));
    await turns();
    const until = performance.now() + 120;
    while (performance.now() < until);
    await turns();
    let longest = 0;
    await expect
      .poll(() => {
        longest = Math.max(longest, delay.read().longest);
        return longest;
      })
      .toBeGreaterThan(0.09);
    await expect.poll(() => delay.read().longest).toBeLessThan(longest);
  });
});
