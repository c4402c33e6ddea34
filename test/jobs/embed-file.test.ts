import { appendFile, chmod, mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { withFileLock } from '#src/models/cache/file-lock.js';
import { decodeNpy } from '#src/formats/npy/decode-npy.js';
import { beforeEach, describe, expect, it } from 'vitest';

import { failure, loadTiny, temporaryFolder } from '../engine/support/tiny-model.js';
import { manyTexts, runJob, textFile } from './support.js';

const TEXTS = manyTexts(9000);

let folder: string;
let source: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  source = await textFile(folder, 'texts.txt', TEXTS);
});

function at(name: string): string {
  return path.join(folder, name);
}

/** Interrupts a job once so many rows are done. */
function stopAfter(rows: number): { signal: AbortSignal; onProgress: (progress: { done: number }) => void } {
  const stop = new AbortController();
  return {
    signal: stop.signal,
    onProgress: ({ done }) => {
      if (done >= rows) stop.abort();
    },
  };
}

async function leftovers(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /\.(part|job|lock|tmp)$/.test(name));
}

describe('a file job', () => {
  it("gives the vectors of the library's own call, in order, and says what they are", async () => {
    const model = await loadTiny('bert-mean', { threads: 2 });
    const report = await runJob(model, source, at('v.npy'));
    const { shape, data } = decodeNpy(await readFile(at('v.npy')));
    const expected = await model.encodeBatch(TEXTS);
    expect(shape).toEqual([9000, 32]);
    expect(data).toEqual(expected.data);
    const tokens = expected.tokens.reduce((sum, count) => sum + count, 0);
    expect(report).toMatchObject({ tally: { rows: 9000, refused: 0, tokens }, resumedRows: 0, wasComplete: false });
    const metadata = JSON.parse(await readFile(at('v.npy.meta.json'), 'utf8')) as Record<string, unknown>;
    expect(metadata).toMatchObject({
      rows: 9000,
      dimensions: 32,
      space: { fingerprint: model.space.fingerprint },
      source: { file: 'texts.txt', format: 'text' },
    });
    expect((await readdir(folder)).sort()).toEqual(['texts.txt', 'v.npy', 'v.npy.meta.json']);
  });

  it.each(['v.npy', 'v.f32', 'v.jsonl', 'v.parquet', 'v.jsonl.gz'])(
    'that was interrupted twice gives the bytes of an undisturbed one: %s',
    async (name) => {
      const model = await loadTiny('bert-mean', { threads: 2 });
      await runJob(model, source, at(`whole-${name}`));
      for (const rows of [4500, 8500]) {
        const error = await failure(() => runJob(model, source, at(name), { resume: true }, stopAfter(rows)));
        expect(error.code).toBe('ABORTED');
        expect(await readdir(folder)).not.toContain(name);
      }
      const { resumedRows } = await runJob(model, source, at(name), { resume: true });
      expect(resumedRows).toBeGreaterThanOrEqual(4096);
      expect((await readFile(at(name))).equals(await readFile(at(`whole-${name}`)))).toBe(true);
      expect(await leftovers()).toEqual([]);
    },
  );

  it('leaves nothing when it is interrupted before anything is durable', async () => {
    const model = await loadTiny('bert-mean');
    expect((await failure(() => runJob(model, source, at('v.npy'), {}, stopAfter(1)))).code).toBe('ABORTED');
    expect(await readdir(folder)).toEqual(['texts.txt']);
  });

  it('ends with the vectors of no rows for a table without rows', async () => {
    const model = await loadTiny('bert-mean');
    const empty = await textFile(folder, 'empty.csv', ['id,text']);
    await runJob(model, empty, at('v.npy'));
    expect(decodeNpy(await readFile(at('v.npy'))).shape).toEqual([0, 32]);
  });

  it('needs leave to replace a result, and keeps its permissions', async () => {
    const model = await loadTiny('bert-mean');
    const few = await textFile(folder, 'few.txt', ['one', 'two']);
    await runJob(model, few, at('v.npy'));
    await chmod(at('v.npy'), 0o640);
    const error = await failure(() => runJob(model, source, at('v.npy')));
    expect([error.code, error.message]).toEqual(['CONFIG_INVALID', expect.stringContaining('--force')]);
    expect(decodeNpy(await readFile(at('v.npy'))).shape).toEqual([2, 32]);
    await runJob(model, source, at('v.npy'), { force: true });
    expect(decodeNpy(await readFile(at('v.npy'))).shape).toEqual([9000, 32]);
    expect((await stat(at('v.npy'))).mode & 0o777).toBe(0o640);
  });

  it('needs leave to begin anew what was interrupted', async () => {
    const model = await loadTiny('bert-mean');
    await failure(() => runJob(model, source, at('v.npy'), {}, stopAfter(4500)));
    const error = await failure(() => runJob(model, source, at('v.npy')));
    expect([error.code, error.data['rows']]).toEqual(['CONFIG_INVALID', 4096]);
    expect(error.message).toContain('--resume');
    const { resumedRows } = await runJob(model, source, at('v.npy'), { force: true });
    expect(resumedRows).toBe(0);
    expect(await leftovers()).toEqual([]);
  });

  it('does nothing for a result that is complete and the same, and refuses to take another for it', async () => {
    const model = await loadTiny('bert-mean');
    await runJob(model, source, at('v.npy'));
    const before = await stat(at('v.npy'), { bigint: true });
    const again = await runJob(model, source, at('v.npy'), { resume: true });
    expect(again).toMatchObject({ wasComplete: true, tally: { rows: 9000 } });
    expect((await stat(at('v.npy'), { bigint: true })).mtimeNs).toBe(before.mtimeNs);
    const cut = await failure(() =>
      runJob(model, source, at('v.npy'), { resume: true, encode: { prompt: '', dimensions: 8 } }),
    );
    expect([cut.code, cut.message]).toEqual(['SPACE_MISMATCH', expect.stringContaining('--force')]);
    await appendFile(source, 'one more\n');
    const longer = await failure(() => runJob(model, source, at('v.npy'), { resume: true }));
    expect([longer.code, longer.message]).toEqual(['SPACE_MISMATCH', expect.stringContaining('other rows')]);
  });

  it('follows a link, and replaces what it leads to', async () => {
    const model = await loadTiny('bert-mean');
    const few = await textFile(folder, 'few.txt', ['one']);
    await mkdir(at('elsewhere'));
    await writeFile(at('elsewhere/real.npy'), 'before');
    await symlink(at('elsewhere/real.npy'), at('link.npy'));
    await runJob(model, few, at('link.npy'), { force: true });
    expect(decodeNpy(await readFile(at('elsewhere/real.npy'))).shape).toEqual([1, 32]);
  });

  it('refuses a folder that is not there, and a process that writes the same file', async () => {
    const model = await loadTiny('bert-mean');
    const missing = await failure(() => runJob(model, source, at('nowhere/v.npy')));
    expect([missing.code, missing.message]).toEqual(['CONFIG_INVALID', expect.stringContaining('does not exist')]);
    await withFileLock(at('v.npy.lock'), {}, async () => {
      const busy = await failure(() => runJob(model, source, at('v.npy')));
      expect([busy.code, busy.message]).toEqual(['CONFIG_INVALID', expect.stringContaining('Another process')]);
    });
    await runJob(model, source, at('v.npy'));
  });
});

describe('an interrupted file job', () => {
  async function interrupted(name = 'v.npy'): Promise<Awaited<ReturnType<typeof loadTiny>>> {
    const model = await loadTiny('bert-mean');
    await failure(() => runJob(model, source, at(name), {}, stopAfter(4500)));
    return model;
  }

  it.each([
    ['other dimensions', { encode: { prompt: '', dimensions: 8 } }, '--dimensions'],
    ['another prompt', { encode: { prompt: 'query: ' } }, 'the prompt'],
    ['another rule for long texts', { truncate: 'fail' }, '--truncate'],
    ['another rule for bad rows', { onError: 'skip' }, '--on-error'],
  ] as const)('is not resumed with %s', async (_, changes, named) => {
    const model = await interrupted();
    const error = await failure(() => runJob(model, source, at('v.npy'), { resume: true, ...changes }));
    expect([error.code, error.message]).toEqual(['SPACE_MISMATCH', expect.stringContaining(named)]);
    const { resumedRows } = await runJob(model, source, at('v.npy'), { resume: true });
    expect(resumedRows).toBe(4096);
  });

  it('is not resumed with another model', async () => {
    await interrupted();
    const other = await loadTiny('bert-cls');
    const error = await failure(() => runJob(other, source, at('v.npy'), { resume: true }));
    expect([error.code, error.message]).toEqual(['SPACE_MISMATCH', expect.stringContaining('the model')]);
  });

  it('is not resumed when its rows changed, but when rows were added', async () => {
    const model = await interrupted();
    await textFile(folder, 'texts.txt', ['changed', ...TEXTS.slice(1)]);
    const changed = await failure(() => runJob(model, source, at('v.npy'), { resume: true }));
    expect([changed.code, changed.message]).toEqual(['INPUT_INVALID', expect.stringContaining('first 4096 rows')]);
    await textFile(folder, 'texts.txt', TEXTS.slice(0, 4000));
    const shorter = await failure(() => runJob(model, source, at('v.npy'), { resume: true }));
    expect(shorter.code).toBe('INPUT_INVALID');
    await textFile(folder, 'texts.txt', [...TEXTS, 'added']);
    await runJob(model, source, at('v.npy'), { resume: true });
    await runJob(model, source, at('whole.npy'));
    expect((await readFile(at('v.npy'))).equals(await readFile(at('whole.npy')))).toBe(true);
  });

  it('drops what was written behind its last durable segment, and a journal line that was cut short', async () => {
    const model = await interrupted();
    await appendFile(at('v.npy.part'), Buffer.alloc(100_000, 7));
    await appendFile(at('v.npy.job'), '{"sourceRows":81');
    const { resumedRows } = await runJob(model, source, at('v.npy'), { resume: true });
    expect(resumedRows).toBe(4096);
    await runJob(model, source, at('whole.npy'));
    expect((await readFile(at('v.npy'))).equals(await readFile(at('whole.npy')))).toBe(true);
  });

  it.each([
    ['a journal damaged in the middle', () => writeFile(at('v.npy.job'), 'nonsense\n{}\n'), 'line 1'],
    ['a result shorter than its journal says', () => truncate(at('v.npy.part'), 1000), 'shorter'],
    ['a result that is gone', () => rm(at('v.npy.part')), 'shorter'],
  ])('says so of %s, and how to begin anew', async (_, damage, told) => {
    const model = await interrupted();
    await damage();
    const error = await failure(() => runJob(model, source, at('v.npy'), { resume: true }));
    expect([error.code, error.message]).toEqual(['FORMAT_INVALID', expect.stringContaining(told)]);
    expect(error.message).toContain('--force');
    await runJob(model, source, at('v.npy'), { force: true });
    expect(decodeNpy(await readFile(at('v.npy'))).shape).toEqual([9000, 32]);
  });

  it.each(['before its result has its name', 'after it'])(
    'that was whole, killed %s, only gets its names',
    async (moment) => {
      const model = await interrupted();
      await runJob(model, source, at('whole.npy'));
      const whole = await readFile(at('whole.npy'));
      const journal = await readFile(at('v.npy.job'), 'utf8');
      const metadata = await readFile(at('whole.npy.meta.json'), 'utf8');
      const tally = { rows: 9000, refused: 0, truncated: 0, firstTruncated: [], tokens: 1 };
      await writeFile(at('v.npy.job'), `${journal}${JSON.stringify({ metadata, tally, bytes: whole.length })}\n`);
      await rm(at('v.npy.part'));
      await writeFile(at(moment === 'after it' ? 'v.npy' : 'v.npy.part'), whole);
      const report = await runJob(model, source, at('v.npy'), { resume: true });
      expect(report.wasComplete).toBe(true);
      expect((await readFile(at('v.npy'))).equals(whole)).toBe(true);
      expect(await readFile(at('v.npy.meta.json'), 'utf8')).toBe(metadata);
      expect(await leftovers()).toEqual([]);
    },
  );
});

describe('rows that cannot be embedded', () => {
  const lines = TEXTS.map((text) => JSON.stringify({ text }));

  async function jsonLines(bad: Readonly<Record<number, string>>): Promise<string> {
    return textFile(
      folder,
      'rows.jsonl',
      lines.map((line, index) => bad[index + 1] ?? line),
    );
  }

  it('end the job at the first, with what came before kept', async () => {
    const model = await loadTiny('bert-mean');
    const file = await jsonLines({ 6000: '{"text": 5}' });
    const error = await failure(() => runJob(model, file, at('v.npy'), { keep: [] }));
    expect([error.code, error.message]).toEqual(['INPUT_INVALID', expect.stringMatching(/\b6,?000\b/)]);
    // Mended, it goes on.
    await jsonLines({});
    const { resumedRows } = await runJob(model, file, at('v.npy'), { keep: [], resume: true });
    expect(resumedRows).toBe(4096);
    expect(decodeNpy(await readFile(at('v.npy'))).shape).toEqual([9000, 32]);
  });

  it('are listed with their reasons and left out when they are to be skipped, through an interruption, too', async () => {
    const model = await loadTiny('bert-mean');
    const file = await jsonLines({ 2: 'nonsense', 3: '{"text": null}', 6000: '{"text": "half \\ud83d"}' });
    const report = await runJob(model, file, at('whole.npy'), { keep: [], onError: 'skip' });
    expect(report.tally).toMatchObject({ rows: 8997, refused: 3 });
    const list = await readFile(at('whole.npy.refused.jsonl'), 'utf8');
    const refused = list
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(refused.map(({ row, code }) => [row, code])).toEqual([2, 3, 6000].map((row) => [row, 'INPUT_INVALID']));
    const good = TEXTS.filter((_, index) => ![2, 3, 6000].includes(index + 1));
    expect(decodeNpy(await readFile(at('whole.npy'))).data).toEqual((await model.encodeBatch(good)).data);

    await failure(() => runJob(model, file, at('v.npy'), { keep: [], onError: 'skip' }, stopAfter(4500)));
    await runJob(model, file, at('v.npy'), { keep: [], onError: 'skip', resume: true });
    expect((await readFile(at('v.npy'))).equals(await readFile(at('whole.npy')))).toBe(true);
    expect(await readFile(at('v.npy.refused.jsonl'), 'utf8')).toBe(list);
  });

  it('are those that are too long for the model, if they may not be cut', async () => {
    const model = await loadTiny('bert-mean');
    const long = 'word '.repeat(100);
    const file = await textFile(folder, 'long.txt', ['short', long, 'short again']);
    const error = await failure(() => runJob(model, file, at('v.npy'), { truncate: 'fail' }));
    expect([error.code, error.data['row']]).toEqual(['INPUT_TOO_LONG', 2]);
    const { tally } = await runJob(model, file, at('v.npy'), { truncate: 'fail', onError: 'skip' });
    expect(tally).toMatchObject({ rows: 2, refused: 1, truncated: 0 });
    const cut = await runJob(model, file, at('cut.npy'));
    expect(cut.tally).toMatchObject({ rows: 3, truncated: 1, firstTruncated: [2] });
  });

  it('leave no list of an earlier run behind', async () => {
    const model = await loadTiny('bert-mean');
    const file = await jsonLines({ 2: 'nonsense' });
    await runJob(model, file, at('v.npy'), { keep: [], onError: 'skip' });
    expect(await readdir(folder)).toContain('v.npy.refused.jsonl');
    await jsonLines({});
    await runJob(model, file, at('v.npy'), { keep: [], onError: 'skip', force: true });
    expect(await readdir(folder)).not.toContain('v.npy.refused.jsonl');
  });
});
