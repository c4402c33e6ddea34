import { parseArgs } from 'node:util';

import { generatedTexts } from '#src/bench/generated-texts.js';
import { type Embedder, loadModel } from '#src/index.js';

import { median, percentile } from './engine/percentile.js';

// What the bridge costs beside its inference (JSON, base64, pipes, and waiting for it), and whether the first request after a
// load is as fast as the hundredth: the model in process and in Python, for 1, 32 and 512 texts, rounds interleaved.
// Run with `npm run bench:bridge -- --python PATH`; the interpreter needs the packages of the backends.

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2' },
    python: { type: 'string' },
    providers: { type: 'string', default: 'onnx,python/torch' },
    rounds: { type: 'string', default: '15' },
  },
});
const TEXTS = generatedTexts(5, 512, 6, 46);
const COUNTS = [1, 32, 512];
const FIRST = 100;

/** Milliseconds of a call, and of the inference of its batches: their sum, as one follows another in a child. */
async function timed(model: Embedder, texts: readonly string[]): Promise<{ total: number; inference: number }> {
  let inference = 0;
  const stop = model.onBatch(({ milliseconds }) => {
    inference += milliseconds;
  });
  const begun = performance.now();
  await model.encodeBatch(texts);
  const total = performance.now() - begun;
  stop();
  return { total, inference };
}

const figure = (value: number, digits = 2): string => value.toFixed(digits).padStart(9);
const models: Embedder[] = [];
for (const provider of values.providers.split(',') as ('onnx' | 'python/torch' | 'python/onnx')[]) {
  const model = await loadModel(values.model, {
    provider,
    threads: 1,
    loneTextThreads: 1,
    ...(values.python === undefined ? {} : { python: values.python }),
  });
  models.push(model);
  const { timings } = model.info();
  const calls: number[] = [];
  for (let i = 0; i < FIRST; i++) calls.push((await timed(model, ['a short query about rivers'])).total);
  const tail = calls.slice(FIRST / 2);
  console.log(
    `${model.info().provider.padEnd(13)} load ${timings.total.toFixed(0)} ms, of it warm-up ${timings.warmUp.toFixed(0)} ms; ` +
      `first request ${(calls[0] ?? 0).toFixed(2)} ms, second ${(calls[1] ?? 0).toFixed(2)}, hundredth ${(calls.at(-1) ?? 0).toFixed(2)}, ` +
      `P50 ${median(tail).toFixed(2)}, P95 ${percentile(tail, 0.95).toFixed(2)} ms`,
  );
}

console.log('\nprovider      texts  total ms  inference  overhead   share of inference');
for (const count of COUNTS) {
  const rows = models.map((): { total: number; inference: number }[] => []);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [i, model] of models.entries()) rows[i]?.push(await timed(model, TEXTS.slice(0, count)));
  }
  for (const [i, model] of models.entries()) {
    const own = rows[i] ?? [];
    const total = median(own.map((row) => row.total));
    const inference = median(own.map((row) => row.inference));
    const share = median(own.map((row) => row.inference / row.total));
    console.log(
      `${model.info().provider.padEnd(13)} ${String(count).padStart(5)} ${figure(total)} ${figure(inference)} ${figure(total - inference)} ${figure(share * 100, 1)} %`,
    );
  }
}
await Promise.all(models.map((model) => model.close()));
