import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import type { InferenceSession, Tensor } from 'onnxruntime-node';

import { obtainFiles } from '#src/engine/load-model.js';
import { readSettings } from '#src/engine/settings.js';
import { NATIVE_VALUES } from '#src/models/native-bundle.js';
import { compareVectors } from '#src/vector/compare-vectors.js';

import { prepared } from './engine/assemble-engine.js';
import { flushToZero, nativeFeeds, nativeSession } from './engine/native-session.js';
import { median } from './engine/percentile.js';
import { plainInt8Graph } from './engine/plain-int8-graph.js';

// Bare sessions of one thread, turn by turn: the product's int8 graph, plain dynamic int8 with one scale for all tokens
// of an input, and float32. Medians of a run, and the speed of the product's int8 graph as a ratio to the other two.
// For models with mean pooling. Run with `npm run bench:int8`.

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2' },
    /** Batch x length, comma-separated. */
    shapes: { type: 'string', default: '1x16,4x32,8x64,1x128,2x256' },
    rounds: { type: 'string', default: '100' },
  },
});

/** Of a graph that computes what it should, on texts of random words. */
const LEAST_COSINE = 0.9;

/** The first text's vector. */
async function vectorOf(session: InferenceSession, feeds: Record<string, Tensor>): Promise<Float32Array> {
  const { [NATIVE_VALUES.embeddings]: output } = await session.run(feeds, [NATIVE_VALUES.embeddings]);
  if (!(output?.data instanceof Float32Array)) throw new Error('The graph gave no vectors.');
  return output.data.slice(0, output.dims[1]);
}

const files = await obtainFiles(values.model, {}, readSettings());
const float32 = await prepared(values.model, 'float32');
const int8 = await prepared(values.model, 'int8');
const folder = await mkdtemp(path.join(tmpdir(), 'isovec-int8-'));
await flushToZero();
const weightBits = int8.quantization?.weightBits ?? 8;
const sessions = [
  await nativeSession(await readFile(int8.bundle.graphPath), int8.bundle.dataFolder),
  await nativeSession(await plainInt8Graph(files, int8.record, weightBits, folder), folder),
  await nativeSession(await readFile(float32.bundle.graphPath), float32.bundle.dataFolder),
];

console.log(`${values.model}, one thread, ${weightBits}-bit weights, medians of ${values.rounds} rounds`);
console.log('shape     int8 ms  plain int8 ms  float32 ms   speed to plain  to float32');
for (const shape of values.shapes.split(',')) {
  const [batch = 1, length = 1] = shape.split('x').map(Number);
  const feeds = nativeFeeds(int8.bundle, batch, length);
  const times = sessions.map(() => [] as number[]);
  // The first rounds warm up.
  for (let round = -5; round < Number(values.rounds); round++) {
    for (const [i, session] of sessions.entries()) {
      const started = performance.now();
      await session.run(feeds, [NATIVE_VALUES.embeddings]);
      if (round >= 0) times[i]?.push(performance.now() - started);
    }
  }
  const [near, plainly, exact] = await Promise.all(sessions.map((session) => vectorOf(session, feeds)));
  for (const vector of [near, plainly]) {
    if (!(compareVectors([vector ?? []], [exact ?? []]).minCosine > LEAST_COSINE))
      throw new Error(`${shape}: an int8 graph computes wrongly.`);
  }
  const [own = NaN, plain = NaN, float = NaN] = times.map(median);
  const cells = [
    shape.padEnd(8),
    own.toFixed(2).padStart(8),
    plain.toFixed(2).padStart(14),
    float.toFixed(2).padStart(11),
    (plain / own).toFixed(2).padStart(16),
    (float / own).toFixed(2).padStart(11),
  ];
  console.log(cells.join(' '));
}
for (const session of sessions) await session.release();
await rm(folder, { recursive: true });
