import { describe, expect, it } from 'vitest';

import { generatedWorkload, runBench, serverTarget } from '#src/bench/index.js';
import { type Answer, embeddingServer } from './embedding-server.js';

const single = generatedWorkload('single', { calls: 20 });

function vectors(texts: readonly string[]): number[][] {
  return texts.map((text) => [text.length, 1]);
}

describe('a running server', () => {
  it.each([
    ['openai', '/v1/embeddings', 3],
    ['tei', '/embed', 5],
  ] as const)('is measured by the protocol %s', async (protocol, path, tokens) => {
    await using server = await embeddingServer(vectors);
    const target = serverTarget({ url: server.url, protocol, model: 'm', apiKey: 'key' });
    const texts = ['a', 'bbb'];
    const answer = await target.embed(texts, { timeout: 5000 });
    expect([...answer.vectors]).toEqual([
      [1, 1],
      [3, 1],
    ]);
    expect(answer.tokens).toBe(2 * tokens);
    expect(server.requests[0]).toEqual({ path, authorization: 'Bearer key', texts });

    const report = await runBench(target, single, { calls: 20, warmUp: 0 });
    expect(report.measurements[0]).toMatchObject({ calls: 20, failed: 0, texts: 20, tokens: 20 * tokens });
    expect(report).toMatchObject({ verdict: 'pass', target: { kind: protocol, url: `${server.url}${path}` } });
    expect(JSON.stringify(report)).not.toContain('Bearer');
  });

  it('has its failed calls counted by kind', async () => {
    const answers: readonly Answer[] = [
      { status: 503 },
      { status: 500 },
      { status: 401 },
      { status: 400 },
      { status: 503 },
      { raw: 'no JSON' },
      { raw: '{}' },
      [[1], [2]],
      [[]],
      'silence',
    ];
    await using server = await embeddingServer((texts, index) => answers[index] ?? vectors(texts));
    const target = serverTarget({ url: server.url, protocol: 'openai', model: 'm' });
    const report = await runBench(target, single, { calls: 12, warmUp: 0, timeout: 300 });
    const [measurement] = report.measurements;
    expect(Object.fromEntries((measurement?.failures ?? []).map(({ kind, count }) => [kind, count]))).toEqual({
      PROVIDER_BAD_RESPONSE: 4,
      'OVERLOADED, HTTP 503': 2,
      'PROVIDER_UNAVAILABLE, HTTP 500': 1,
      'UNAUTHORIZED, HTTP 401': 1,
      'PROVIDER_REJECTED, HTTP 400': 1,
      DEADLINE_EXCEEDED: 1,
    });
    expect([measurement?.failed, measurement?.texts, report.verdict]).toEqual([10, 2, 'sla']);
    const accepted = await runBench(target, single, { calls: 3, warmUp: 0, slas: ['errors=0'] });
    expect(accepted.verdict).toBe('pass');
  });

  it('that does not answer the first call of a warm-up is an error', async () => {
    await using server = await embeddingServer(() => ({ status: 401 }));
    const target = serverTarget({ url: server.url, protocol: 'tei', model: 'm' });
    await expect(runBench(target, single)).rejects.toMatchObject({ code: 'UNAUTHORIZED', data: { status: 401 } });
  });
});

describe('loads', () => {
  it('send so many calls at a time', async () => {
    let now = 0;
    let most = 0;
    await using server = await embeddingServer(async (texts) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now--;
      return vectors(texts);
    });
    const target = serverTarget({ url: server.url, protocol: 'tei', model: 'm' });
    const report = await runBench(target, single, {
      calls: 40,
      warmUp: 0,
      loads: [{ kind: 'closed', concurrency: 4 }],
    });
    expect(report.measurements[0]).toMatchObject({ calls: 40, failed: 0, lateness: null });
    expect(most).toBeLessThanOrEqual(4);
  });

  it('at a constant rate count the wait for a server that stands still, and drop what exceeds the bound', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    await using server = await embeddingServer(async (texts, index) => {
      // Nothing is answered until the bound has been reached and passed.
      if (index === 4) setTimeout(release, 200);
      await released;
      return vectors(texts);
    });
    const target = serverTarget({ url: server.url, protocol: 'tei', model: 'm' });
    const loads = [{ kind: 'open', callsPerSecond: 1000, maxPending: 5 }] as const;
    const report = await runBench(target, single, { calls: 20, warmUp: 0, loads });
    const [measurement] = report.measurements;
    expect(measurement).toMatchObject({ calls: 20, failures: [{ kind: 'OVERLOADED', count: 15 }] });
    expect(measurement?.latency?.min).toBeGreaterThan(100);
    expect(report.verdict).toBe('sla');
  });

  it('end at once when they are cancelled', async () => {
    await using server = await embeddingServer(() => 'silence');
    const target = serverTarget({ url: server.url, protocol: 'tei', model: 'm' });
    for (const load of [
      { kind: 'closed', concurrency: 3 },
      { kind: 'open', callsPerSecond: 50, maxPending: 10 },
    ] as const) {
      const run = runBench(target, single, { warmUp: 0, loads: [load], signal: AbortSignal.timeout(100) });
      await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
    }
  });

  it('and options that cannot be are refused', async () => {
    const target = serverTarget({ url: 'http://127.0.0.1:9', protocol: 'tei', model: 'm' });
    for (const options of [
      { loads: [{ kind: 'closed', concurrency: 0 }] },
      { loads: [{ kind: 'open', callsPerSecond: -1, maxPending: 1 }] },
      { calls: 1, duration: 1 },
      { slas: ['other:p95=1ms'] },
      { slas: ['p95=1'] },
      { timeout: 0 },
    ] as const) {
      await expect(runBench(target, single, options)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    }
    expect(() => serverTarget({ url: 'ftp://x', protocol: 'tei', model: 'm' })).toThrow('must begin with http');
    expect(() => serverTarget({ url: 'http://u:p@x', protocol: 'tei', model: 'm' })).toThrow('API key');
  });
});

it('vectors of a server are compared with those of another target', async () => {
  await using server = await embeddingServer(vectors);
  await using near = await embeddingServer((texts) => texts.map((text) => [text.length + 1e-4, 1]));
  await using other = await embeddingServer((texts) => texts.map(() => [1, 2, 3]));
  const at = (url: string): ReturnType<typeof serverTarget> => serverTarget({ url, protocol: 'tei', model: 'm' });
  const checked = async (url: string, tolerance: number): Promise<unknown> => {
    const check = { against: at(url), tolerance };
    return (await runBench(at(server.url), single, { calls: 1, warmUp: 0, check })).verdict;
  };
  expect(await checked(near.url, 1e-3)).toBe('pass');
  expect(await checked(near.url, 1e-5)).toBe('vectors');
  expect(await checked(other.url, 1e-3)).toBe('vectors');
});
