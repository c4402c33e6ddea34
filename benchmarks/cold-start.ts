import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { loadModel } from '#src/index.js';

import { measureProcess, type ProcessMeasurement } from './cold-start/measure-process.js';

// How long a new process takes to print its help, or the vector of one text, with the model in the cache; beside it a
// Node process that does nothing, which nobody can be faster than. Rounds are interleaved, medians are shown. Run with
// `npm run bench:cold-start`; --json prints the figures as JSON.

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2' },
    rounds: { type: 'string', default: '15' },
    json: { type: 'boolean', default: false },
  },
});

const COMMAND_LINE = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const LIBRARY = fileURLToPath(new URL('cold-start/library-child.mjs', import.meta.url));
const CASES: Readonly<Record<string, readonly string[]>> = {
  nothing: ['--eval', 'console.log(0)'],
  'isovec --help': [COMMAND_LINE, '--help'],
  'isovec embed': [COMMAND_LINE, 'embed', '--quiet', '--model', values.model, 'a text'],
  library: [LIBRARY, values.model, '{}'],
  'library, one-shot options': [LIBRARY, values.model, '{"threads":1,"warmUp":false}'],
};

interface Summary {
  readonly first: number;
  readonly end: number;
  readonly processor: number;
  /** Steps that the process itself tells. */
  readonly steps: Readonly<Record<string, number>>;
}

function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((left, right) => left - right);
  return Math.round((sorted[Math.floor(sorted.length / 2)] ?? 0) * 10) / 10;
}

function summaryOf(measurements: readonly ProcessMeasurement[], tellsSteps: boolean): Summary {
  const told = tellsSteps ? measurements.map(({ output }) => JSON.parse(output) as Record<string, number>) : [];
  const steps = Object.keys(told[0] ?? {}).map((step) => [step, median(told.map((one) => one[step] ?? 0))] as const);
  return {
    first: median(measurements.map(({ first }) => first)),
    end: median(measurements.map(({ end }) => end)),
    processor: median(measurements.map(({ processor }) => processor)),
    steps: Object.fromEntries(steps),
  };
}

// Whatever must be fetched or written is, before anything is measured.
await (await loadModel(values.model)).close();
const measured = new Map<string, ProcessMeasurement[]>(Object.keys(CASES).map((name) => [name, []]));
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name, args] of Object.entries(CASES)) measured.get(name)?.push(await measureProcess(args));
}
const summaries = [...measured].map(([name, list]) => [name, summaryOf(list, name.startsWith('library'))] as const);

if (values.json) {
  console.log(JSON.stringify(Object.fromEntries(summaries)));
} else {
  const base = summaries[0]?.[1].end ?? 1;
  const row = (name: string, ...cells: readonly string[]): void => {
    console.log(name.padEnd(28) + cells.map((cell) => cell.padStart(11)).join(''));
  };
  row(`median of ${values.rounds}, ms`, 'first byte', 'end', 'processor', 'end/nothing');
  for (const [name, { first, end, processor, steps }] of summaries) {
    row(name, ...[first, end, processor].map((value) => value.toFixed(0)), (end / base).toFixed(2));
    for (const [step, milliseconds] of Object.entries(steps)) row(`    ${step}`, milliseconds.toFixed(1));
  }
}
