import { RareLines } from '#src/server/observation/rare-lines.js';
import { RequestLog, type RequestLine } from '#src/server/observation/request-log.js';
import { startServer } from '#src/server/start-server.js';
import { describe, expect, it, onTestFinished } from 'vitest';

import { scaledModel } from '../engine/support/scaled-model.js';
import { loadFolder } from '../engine/support/tiny-model.js';
import { recordedLog } from './support/recorded-log.js';
import { testServer } from './support/running-server.js';
import { SECRET, sendSecrets } from './support/secrets.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

describe('the log of a server', () => {
  it('tells of start and end, and of each request to those who want to know', async () => {
    const { logger, lines } = recordedLog();
    const { post, url, close } = await testServer({ logger });
    const answer = await post('/embed', { texts: ['a b', 'c'] }, { traceparent: `00-${TRACE}-b7ad6b7169203331-01` });
    await post('/embed', { texts: 5 });
    await close();
    const served = { url, model: 'tiny', provider: 'onnx', device: 'cpu', dtype: 'float32', dimensions: 32 };
    const told = lines.map(({ level, message }) => [level, message]);
    expect(told).toEqual([
      ['info', 'serving'],
      ['debug', 'request'],
      ['debug', 'request'],
      ['info', 'ending: no new work is taken'],
      ['info', 'ended'],
    ]);
    expect(lines[0]?.data).toEqual(served);
    const header = (name: string): number => Number(answer.headers.get(name));
    expect(lines[1]?.data).toMatchObject({
      requestId: answer.headers.get('x-request-id'),
      traceId: TRACE,
      protocol: 'http',
      method: 'POST',
      route: '/embed',
      status: 200,
      outcome: 'ok',
      model: 'tiny',
      texts: 2,
      tokens: header('x-isovec-tokens'),
      truncated: 0,
      tokenizeMs: header('x-isovec-tokenize-ms'),
      queueMs: header('x-isovec-queue-ms'),
      inferenceMs: header('x-isovec-inference-ms'),
    });
    expect(lines[1]?.data['totalMs']).toBeGreaterThan(0);
    expect(lines[2]?.data).toMatchObject({ status: 400, outcome: 'client_error', code: 'INPUT_INVALID' });
  });

  it('holds no text, no key and no other word of a client, on any route and after any error', async () => {
    const { logger, lines } = recordedLog();
    const { url, get } = await testServer({ logger, apiKeys: ['right-key'] });
    const statuses = await sendSecrets(url, 'right-key');
    expect([...new Set(statuses)].sort()).toEqual([200, 400, 401, 404, 405, 413, 415, 424]);
    expect(lines.filter(({ message }) => message === 'request')).toHaveLength(statuses.length);
    const { body } = await get('/metrics', { headers: { authorization: 'Bearer right-key' } });
    for (const text of [JSON.stringify(lines), String(body)])
      expect(text).not.toMatch(new RegExp(`${SECRET}|right-key`));
  });

  it('tells of a failure of the server and where it was, and counts vectors that are not finite', async () => {
    const { logger, lines } = recordedLog();
    const embedder = await loadFolder(await scaledModel(1e30, 1e30), { warmUp: false });
    const server = await startServer([{ name: 'broken', embedder }], { port: 0, logger });
    onTestFinished(async () => {
      await server.close(0);
    });
    const response = await fetch(`${server.url}/embed`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ texts: [SECRET] }),
    });
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('not finite');
    const failed = lines.filter(({ level }) => level === 'error');
    expect(failed).toMatchObject([
      { message: 'request failed', data: { status: 500, code: 'INTERNAL', model: 'broken' } },
    ]);
    expect(JSON.stringify(failed[0]?.data['stack'])).toMatch(/embed-texts\.js:\d+/);
    expect(JSON.stringify(lines)).not.toContain(SECRET);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('isovec_not_finite_total{model="broken"} 1\n');
    expect(metrics).toContain('isovec_tokens_total{model="broken"} 0\n');
  });

  it('tells of overload once in a while, not once a request, and loses none', async () => {
    const { logger, lines } = recordedLog();
    const { post, close } = await testServer({ logger }, { maxPendingTokens: 500 });
    const texts = new Array<string>(2000).fill('the river rose over the old harbour');
    const answers = await Promise.all(Array.from({ length: 12 }, () => post('/embed', { texts })));
    const refused = answers.filter(({ status }) => status === 429).length;
    expect(refused).toBeGreaterThan(1);
    const warned = (): unknown[] => lines.filter(({ level }) => level === 'warn').map(({ data }) => data);
    expect(warned()).toEqual([{ code: 'OVERLOADED', requests: 1 }]);
    const debugged = lines.filter(({ level, data }) => level === 'debug' && data['code'] === 'OVERLOADED');
    expect(debugged).toHaveLength(refused);
    await close();
    expect(warned()).toEqual([
      { code: 'OVERLOADED', requests: 1 },
      { code: 'OVERLOADED', requests: refused - 1 },
    ]);
  });

  it('tells of the rest of an overload when it is over', async () => {
    const { logger, lines } = recordedLog();
    const log = new RequestLog(logger, 20);
    const line: RequestLine = {
      requestId: 'one',
      traceId: undefined,
      protocol: 'http',
      method: 'POST',
      route: '/embed',
      status: 429,
      outcome: 'refused',
      model: 'tiny',
      code: 'OVERLOADED',
      totalMs: 1,
    };
    for (let request = 0; request < 5; request++) log.tell(line, undefined);
    const warned = (): unknown[] => lines.filter(({ level }) => level === 'warn').map(({ data }) => data['requests']);
    await expect.poll(warned).toEqual([1, 4]);
    log.close();
    expect(warned()).toEqual([1, 4]);
  });

  it('tells a logger without levels for faults of them as warnings', async () => {
    const warnings: string[] = [];
    const logger = { info: () => undefined, warn: (message: string) => warnings.push(message) };
    const { post, model } = await testServer({ logger });
    await model.close();
    expect((await post('/embed', { texts: ['a'] })).status).toBe(503);
    expect(warnings).toEqual(['request failed']);
  });
});

it('rare lines stand for those that were held back since the last one of their kind', () => {
  const lines = new RareLines(10);
  expect([0, 1, 9, 10, 15, 19, 20].map((now) => lines.next('a', now))).toEqual([
    1,
    undefined,
    undefined,
    3,
    undefined,
    undefined,
    3,
  ]);
  expect(lines.next('b', 20)).toBe(1);
  expect([lines.next('a', 25), lines.take('a', 26), lines.take('a', 27)]).toEqual([undefined, 1, 0]);
  expect([lines.next('a', 36), lines.next('a', 37)]).toEqual([undefined, 2]);
});
