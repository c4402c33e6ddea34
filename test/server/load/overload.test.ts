import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';

import { percentile } from '../../../benchmarks/engine/percentile.js';
import { HttpClient } from '../../../benchmarks/server/http-client.js';
import { loadTiny, numberedTexts } from '../../engine/support/tiny-model.js';
import { overload } from './overload.js';
import { sameVectors, servedTiny, vectorsOf } from './support.js';

/** `npm run test:overload` asks for two minutes. */
const SECONDS = Number(process.env['ISOVEC_OVERLOAD_SECONDS'] ?? 5);
const TEXTS_PER_REQUEST = 64;
const REQUESTS = 24;
/** Requests that the server keeps, running and waiting; ten times as many are asked for at any time. */
const CAPACITY = 8;

it(
  'ten times what it can do leaves a server right, small, and soon free again',
  { timeout: (SECONDS + 60) * 1000 },
  async () => {
    const model = await loadTiny('bert-mean');
    const all = numberedTexts(TEXTS_PER_REQUEST * REQUESTS);
    const requests = await Promise.all(
      Array.from({ length: REQUESTS }, async (_, i) => {
        const texts = all.slice(i * TEXTS_PER_REQUEST, (i + 1) * TEXTS_PER_REQUEST);
        return { texts, vectors: [...(await model.encodeBatch(texts))] };
      }),
    );
    const { texts: tokenized } = await model.tokens.encode(all);
    const tokens = tokenized.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
    const limit = Math.ceil((tokens / REQUESTS) * CAPACITY);
    const server = await servedTiny({ flags: ['--max-pending-tokens', String(limit)] });
    const client = new HttpClient(server.url);
    const [{ texts, vectors } = { texts: [], vectors: [] }] = requests;
    const lone = async (): Promise<number> => {
      const begun = performance.now();
      const reply = await client.send({ path: '/embed', body: { texts: texts.slice(0, 1) } });
      expect(reply.status).toBe(200);
      expect(sameVectors(vectorsOf(reply), vectors.slice(0, 1))).toBe(true);
      return performance.now() - begun;
    };
    const several = async (): Promise<number> => {
      const times: number[] = [];
      for (let i = 0; i < 50; i++) times.push(await lone());
      return percentile(times, 0.5);
    };
    await several();
    const idle = await several();
    const before = server.residentMebibytes();
    const report = await overload({ server, clients: CAPACITY * 10, milliseconds: SECONDS * 1000, requests });
    const begun = performance.now();
    await lone();
    const recovery = performance.now() - begun;
    const after = await several();

    const { sent, vectors: answered, wrong, refused, odd, lost, latencies, waits, resident, patience } = report;
    const third = Math.ceil(resident.length / 3);
    const most = Math.max(...resident);
    process.stdout.write(
      `overload, ${SECONDS} s, ${CAPACITY * 10} clients: ${sent} requests, ${answered} vectors, ${refused} refused; ` +
        `P50 ${percentile(latencies, 0.5).toFixed(0)} ms, P99 ${percentile(latencies, 0.99).toFixed(0)} ms of those answered; ` +
        `Retry-After ${Math.min(...waits)} to ${Math.max(...waits)} s; ` +
        `resident ${before.toFixed(0)} MiB before, at most ${most.toFixed(0)}, at the end ${(resident.at(-1) ?? 0).toFixed(0)}; ` +
        `a patient client had ${patience.length} answers after ${patience.reduce((sum, count) => sum + count, 0)} refusals; ` +
        `lone request P50 ${idle.toFixed(1)} ms before, first after ${recovery.toFixed(1)} ms, P50 after ${after.toFixed(1)} ms\n`,
    );
    expect({ wrong, odd, lost }).toEqual({ wrong: 0, odd: [], lost: [] });
    expect(answered + refused).toBe(sent);
    expect(answered).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
    // What waits is bounded, so that time makes no difference; the first third holds what a process grows by at first.
    expect(most).toBeLessThan(Math.max(...resident.slice(0, third)) * 1.3 + 64);
    client.close();
    expect(await server.stop()).toMatchObject({ code: 0, stderr: expect.not.stringContaining('Warning') as string });
  },
);

it('lets everyone through who comes back when told', async () => {
  const texts = numberedTexts(200);
  const vectors = [...(await (await loadTiny('bert-mean')).encodeBatch(texts))];
  const server = await servedTiny({ flags: ['--max-pending-tokens', '5000'] });
  const client = new HttpClient(server.url);
  let refusals = 0;
  const patient = async (): Promise<void> => {
    for (;;) {
      const reply = await client.send({ path: '/embed', body: { texts } });
      if (reply.status === 200) {
        expect(sameVectors(vectorsOf(reply), vectors)).toBe(true);
        return;
      }
      expect(reply.status).toBe(429);
      refusals++;
      await sleep(Number(reply.headers['retry-after']) * 1000);
    }
  };
  await Promise.all(Array.from({ length: 12 }, patient));
  expect(refusals).toBeGreaterThan(0);
  client.close();
});
