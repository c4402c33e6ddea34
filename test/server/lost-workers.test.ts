import { startServer } from '#src/server/start-server.js';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

import { loadTiny } from '../engine/support/tiny-model.js';
import { parseExposition } from './support/exposition.js';
import { mortalModel } from './support/mortal-model.js';
import { recordedLog } from './support/recorded-log.js';

it('a worker that dies costs no answer, and is seen in metrics and log of its model alone', async () => {
  const { logger, lines } = recordedLog();
  const steady = await loadTiny('bert-mean');
  const mortal = await mortalModel({ crashOn: [2] }, logger);
  const models = [
    { name: 'steady', embedder: steady },
    { name: 'mortal', embedder: mortal },
  ];
  const server = await startServer(models, { port: 0, logger });
  onTestFinished(async () => {
    await server.close(0);
  });
  const texts = Array.from({ length: 120 }, (_, i) => `text ${i}${' the river'.repeat(i % 9)}`);
  const response = await fetch(`${server.url}/embed`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ texts, model: 'mortal' }),
  });
  expect(response.status).toBe(200);
  const { embeddings } = z.object({ embeddings: z.array(z.array(z.number())) }).parse(await response.json());
  expect(embeddings.map((row) => row.map(Math.fround))).toEqual((await steady.encodeBatch(texts)).toArrays());
  const families = parseExposition(await (await fetch(`${server.url}/metrics`)).text());
  const byModel = (name: string): unknown =>
    Object.fromEntries((families.get(name)?.samples ?? []).map(({ labels, value }) => [labels['model'], value]));
  expect(byModel('isovec_worker_restarts_total')).toEqual({ steady: 0, mortal: 1 });
  expect(byModel('isovec_workers')).toEqual({ steady: 1, mortal: 2 });
  expect(byModel('isovec_requests_total')).toMatchObject({ mortal: 1 });
  const lost = lines.filter(({ message }) => message.includes('lost'));
  expect(lost).toMatchObject([{ level: 'warn', message: 'A worker was lost and is replaced.' }]);
});
