import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { run, tinyModel } from '../cli/command-line.js';
import {
  drawMoment,
  type JobPlace,
  journalLines,
  type KillMoment,
  NEVER,
  runKilled,
  seededRandom,
} from './killed-run.js';

/** Kills of every job; 50 is the heavy form. */
const KILLS = Number(process.env['ISOVEC_KILLS'] ?? 6);
const SEED = Number(process.env['ISOVEC_SEED'] ?? 1);
const SECONDS_FOR_A_KILL = 30;
/** Three segments of a job, each a good part of a second. */
const ROWS = 9_000;
/** The first kills of every job: between two segments, and twice while one is written. */
const FIRST: readonly KillMoment[] = [{ journalLines: 2 }, { grows: '.part', times: 2 }, { grows: '.part', times: 1 }];
const { folder: model } = tinyModel('bert-mean');

interface Job {
  readonly source: string;
  readonly out: string;
  readonly flags: readonly string[];
}

const JOBS: readonly Job[] = [
  { source: 'texts.txt', out: 'vectors.npy', flags: [] },
  { source: 'texts.txt', out: 'vectors.f32', flags: [] },
  { source: 'rows.jsonl', out: 'vectors.parquet', flags: [] },
  { source: 'rows.jsonl', out: 'vectors.jsonl', flags: [] },
  { source: 'texts.txt', out: 'vectors.jsonl.gz', flags: [] },
  { source: 'faulty.jsonl', out: 'vectors.npy', flags: ['--on-error', 'skip'] },
];

let base: string;
let cache: string;

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'isovec-kill-'));
  cache = path.join(base, 'cache');
  const texts = Array.from({ length: ROWS }, (_, row) => `row ${row}${' the river'.repeat((row * 7) % 5)}`);
  const rows = texts.map((text, row) => JSON.stringify({ id: row, text, even: row % 2 === 0 }));
  await writeFile(path.join(base, 'texts.txt'), texts.map((text) => `${text}\n`).join(''));
  await writeFile(path.join(base, 'rows.jsonl'), rows.map((row) => `${row}\n`).join(''));
  await writeFile(path.join(base, 'faulty.jsonl'), rows.map((row, index) => `${spoil(row, index)}\n`).join(''));
});

afterAll(() => rm(base, { recursive: true, force: true }));

/** Every 400th row cannot be embedded, one after the other for another reason. */
function spoil(row: string, index: number): string {
  if (index % 400 !== 399) return row;
  const faults = ['{"id": 7, "text": ', `{"id": ${index}}`, `{"id": ${index}, "text": 5}`, '{"text": "\\ud800"}'];
  return faults[Math.floor(index / 400) % faults.length] ?? '';
}

async function newPlace(): Promise<JobPlace> {
  return { folder: await mkdtemp(path.join(base, 'place-')), cache };
}

function argumentsOf({ source, out, flags }: Job): string[] {
  return ['embed', '--model', model, '--in', `../${source}`, '--out', out, '--quiet', ...flags];
}

/** The files that a job writes when nothing disturbs it, with the time it takes. */
async function undisturbed(job: Job): Promise<{ files: Map<string, Buffer>; milliseconds: number }> {
  const { folder } = await newPlace();
  const started = performance.now();
  const { code, stderr } = await run(argumentsOf(job), { environment: { ISOVEC_HOME: cache }, cwd: folder });
  const milliseconds = performance.now() - started;
  expect(code, stderr).toBe(0);
  const files = await contents(folder);
  const beside = [
    ...(job.out.endsWith('.parquet') ? [] : ['.meta.json']),
    ...(job.flags.length > 0 ? ['.refused.jsonl'] : []),
  ];
  expect([...files.keys()]).toEqual(['', ...beside].map((ending) => `${job.out}${ending}`));
  return { files, milliseconds };
}

/** Every file of a folder, hidden ones too, with its bytes. */
async function contents(folder: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(folder)).sort();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(path.join(folder, name))] as const)),
  );
}

/** Names of the files that differ, or that only one of both has. */
function differences(left: ReadonlyMap<string, Buffer>, right: ReadonlyMap<string, Buffer>): string[] {
  const names = new Set([...left.keys(), ...right.keys()]);
  return [...names].filter((name) => left.get(name)?.equals(right.get(name) ?? Buffer.of()) !== true);
}

describe('a file job that is killed again and again', () => {
  it.each(JOBS.map((job) => [[job.source, 'to', job.out, ...job.flags].join(' '), job] as const))(
    'ends with the files of an undisturbed one: %s',
    async (_, job) => {
      const { files, milliseconds } = await undisturbed(job);
      const random = seededRandom(SEED);
      let kills = 0;
      let continued = 0;
      while (kills < KILLS) {
        const place = await newPlace();
        const story: string[] = [];
        for (let resume: string[] = [], ended = false; !ended; resume = ['--resume']) {
          const drawn = FIRST[kills] ?? drawMoment(random, milliseconds, job.out);
          const moment = kills < KILLS ? drawn : NEVER;
          const { code, signal, stderr } = await runKilled([...argumentsOf(job), ...resume], place, moment);
          story.push(`${JSON.stringify(moment)}: ${signal ?? `status ${code ?? ''} ${stderr}`}`);
          ended = signal !== 'SIGKILL';
          if (ended) expect(code, story.join('\n')).toBe(0);
          else kills++;
          if (journalLines(place.folder) > 1) continued++;
        }
        expect(differences(await contents(place.folder), files), story.join('\n')).toEqual([]);
        await rm(place.folder, { recursive: true });
      }
      // Else every kill came before anything was durable or after all was, and nothing was shown.
      expect(continued).toBeGreaterThan(0);
    },
    (KILLS + 1) * SECONDS_FOR_A_KILL * 1000,
  );

  it('that replaces a result never leaves the new metadata beside the old vectors', async () => {
    const other = tinyModel('bert-cls').folder;
    const job: Job = { source: 'texts.txt', out: 'vectors.npy', flags: [] };
    const old = await newPlace();
    const before = await run([...argumentsOf(job), '--model', other], {
      environment: { ISOVEC_HOME: cache },
      cwd: old.folder,
    });
    expect(before.code, before.stderr).toBe(0);
    const { files } = await undisturbed(job);
    for (const moment of [{ appears: '.meta.json' }, { appears: job.out }, { journalLines: 5 }]) {
      const place = await newPlace();
      await cp(old.folder, place.folder, { recursive: true });
      await runKilled([...argumentsOf(job), '--force'], place, moment);
      const left = await contents(place.folder);
      const isNew = (name: string): boolean => left.get(name)?.equals(files.get(name) ?? Buffer.of()) === true;
      const metadata = `${job.out}.meta.json`;
      expect(left.has(job.out) && left.has(metadata) && isNew(job.out) !== isNew(metadata)).toBe(false);
      await runKilled([...argumentsOf(job), '--resume'], place, NEVER);
      expect(differences(await contents(place.folder), files)).toEqual([]);
    }
  });
});
