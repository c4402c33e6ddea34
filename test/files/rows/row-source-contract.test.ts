import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openRowSource } from '#src/files/rows/open-row-source.js';
import { ROW_FORMATS } from '#src/files/rows/row-format.js';
import type { RowOutcome } from '#src/files/rows/row-source.js';
import {
  accepted,
  collect,
  DEFAULTS,
  ENCODERS,
  EXTENSIONS,
  openFiles,
  refusals,
  temporaryFolder,
  type Written,
} from './row-files.js';

const ROWS: readonly Written[] = Array.from({ length: 1000 }, (_, index) => ({
  id: `id ${index}`,
  text: index % 7 === 0 ? '' : `Text ${index}: größe "quoted", 東京 🙂\tend`,
}));

describe.each(ROW_FORMATS)('rows of %s', (format) => {
  const hasId = format !== 'text';

  function write(folder: string, rows: readonly Written[], name = 'rows'): string {
    const file = path.join(folder, `${name}.${EXTENSIONS[format]}`);
    writeFileSync(file, ENCODERS[format](rows));
    return file;
  }

  it('come in order, numbered from 1, with the values of the kept columns', async () => {
    using folder = temporaryFolder();
    const file = write(folder.path, ROWS);
    const source = await openRowSource({ file }, { ...DEFAULTS, keep: 'all', typed: true });
    expect(source).toMatchObject({ name: file, format, column: 'text' });
    const names = hasId ? ['id', 'text'] : ['text'];
    expect(source.columns).toEqual(names.map((name) => ({ name, type: 'string' })));
    const outcomes: RowOutcome[] = [];
    for await (const run of source.rows()) {
      expect(run.length).toBeGreaterThan(0);
      outcomes.push(...run);
    }
    expect(outcomes).toEqual(
      ROWS.map(({ id, text }, index) => ({ number: index + 1, text, values: hasId ? [id, text] : [text] })),
    );
    expect(source.bytesRead).toBeGreaterThan(0);
    if (format === 'parquet') expect(source.rowCount).toBe(ROWS.length);
    else expect(source.bytesRead).toBe(source.byteCount);
  });

  it('have values in the order in which the columns were named', async () => {
    using folder = temporaryFolder();
    const file = write(folder.path, ROWS.slice(0, 3));
    const keep = hasId ? ['text', 'id', 'text'] : ['text', 'text'];
    const rows = accepted(await collect({ file }, { keep }));
    expect(rows.map(({ values }) => values)).toEqual(
      ROWS.slice(0, 3).map(({ id, text }) => (hasId ? [text, id] : [text])),
    );
  });

  it('are none of an empty list, and refused of an empty file, which something failed to write', async () => {
    using folder = temporaryFolder();
    const file = write(folder.path, []);
    if (readFileSync(file).length > 0) expect(await collect({ file })).toEqual([]);
    writeFileSync(file, '');
    await expect(collect({ file })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining(`${file} is empty`) as string,
    });
    if (format === 'text' || format === 'jsonl') {
      const pipe = { stream: Readable.from([]), name: 'a pipe', format };
      expect(await collect(pipe, { column: 'text' })).toEqual([]);
    }
    expect(openFiles(folder.path) ?? []).toEqual([]);
  });

  it('close the file when they are read, left, called off, or never read', async () => {
    using folder = temporaryFolder();
    const file = write(folder.path, ROWS);
    await collect({ file });
    for await (const run of (await openRowSource({ file }, DEFAULTS)).rows()) {
      expect(run.length).toBeGreaterThan(0);
      break;
    }
    const unread = await openRowSource({ file }, DEFAULTS);
    if (process.platform === 'linux') expect(openFiles(folder.path)).toEqual([file]);
    await unread.close();
    await unread.close();
    await expect(unread.rows().next()).rejects.toMatchObject({ code: 'CLOSED' });
    const controller = new AbortController();
    const aborted = await openRowSource({ file }, { ...DEFAULTS, signal: controller.signal });
    const rows = aborted.rows();
    await rows.next();
    controller.abort(new Error('enough'));
    await expect(rows.next()).rejects.toMatchObject({ code: 'ABORTED', cause: { message: 'enough' } });
    await aborted.close();
    expect(openFiles(folder.path) ?? []).toEqual([]);
  });

  it('are not read after their signal fired', async () => {
    using folder = temporaryFolder();
    const file = write(folder.path, ROWS);
    await expect(openRowSource({ file }, { ...DEFAULTS, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });

  it('can be read once', async () => {
    using folder = temporaryFolder();
    const source = await openRowSource({ file: write(folder.path, ROWS) }, DEFAULTS);
    const rows = source.rows();
    await rows.next();
    await expect(source.rows().next()).rejects.toMatchObject({ code: 'CLOSED' });
    await rows.return();
  });

  it('that are too long are refused, and the next ones follow', async () => {
    using folder = temporaryFolder();
    const long = 'ß'.repeat(2_500_000);
    const large = 'x'.repeat(1024 * 1024);
    const texts = ['first', large, long, 'last'];
    const file = write(
      folder.path,
      texts.map((text, index) => ({ id: String(index), text })),
    );
    const outcomes = await collect({ file }, { maxRowBytes: 4 * 1024 * 1024 });
    expect(accepted(outcomes).map(({ number, text }) => [number, text])).toEqual([
      [1, 'first'],
      [2, large],
      [4, 'last'],
    ]);
    expect(refusals(outcomes)).toEqual([
      expect.stringMatching(/^3 INPUT_TOO_LONG Row 3 of .* is 50000\d\d bytes long; the limit is 4194304\./),
    ]);
  });

  it('need a file that exists and is no folder', async () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, `missing.${EXTENSIONS[format]}`);
    await expect(collect({ file })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: `${file} does not exist. Check the name, and the folder it is looked for in.`,
    });
    mkdirSync(file);
    await expect(collect({ file })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: `${file} is a folder. Name a file in it.`,
    });
  });

  it('name the columns when one is missing', async () => {
    using folder = temporaryFolder();
    const file = write(folder.path, ROWS);
    const columns = hasId ? '"id", "text"' : '"text"';
    const message = `${file} has no column "body"; its columns are ${columns}. Check the spelling.`;
    await expect(collect({ file }, { column: 'body' })).rejects.toMatchObject({ code: 'INPUT_INVALID', message });
    await expect(collect({ file }, { keep: ['body'] })).rejects.toMatchObject({ code: 'INPUT_INVALID', message });
    expect(openFiles(folder.path) ?? []).toEqual([]);
  });

  it.skipIf(format === 'parquet')('come out of a slow pipe before it ends', async () => {
    const pipe = new PassThrough();
    const bytes = ENCODERS[format](ROWS.slice(0, 10));
    pipe.write(bytes);
    const source = await openRowSource({ stream: pipe, name: 'standard input', format }, DEFAULTS);
    const rows = source.rows();
    const first = await rows.next();
    expect(first.value?.[0]).toMatchObject({ number: 1, text: ROWS[0]?.text });
    expect(source).toMatchObject({ byteCount: undefined, bytesRead: bytes.length });
    pipe.end();
    const rest: RowOutcome[] = [...(first.value ?? [])];
    for await (const run of rows) rest.push(...run);
    expect(rest).toHaveLength(10);
  });

  it.skipIf(format === 'parquet')('of a silent pipe can be called off', async () => {
    const pipe = new PassThrough();
    pipe.write(ENCODERS[format](ROWS.slice(0, 10)));
    const controller = new AbortController();
    const options = { ...DEFAULTS, signal: controller.signal };
    const rows = (await openRowSource({ stream: pipe, name: 'standard input', format }, options)).rows();
    await rows.next();
    const waiting = rows.next();
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
    expect(pipe.destroyed).toBe(true);
  });
});

it('Parquet from a pipe is refused', async () => {
  const input = { stream: new PassThrough(), name: 'standard input', format: 'parquet' } as const;
  await expect(openRowSource(input, DEFAULTS)).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    message: expect.stringContaining('cannot be read from standard input') as string,
  });
});
