import assert from 'node:assert/strict';

import { loadModel } from '#src/index.js';

import { BAKED_MODEL, HEALTH_COMMAND } from '../../../scripts/image/image-contents.js';
import { ContainedProcess, type Container, runContained } from './contained-process.js';
import { compare, type Scenarios } from './golden-scenarios.js';

/** A server that runs in a container. */
export interface RunningContainer {
  readonly process: ContainedProcess;
  readonly url: string;
}

/** Below it, int8 vectors would not be those of this model; they are near 1. */
const LEAST_INT8_COSINE = 0.99;
/** Enough that a signal finds the request at work. */
const TEXTS_IN_FLIGHT = 2000;

/** Starts what the image starts, on free ports, without keys. */
export async function startContained(
  container: Container,
  entrypoint: readonly string[],
  flags: readonly string[] = [],
): Promise<RunningContainer> {
  const options = ['--allow-anonymous', '--json', '--port', '0', '--grpc-port', '0', '--log-level', 'error', ...flags];
  const server = new ContainedProcess(container, [...entrypoint, ...options]);
  const { url } = JSON.parse(await server.firstLine()) as { url: string };
  return { process: server, url: url.replace('0.0.0.0', '127.0.0.1') };
}

/** Vectors of texts, from the server. */
export async function embed(url: string, texts: readonly string[]): Promise<readonly Float32Array[]> {
  const response = await post(url, texts);
  assert.equal(response.status, 200);
  const { embeddings } = (await response.json()) as { embeddings: number[][] };
  return embeddings.map((vector) => Float32Array.from(vector));
}

function post(url: string, texts: readonly string[]): Promise<Response> {
  return fetch(`${url}/embed`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ texts }),
  });
}

/** The vectors of the scenarios are those of the library on this machine, and as near to Python's as they must be. */
export async function acceptVectors(url: string, dtype: 'float32' | 'int8', scenarios: Scenarios): Promise<string> {
  const found = await embed(url, scenarios.texts);
  const { error, cosine } = compare(found, scenarios.vectors);
  if (dtype === 'float32') assert.ok(error <= scenarios.tolerance, `${error} from Python's vectors`);
  else assert.ok(cosine >= LEAST_INT8_COSINE, `a cosine of ${cosine} to Python's vectors`);
  const library = await loadModel(BAKED_MODEL, { dtype });
  try {
    const own = await Promise.all(scenarios.texts.map((text) => library.encode(text)));
    assert.equal(compare(found, own).error, 0);
  } finally {
    await library.close();
  }
  return `largest error ${error.toExponential(2)}, least cosine ${cosine.toFixed(6)}, ${found.length} texts`;
}

/** The image's health check says what the server says, and fails where none is. */
export async function acceptHealthCheck(container: Container, { url }: RunningContainer): Promise<void> {
  const { port } = new URL(url);
  const on = (number: string): Container => ({
    ...container,
    environment: [...container.environment, `ISOVEC_PORT=${number}`],
  });
  assert.equal((await runContained(on(port), HEALTH_COMMAND)).code, 0);
  assert.equal((await runContained(on('1'), HEALTH_COMMAND)).code, 1);
}

/** On SIGTERM the server answers what it has accepted, takes nothing new, and ends with 0. */
export async function acceptDrain({ process: server, url }: RunningContainer): Promise<void> {
  const texts = Array.from({ length: TEXTS_IN_FLIGHT }, (_, at) => `text ${at} of a request that is at work`);
  const answer = embed(url, texts);
  while (!(await isWaiting(url)));
  server.signal('SIGTERM');
  while (await isReady(url));
  const refused = await post(url, ['too late']).catch(() => undefined);
  assert.ok(refused === undefined || refused.status === 503, `a new request got ${refused?.status}`);
  assert.equal((await answer).length, TEXTS_IN_FLIGHT);
  const { code, stderr } = await server.ended;
  assert.equal(code, 0, stderr);
}

async function isWaiting(url: string): Promise<boolean> {
  const health = (await (await fetch(`${url}/health/ready`)).json()) as { models: { pendingTexts: number }[] };
  return health.models.some(({ pendingTexts }) => pendingTexts > 0);
}

async function isReady(url: string): Promise<boolean> {
  const response = await fetch(`${url}/health/ready`).catch(() => undefined);
  return response?.status === 200;
}
