import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { decodeNpy } from '#src/formats/npy/decode-npy.js';
import { jsonLines, largestDifference, run, type RunResult, temporaryFolder, tinyModel } from './command-line.js';

const TOLERANCE = 2e-6;
const mean = tinyModel('bert-mean');
/** Texts that can stand on a line and in an argument of a process. */
const LINES = mean.texts.map((text, index) => ({ text, index })).filter(({ text }) => !/[\n\r\0]/.test(text));

let home: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  home = await temporaryFolder();
});
afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

function embed(args: readonly string[], input?: string | Uint8Array): Promise<RunResult> {
  const environment = { ISOVEC_HOME: home.path, ISOVEC_MODEL: mean.folder };
  return run(['embed', '--threads', '1', ...args], { environment, ...(input === undefined ? {} : { input }) });
}

describe('isovec embed', () => {
  it("gives Python's vectors for arguments, as JSON lines on a pipe, and nothing else on stdout", async () => {
    const { code, text, stderr } = await embed(['--', ...LINES.map((line) => line.text)]);
    expect(stderr).toMatch(/^warning: \d+ of \d+ texts were longer than the model's 32 tokens and cut/);
    expect(code).toBe(0);
    const rows = jsonLines(text);
    expect(rows.map((row) => row['text'])).toEqual(LINES.map((line) => line.text));
    for (const [order, { index }] of LINES.entries()) {
      expect(rows[order]?.['index']).toBe(order);
      expect(largestDifference(rows[order]?.['vector'], mean.vectors[index])).toBeLessThanOrEqual(TOLERANCE);
    }
    const cut = rows.filter((row) => row['truncated'] === true);
    expect(cut.length).toBeGreaterThan(0);
    expect(cut.every((row) => row['tokens'] === 32)).toBe(true);
  });

  it('reads one text a line: CRLF, a byte order mark, empty lines, no newline at the end', async () => {
    const { code, text } = await embed([], '\ufeffone\r\n\n  two \nthree');
    expect(code).toBe(0);
    expect(jsonLines(text).map((row) => row['text'])).toEqual(['one', '', '  two ', 'three']);
  });

  it('takes a lone "-" for standard input, and a "-" among texts for a text', async () => {
    const [alone, among] = [await embed(['-'], 'a line'), await embed(['-', 'x'], 'a line')];
    expect(jsonLines(alone.text).map((row) => row['text'])).toEqual(['a line']);
    expect(jsonLines(among.text).map((row) => row['text'])).toEqual(['-', 'x']);
  });

  it('embeds more lines than are held at once, in order, as it embeds each alone', async () => {
    const lines = Array.from({ length: 1500 }, (_, index) => `line ${'word '.repeat(index % 7)}${index}`);
    const { code, text } = await embed([], lines.join('\n'));
    expect(code).toBe(0);
    const rows = jsonLines(text);
    expect(rows.map((row) => row['text'])).toEqual(lines);
    const alone = await embed(['--', lines[777] ?? '']);
    expect(jsonLines(alone.text)[0]?.['vector']).toEqual(rows[777]?.['vector']);
  });

  it.each([
    ['--out', async (file: string) => (await embed(['--out', file, 'one', 'two']), readFile(file))],
    ['a pipe', async () => (await embed(['--format', 'npy'], 'one\ntwo\n')).stdout],
  ])('writes a .npy array that reads back to the same vectors, through %s', async (_, write) => {
    const array = decodeNpy(await write(path.join(home.path, 'vectors.npy')));
    const rows = jsonLines((await embed(['one', 'two'])).text);
    expect([array.dtype, array.shape]).toEqual(['float32', [2, 32]]);
    expect(array.data).toEqual(new Float32Array(rows.flatMap((row) => row['vector'] as number[])));
  });

  it('writes an array of no rows for no texts', async () => {
    const { code, stdout, stderr } = await embed(['--format', 'npy'], '');
    expect([code, stderr]).toEqual([0, 'There were no texts.\n']);
    expect(decodeNpy(stdout).shape).toEqual([0, 32]);
  });

  it('packs bits for --precision ubinary, and cuts dimensions first', async () => {
    const { stdout } = await embed(['--format', 'npy', '--precision', 'ubinary', '--dimensions', '12', 'one']);
    const packed = decodeNpy(stdout);
    const [row] = jsonLines((await embed(['one'])).text);
    const bits = (row?.['vector'] as number[]).slice(0, 12).map((value) => (value > 0 ? '1' : '0'));
    expect([packed.dtype, packed.shape]).toEqual(['uint8', [1, 2]]);
    expect([...packed.data].map((byte) => byte.toString(2).padStart(8, '0')).join('')).toBe(`${bits.join('')}0000`);
  });

  it('takes ranges for --precision int8, and says where a ranges file is wrong', async () => {
    const file = path.join(home.path, 'ranges.json');
    const list = (value: number): number[] => new Array<number>(32).fill(value);
    await writeFile(file, JSON.stringify({ min: list(-1), max: list(1) }));
    const good = await embed(['--precision', 'int8', '--ranges', file, 'one']);
    const [exact] = jsonLines((await embed(['one'])).text);
    const expected = (exact?.['vector'] as number[]).map((value) => Math.floor((value + 1) / (2 / 255)) - 128);
    expect(largestDifference(jsonLines(good.text)[0]?.['vector'], expected)).toBeLessThanOrEqual(1);
    await writeFile(file, JSON.stringify({ min: [0, 'x'], max: [1, 1] }));
    const bad = await embed(['--precision', 'int8', '--ranges', file, 'one']);
    expect([bad.code, bad.text]).toEqual([4, '']);
    expect(bad.stderr).toContain('min[1]');
    const without = await embed(['--precision', 'int8', 'one']);
    expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('--ranges')]);
  });

  it("uses the model's own prompts as Python does", async () => {
    const prompts = tinyModel('bert-prompts');
    const texts = LINES.map((line) => line.text);
    for (const [flags, call] of [
      [['--query'], 'model.encode_query(text)'],
      [['--document'], 'model.encode_document(text)'],
      [['--prompt-name', 'query'], "model.encode(text, prompt_name='query')"],
      [['--prompt', 'custom prompt '], "model.encode(text, prompt='custom prompt ')"],
    ] as const) {
      const expected = prompts.cases.find((one) => one.call === call);
      const { text } = await embed(['--model', prompts.folder, ...flags, '--', ...texts]);
      const rows = jsonLines(text);
      for (const [order, { index }] of LINES.entries()) {
        expect(largestDifference(rows[order]?.['vector'], expected?.vectors[index])).toBeLessThanOrEqual(TOLERANCE);
      }
    }
    const unknown = await embed(['--model', prompts.folder, '--prompt-name', 'nope', 'x']);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('clustering, document, query')]);
  });

  it('draws a table of 80 columns in which foreign control characters are harmless', async () => {
    const texts = ['short', '猫'.repeat(60), '\u001b[2J\u001b[31mred\ttab', 'many words '.repeat(40)];
    const { code, text } = await embed(['--format', 'table', '--', ...texts]);
    expect(code).toBe(0);
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(texts.length + 1);
    expect(text).not.toContain('\u001b');
    expect(lines[0]).toContain('vector (32)');
    expect(lines[3]).toContain('\\u001b[2J');
    expect(lines[4]).toContain('✂');
    for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(80);
  });

  it('replaces a file only when the new one is complete, and leaves nothing else behind', async () => {
    const folder = path.join(home.path, 'out');
    await embed(['--out', path.join(home.path, 'nowhere', 'x.npy'), 'one']).then(({ code, stderr }) => {
      expect([code, stderr]).toEqual([2, expect.stringContaining('nowhere does not exist')]);
    });
    await run(['convert', mean.folder, '--out', folder]);
    const file = path.join(folder, 'vectors.jsonl');
    await writeFile(file, 'before');
    const refused = await embed(['--out', file, 'one']);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--force')]);
    const failed = await embed(['--force', '--out', file], Buffer.from('good\nbad \xff\n', 'latin1'));
    expect(failed.code).toBe(2);
    expect(await readFile(file, 'utf8')).toBe('before');
    const link = path.join(folder, 'link.jsonl');
    await symlink(file, link);
    expect((await embed(['--force', '--out', link, 'one'])).code).toBe(0);
    expect(jsonLines(await readFile(file, 'utf8'))).toHaveLength(1);
    const left = (await readdir(folder)).filter((name) => /\.(tmp|part|job|lock)$/.test(name));
    expect(left).toEqual([]);
  });

  it('does not replace a device or a folder', async () => {
    const folder = path.join(home.path, 'folder.npy');
    const device = path.join(home.path, 'device.npy');
    await mkdir(folder);
    await symlink('/dev/null', device);
    for (const target of [device, folder]) {
      const { code, stderr } = await embed(['--out', target, 'one']);
      expect([code, stderr]).toEqual([2, expect.stringContaining('is not a file')]);
    }
    expect((await stat('/dev/null')).isFile()).toBe(false);
  });

  it.each([
    [['--dimensions', 'abc', 'x'], 'whole number'],
    [['--dimensions', '0', 'x'], 'whole number'],
    [['--threads', '1.5', 'x'], 'whole number'],
    [['--query', '--document', 'x'], 'cannot be used with'],
    [['--prompt', 'a', '--prompt-name', 'b', 'x'], 'cannot be used with'],
    [['--ranges', 'r.json', 'x'], 'only for --precision'],
    [['--format', 'xml', 'x'], 'table, jsonl, npy'],
    [['--nonsense', 'x'], '--nonsense'],
  ])('refuses %j with a sentence and status 2', async (args, rule) => {
    const { code, text, stderr } = await embed(args);
    expect([code, text]).toEqual([2, '']);
    expect(stderr).toMatch(/^isovec: .* \[CONFIG_INVALID\]\n$/);
    expect(stderr).toContain(rule);
  });

  it('warns that more dimensions than there are cut nothing', async () => {
    const { stdout, stderr } = await embed(['--dimensions', '33', '--format', 'npy', 'x']);
    expect(decodeNpy(stdout).shape).toEqual([1, 32]);
    expect(stderr).toBe('warning: --dimensions 33 cuts nothing: the model has 32 dimensions.\n');
  });

  it('tells as JSON that --json and a table exclude each other', async () => {
    const { code, stderr } = await embed(['--json', '--format', 'table', 'x']);
    expect(code).toBe(2);
    expect(jsonLines(stderr)).toMatchObject([{ error: { code: 'CONFIG_INVALID' } }]);
  });

  it('tells the byte offset of input that is not UTF-8', async () => {
    const { code, stderr } = await embed(['--json'], Buffer.from('fine\nnot \xe2\x28\n', 'latin1'));
    expect(code).toBe(2);
    const { error } = jsonLines(stderr).at(-1) ?? {};
    expect(error).toMatchObject({ code: 'INPUT_INVALID', data: { offset: 9, row: 2 } });
  });
});

/** Columns by an independent, coarser rule: everything from CJK radicals on is wide. */
function columnsOf(line: string): number {
  return Array.from(line, (character) => ((character.codePointAt(0) ?? 0) >= 0x2e80 ? 2 : 1)).reduce<number>(
    (sum, width) => sum + width,
    0,
  );
}
