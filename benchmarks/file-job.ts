import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

import { type JobRun, runJob } from './file-job/run-job.js';

import { generatedTexts } from '#src/bench/generated-texts.js';

// How fast a file of texts becomes a file of vectors, beside the library's own stream over the same file, and how much
// memory that takes on the way. Rounds are interleaved, medians are shown. Run with `npm run bench:file-job`; --rows,
// --words, --formats, --model and --rounds choose what is embedded.

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2' },
    rows: { type: 'string', default: '20000' },
    /** Most words of a text. */
    words: { type: 'string', default: '6' },
    formats: { type: 'string', default: 'npy,parquet,jsonl' },
    rounds: { type: 'string', default: '3' },
    /** Keeps the files of the last round. */
    keep: { type: 'string' },
  },
});

const COMMAND_LINE = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const LIBRARY = fileURLToPath(new URL('file-job/library-child.mjs', import.meta.url));
const rows = Number(values.rows);
const folder = values.keep ?? (await mkdtemp(path.join(tmpdir(), 'isovec-file-job-')));
const texts = path.join(folder, 'texts.txt');
await writeTexts(texts);

function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

async function writeTexts(file: string): Promise<void> {
  const stream = createWriteStream(file);
  for (let begin = 0; begin < rows; begin += 10_000) {
    const lines = generatedTexts(begin + 1, Math.min(10_000, rows - begin), 1, Number(values.words));
    if (!stream.write(`${lines.join('\n')}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
}

async function library(): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [LIBRARY, values.model, texts]);
  return (JSON.parse(stdout) as { seconds: number }).seconds;
}

const formats = values.formats.split(',').filter((format) => format !== '');
const baseline: number[] = [];
const jobs = new Map<string, JobRun[]>(formats.map((format) => [format, []]));
for (let round = 0; round < Number(values.rounds); round++) {
  baseline.push(await library());
  for (const format of formats) {
    const out = path.join(folder, `vectors.${format}`);
    const args = ['embed', '--in', texts, '--out', out, '--force', '--json', '--model', values.model];
    jobs.get(format)?.push(await runJob([COMMAND_LINE, ...args], rows));
  }
}
if (values.keep === undefined) await rm(folder, { recursive: true });

const own = median(baseline);
console.log(`${rows} texts of 1 to ${values.words} words, ${values.model}, ${availableParallelism()} cores`);
console.log(`library, encodeStream, nothing written: ${Math.round(rows / own)} texts/s`);
for (const [format, runs] of jobs) {
  const seconds = median(runs.map((run) => run.seconds));
  const memory = memoryOf(runs.at(-1));
  console.log(
    `.${format.padEnd(8)} ${Math.round(rows / seconds)} texts/s, ${(own / seconds).toFixed(3)} of the library${memory}`,
  );
}

function memoryOf(run: JobRun | undefined): string {
  const figures = run?.resident.map((bytes) => Math.round(bytes / 1e6)) ?? [];
  return figures.length === 0 ? '' : `; resident ${figures.join(' / ')} MB at 10 / 50 / 100 %`;
}
