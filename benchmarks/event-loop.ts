import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';

import { loadModel } from '#src/index.js';

import { generatedTexts } from './generated-texts.js';

// How long the caller's event loop is held up while many texts are embedded. Run with `npm run bench:event-loop`.

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2' },
    texts: { type: 'string', default: '5000' },
  },
});

const texts = generatedTexts(1, Number(values.texts), 4, 48);
const model = await loadModel(values.model);
await model.encodeBatch(texts.slice(0, 200));

const monitor = monitorEventLoopDelay({ resolution: 1 });
const gaps: number[] = [];
let last = performance.now();
const timer = setInterval(() => {
  const now = performance.now();
  gaps.push(now - last);
  last = now;
}, 1);
monitor.enable();
const started = performance.now();
const batch = await model.encodeBatch(texts);
const seconds = (performance.now() - started) / 1000;
monitor.disable();
clearInterval(timer);
await model.close();

const tokens = batch.tokens.reduce((sum, count) => sum + count, 0);
gaps.sort((left, right) => left - right);
const at = (share: number): number => gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * share))] ?? 0;
const milliseconds = (nanoseconds: number): string => (nanoseconds / 1e6).toFixed(1);
console.log(
  `${texts.length} texts, mean ${(tokens / texts.length).toFixed(1)} tokens, ${model.info().threads} threads`,
);
console.log(`${(texts.length / seconds).toFixed(0)} texts/s, ${(tokens / seconds).toFixed(0)} tokens/s`);
console.log(
  `event loop delay, monitor: P50 ${milliseconds(monitor.percentile(50))}  P99 ${milliseconds(monitor.percentile(99))}  max ${milliseconds(monitor.max)} ms`,
);
console.log(
  `event loop delay, 1 ms timer: P50 ${at(0.5).toFixed(1)}  P99 ${at(0.99).toFixed(1)}  max ${at(1).toFixed(1)} ms`,
);
