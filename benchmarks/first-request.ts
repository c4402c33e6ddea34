import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { median } from './engine/percentile.js';
import { measureProcess } from './cold-start/measure-process.js';

// Whether the first request after a provider is ready is like the hundredth: lone requests one after another in new processes, the
// providers interleaved. Medians over processes. By default as after `loadModel`: other workers and the session for lone texts start
// meanwhile; with --ready after `warmUp()`, which a server waits for. Run with `npm run bench:first-request`, for several with
// `-- --ready --providers onnx,python/onnx,python/torch,remote,chain --python PATH`; --json prints the figures as JSON.

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2' },
    rounds: { type: 'string', default: '15' },
    providers: { type: 'string', default: 'onnx' },
    python: { type: 'string' },
    ready: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const CHILD = fileURLToPath(new URL('cold-start/requests-child.mjs', import.meta.url));
const SHOWN = [1, 2, 3, 5, 10, 20, 50];
/** Requests whose median stands for the hundredth: one alone is noise. */
const HUNDREDTH = { from: 90, to: 110 };

interface Told {
  readonly load: number;
  readonly warmUp: number;
  readonly requests: readonly number[];
}

const providers = values.providers.split(',');
const runs = new Map(providers.map((provider): [string, Told[]] => [provider, []]));
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [provider, told] of runs) {
    const warm = values.ready ? 'ready' : 'loaded';
    const python = values.python === undefined ? [] : [values.python];
    const { output } = await measureProcess([CHILD, provider, values.model, String(HUNDREDTH.to), warm, ...python]);
    told.push(JSON.parse(output) as Told);
  }
}

function figuresOf(told: readonly Told[]): Readonly<Record<string, number>> {
  const hundredths = told.map(({ requests }) => median(requests.slice(HUNDREDTH.from, HUNDREDTH.to)));
  return {
    load: median(told.map(({ load }) => load)),
    'of it warm-up': median(told.map(({ warmUp }) => warmUp)),
    ...Object.fromEntries(
      SHOWN.map((nth) => [`request ${nth}`, median(told.map(({ requests }) => requests[nth - 1] ?? NaN))]),
    ),
    'request 100': median(hundredths),
    'first / hundredth': median(told.map(({ requests }, at) => (requests[0] ?? NaN) / (hundredths[at] ?? NaN))),
  };
}

const figures = [...runs].map(([provider, told]) => ({ provider, ...figuresOf(told) }));
if (values.json) {
  for (const row of figures) console.log(JSON.stringify(row));
} else {
  console.log(`medians of ${values.rounds} processes, ms`);
  const names = Object.keys(figures[0] ?? {});
  for (const name of names) {
    const row = figures.map((one: Readonly<Record<string, string | number>>) => one[name] ?? '');
    const cell = row.map((value) => (typeof value === 'number' ? value.toFixed(2) : value).padStart(13)).join('');
    console.log(`${(name === 'provider' ? '' : name).padEnd(18)}${cell}`);
  }
}
