import process from 'node:process';
import { parseArgs } from 'node:util';

import { generatedTexts } from '#src/bench/generated-texts.js';
import { type Embedder, loadModel } from '#src/index.js';

import { median } from './engine/percentile.js';
import { weightDtype } from './engine/weight-dtype.js';

// Whether cost grows linearly and memory stays flat: streams of very different length through one loaded model. Small
// sizes are measured several times between the others, so that a drift of the machine is seen; medians are shown.
// Run with `npm run bench:scale`.

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2' },
    dtype: { type: 'string', default: 'float32' },
    sizes: { type: 'string', default: '1000,10000,100000,1000000' },
    /** Most words of a text. */
    words: { type: 'string', default: '6' },
    /** Texts of each size that are embedded at least, in as many runs as that takes, at most nine. */
    least: { type: 'string', default: '30000' },
  },
});

const SLICE = 10_000;

interface StreamRun {
  readonly textsPerSecond: number;
  readonly tokensPerSecond: number;
  /** Resident megabytes after 10, 50 and 100 % of the texts. */
  readonly resident: readonly number[];
}

/** The same texts for the same size, made as they are read. */
function* texts(count: number): Generator<string, void, undefined> {
  for (let begin = 0; begin < count; begin += SLICE) {
    yield* generatedTexts(begin + 1, Math.min(SLICE, count - begin), 1, Number(values.words));
  }
}

async function stream(model: Embedder, count: number): Promise<StreamRun> {
  const marks = [0.1, 0.5, 1].map((part) => Math.floor(count * part));
  const resident: number[] = [];
  let done = 0;
  let tokens = 0;
  const started = performance.now();
  for await (const batch of model.encodeStream(texts(count))) {
    done += batch.count;
    for (const tokenCount of batch.tokens) tokens += tokenCount;
    while (resident.length < marks.length && done >= (marks[resident.length] ?? Infinity)) {
      resident.push(process.memoryUsage.rss() / 1e6);
    }
  }
  const seconds = (performance.now() - started) / 1000;
  if (done !== count) throw new Error(`${count} texts went in and ${done} vectors came out.`);
  return { textsPerSecond: count / seconds, tokensPerSecond: tokens / seconds, resident };
}

const model = await loadModel(values.model, { dtype: weightDtype(values.dtype) });
await stream(model, 3000);
const sizes = values.sizes.split(',').map(Number);
const runs = new Map<number, StreamRun[]>(sizes.map((size) => [size, []]));
const rounds = (size: number): number => Math.max(1, Math.min(9, Math.ceil(Number(values.least) / size)));
for (let round = 0; round < Math.max(...sizes.map(rounds)); round++) {
  for (const size of sizes) if (round < rounds(size)) runs.get(size)?.push(await stream(model, size));
}
await model.close();

const baseline = median((runs.get(sizes[0] ?? 0) ?? []).map(({ tokensPerSecond }) => tokensPerSecond));
console.log(
  `${values.model}, ${values.dtype}, texts of 1 to ${values.words} words; ratios of tokens/s to the first size`,
);
console.log('    texts   runs   texts/s   tokens/s   ratio   resident MB at 10, 50, 100 %');
for (const [size, list] of runs) {
  const rate = median(list.map(({ tokensPerSecond }) => tokensPerSecond));
  const cells = [
    String(size).padStart(9),
    String(list.length).padStart(6),
    median(list.map(({ textsPerSecond }) => textsPerSecond))
      .toFixed(0)
      .padStart(9),
    rate.toFixed(0).padStart(10),
    (rate / baseline).toFixed(3).padStart(7),
    (list.at(-1)?.resident ?? [])
      .map((megabytes) => megabytes.toFixed(0))
      .join('  ')
      .padStart(20),
  ];
  console.log(cells.join(' '));
}
