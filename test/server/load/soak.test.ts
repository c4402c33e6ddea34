import { readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';

import { median } from '../../../benchmarks/engine/percentile.js';
import { HttpClient } from '../../../benchmarks/server/http-client.js';
import { loadTiny, temporaryFolder } from '../../engine/support/tiny-model.js';
import { mixedTraffic } from './soak-traffic.js';
import { servedTiny, TINY } from './support.js';

/** `npm run test:soak` asks for 30. */
const MINUTES = Number(process.env['ISOVEC_SOAK_MINUTES'] ?? 0.2);
const CLIENTS = 8;
/** By so much may the memory of the last third be above that of the one before, in MiB: what a garbage collector leaves. */
const GROWTH = 24;
/** A run in which the collector has not yet found its size says nothing of growth. */
const LEAST_MINUTES_FOR_MEMORY = 5;

/** Open handles of a server's event loop, sockets above all, with that of the connection that asks. */
async function handlesOf(url: string): Promise<number> {
  const alone = new HttpClient(url, 1);
  const text = (await alone.send({ path: '/metrics', headers: { connection: 'close' } })).body.toString();
  alone.close();
  return Number(/^nodejs_active_handles_total (\d+)$/m.exec(text)?.[1]);
}

it('mixed traffic leaves a server as it was', { timeout: (MINUTES + 2) * 60_000 }, async () => {
  const model = await loadTiny('bert-mean');
  const eventLoop = path.join(await temporaryFolder(), 'event-loop.json');
  const server = await servedTiny({
    node: ['--import', new URL('./watch-event-loop.mjs', import.meta.url).href],
    environment: { EVENT_LOOP_FILE: eventLoop },
  });
  const client = new HttpClient(server.url);
  const kinds = await mixedTraffic(server.url, TINY, model, client);
  const wrong: string[] = [];
  const round = async (first: number, isOver: () => boolean): Promise<number> => {
    let asked = 0;
    for (let i = first; !isOver(); i++, asked++) {
      const { name, ask } = kinds[i % kinds.length] ?? { name: '', ask: () => Promise.resolve(undefined) };
      const found = await ask().catch((error: unknown) => String(error));
      if (found !== undefined) wrong.push(`${name}: ${found}`);
    }
    return asked;
  };
  // Every kind once, so that what is made only once is there.
  for (const at of kinds.keys()) {
    let done = false;
    await round(at, () => done || ((done = true), false));
  }
  expect(wrong).toEqual([]);
  client.close();
  await sleep(100);
  const handles = await handlesOf(server.url);

  const length = MINUTES * 60_000;
  const begun = performance.now();
  const resident: number[] = [];
  const watch = async (): Promise<void> => {
    const period = Math.min(5000, length / 12);
    for (let at = 1; performance.now() - begun < length - period / 2; at++) {
      await sleep(Math.max(0, begun + at * period - performance.now()));
      resident.push(server.residentMebibytes());
      if (at % Math.round(60_000 / period) > 0) continue;
      process.stdout.write(
        `soak, minute ${(at * period) / 60_000}: resident ${(resident.at(-1) ?? 0).toFixed(1)} MiB\n`,
      );
    }
  };
  const asked = await Promise.all([
    ...Array.from({ length: CLIENTS }, (_, i) => round(i * 5, () => performance.now() - begun >= length)),
    watch().then(() => 0),
  ]);
  client.close();

  const third = Math.floor(resident.length / 3);
  const middle = median(resident.slice(third, 2 * third));
  const last = median(resident.slice(2 * third));
  process.stdout.write(
    `soak, ${MINUTES} minutes: ${asked.reduce((sum, count) => sum + count, 0)} requests of ${kinds.length} kinds, ` +
      `${wrong.length} wrong; resident, medians: middle third ${middle.toFixed(1)} MiB, last ${last.toFixed(1)} MiB\n`,
  );
  expect(wrong).toEqual([]);
  if (MINUTES >= LEAST_MINUTES_FOR_MEMORY) expect(last - middle).toBeLessThan(GROWTH);
  await expect.poll(() => handlesOf(server.url), { timeout: 10_000 }).toBeLessThanOrEqual(handles);
  // An unhandled rejection ends a process of Node with 1; listeners that leak are warned of.
  const { code, stderr } = await server.stop();
  expect(code).toBe(0);
  expect(stderr).not.toMatch(/Warning|Error/);
  process.stdout.write(`soak, event loop delay in ms: ${await readFile(eventLoop, 'utf8')}\n`);
});
