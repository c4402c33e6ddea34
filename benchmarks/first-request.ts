import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { median } from './engine/percentile.js';
import { measureProcess } from './cold-start/measure-process.js';

// Whether the first request after a model is ready is like the hundredth: lone requests one after another in new processes.
// The other workers and the session for lone texts start meanwhile, as they do for a caller. Medians over processes. Run
// with `npm run bench:first-request`; --json prints the figures as JSON.

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2' },
    rounds: { type: 'string', default: '15' },
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

const runs: Told[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const { output } = await measureProcess([CHILD, values.model, String(HUNDREDTH.to)]);
  runs.push(JSON.parse(output) as Told);
}
const hundredths = runs.map(({ requests }) => median(requests.slice(HUNDREDTH.from, HUNDREDTH.to)));
const figures = {
  load: median(runs.map(({ load }) => load)),
  'of it warm-up': median(runs.map(({ warmUp }) => warmUp)),
  ...Object.fromEntries(
    SHOWN.map((nth) => [`request ${nth}`, median(runs.map(({ requests }) => requests[nth - 1] ?? NaN))]),
  ),
  'request 100': median(hundredths),
  'first / hundredth': median(runs.map(({ requests }, at) => (requests[0] ?? NaN) / (hundredths[at] ?? NaN))),
};
if (values.json) {
  console.log(JSON.stringify(figures));
} else {
  console.log(`medians of ${runs.length} processes, ms`);
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(20)}${value.toFixed(2).padStart(9)}`);
}
