import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import * as engine from 'onnxruntime-node';

import { NATIVE_VALUES } from '#src/models/native-bundle.js';

import { prepared } from './engine/assemble-engine.js';
import { flushToZero, nativeFeeds, nativeSession } from './engine/native-session.js';
import { weightDtype } from './engine/weight-dtype.js';
import { gemmRate } from './profile/gemm-rate.js';
import { readOperatorTimes } from './profile/operator-times.js';

// Where the time of one inference goes: the kernels of the native graph by operator, on one thread, for batches of one
// exact length, beside the rate of the engine's bare matrix product on this machine. Run with `npm run bench:profile`.

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2' },
    dtype: { type: 'string', default: 'float32' },
    /** Batch x length, comma-separated. */
    shapes: { type: 'string', default: '1x12,8x32,2x128,1x256' },
    repeats: { type: 'string', default: '30' },
    threads: { type: 'string', default: '1' },
  },
});

const { bundle } = await prepared(values.model, weightDtype(values.dtype));
const graph = await readFile(bundle.graphPath);
await flushToZero();

const bare = await gemmRate(engine, 256, 384, 1536);
console.log(`bare Gemm 256 x 384 x 1536, one thread: ${bare.toFixed(0)} GFLOP/s`);

for (const shape of values.shapes.split(',')) {
  const [batch = 1, length = 1] = shape.split('x').map(Number);
  const folder = await mkdtemp(path.join(tmpdir(), 'isovec-profile-'));
  const session = await nativeSession(graph, bundle.dataFolder, {
    intraOpNumThreads: Number(values.threads),
    enableProfiling: true,
    profileFilePrefix: path.join(folder, 'profile'),
  });
  const feeds = nativeFeeds(bundle, batch, length);
  const milliseconds: number[] = [];
  const repeats = Number(values.repeats);
  for (let i = 0; i < repeats; i++) {
    const started = performance.now();
    await session.run(feeds, [NATIVE_VALUES.embeddings]);
    milliseconds.push(performance.now() - started);
  }
  session.endProfiling();
  await session.release();
  const times = [...(await readOperatorTimes(folder))].sort(([, left], [, right]) => right - left);
  await rm(folder, { recursive: true });
  const kernels = times.reduce((sum, [, time]) => sum + time, 0);
  const wall = milliseconds.sort((left, right) => left - right)[repeats >> 1] ?? 0;
  console.log(`\n${shape}: median ${wall.toFixed(2)} ms a run, kernels ${(kernels / repeats / 1000).toFixed(2)} ms`);
  for (const [operator, time] of times) {
    const share = (100 * time) / kernels;
    if (share >= 0.5)
      console.log(
        `  ${operator.padEnd(26)} ${share.toFixed(1).padStart(5)} %  ${(time / repeats / 1000).toFixed(3)} ms`,
      );
  }
}
