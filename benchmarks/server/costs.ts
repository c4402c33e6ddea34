import { generatedTexts } from '#src/bench/generated-texts.js';
import { jsonChunks } from '#src/server/http/json-chunks.js';
import { parseJson } from '#src/server/http/parse-json.js';
import { nativeEmbedRequest } from '#src/server/http/schemas/native.js';
import { validate } from '#src/server/http/validate.js';

import { median } from '../engine/percentile.js';
import { HttpClient } from './http-client.js';
import type { ServingProcess } from './serving-process.js';

const REPEATS = 40;
const REQUESTS = 2000;

/** Milliseconds of the event loop that each part of a request with so many texts takes, in this process. */
export function partsOf(count: number, dimensions: number): Record<string, number> {
  const texts = generatedTexts(31, count, 6, 46);
  const body = Buffer.from(JSON.stringify({ texts }));
  const value = parseJson(body);
  const rows = texts.map((_, row) => Float32Array.from({ length: dimensions }, (__, i) => Math.sin(row + i * i) / 10));
  return {
    'JSON of the request': typical(() => parseJson(body)),
    'checking it': typical(() => validate(nativeEmbedRequest, value, 'body')),
    'JSON of the vectors': typical(() => [...jsonChunks({ embeddings: rows })]),
    'for comparison, JSON.stringify': typical(() =>
      Buffer.from(JSON.stringify({ embeddings: rows.map((row) => Array.from(row)) })),
    ),
  };
}

/** Processor time of the server for a request that needs no model: connection, framework, headers. */
export async function httpMilliseconds(server: ServingProcess): Promise<number> {
  const client = new HttpClient(server.url, 1);
  const ask = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await client.send({ path: '/health/live' });
  };
  await ask(REQUESTS);
  const before = server.cpuMilliseconds();
  await ask(REQUESTS);
  client.close();
  return (server.cpuMilliseconds() - before) / REQUESTS;
}

function typical(work: () => unknown): number {
  const times: number[] = [];
  for (let i = 0; i < REPEATS; i++) {
    const begun = performance.now();
    work();
    times.push(performance.now() - begun);
  }
  return median(times.slice(REPEATS / 2));
}
