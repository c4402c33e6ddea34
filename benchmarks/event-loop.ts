import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';

import { generatedTexts } from '#src/bench/generated-texts.js';
import { loadModel } from '#src/index.js';

import { weightDtype } from './engine/weight-dtype.js';

// How long the caller's event loop is held up while many texts are embedded. Run with `npm run bench:event-loop`.
// A delay may be the loop's own work, or its wait for a processor that others use; Linux tells the two apart.

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2' },
    dtype: { type: 'string', default: 'float32' },
    texts: { type: 'string', default: '5000' },
  },
});

const texts = generatedTexts(1, Number(values.texts), 4, 48);
const model = await loadModel(values.model, { dtype: weightDtype(values.dtype) });
await model.encodeBatch(texts.slice(0, 200));

/** Milliseconds that the main thread has run, where the system says so. */
function mainThreadMilliseconds(): number | undefined {
  try {
    const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
    return Number(nanoseconds) / 1e6;
  } catch {
    return undefined;
  }
}

const monitor = monitorEventLoopDelay({ resolution: 1 });
const gaps: number[] = [];
const own: number[] = [];
let last = performance.now();
let lastRun = mainThreadMilliseconds();
const timer = setInterval(() => {
  const now = performance.now();
  const run = mainThreadMilliseconds();
  gaps.push(now - last);
  if (run !== undefined && lastRun !== undefined) own.push(run - lastRun);
  last = now;
  lastRun = run;
}, 1);
monitor.enable();
const started = performance.now();
const batch = await model.encodeBatch(texts);
const seconds = (performance.now() - started) / 1000;
monitor.disable();
clearInterval(timer);
await model.close();

const tokens = batch.tokens.reduce((sum, count) => sum + count, 0);
const milliseconds = (nanoseconds: number): string => (nanoseconds / 1e6).toFixed(1);

function summary(samples: number[]): string {
  samples.sort((left, right) => left - right);
  const at = (share: number): string =>
    (samples[Math.min(samples.length - 1, Math.floor(samples.length * share))] ?? 0).toFixed(1);
  return `P50 ${at(0.5)}  P99 ${at(0.99)}  max ${at(1)} ms`;
}

const delays = [50, 99].map((share) => `P${share} ${milliseconds(monitor.percentile(share))}`).join('  ');
console.log(
  `${texts.length} texts, mean ${(tokens / texts.length).toFixed(1)} tokens, ${model.info().threads} threads`,
);
console.log(`${(texts.length / seconds).toFixed(0)} texts/s, ${(tokens / seconds).toFixed(0)} tokens/s`);
console.log(`event loop delay, monitor:    ${delays}  max ${milliseconds(monitor.max)} ms`);
console.log(`event loop delay, 1 ms timer: ${summary(gaps)}`);
if (own.length > 0) console.log(`own work of the thread:       ${summary(own)}`);
