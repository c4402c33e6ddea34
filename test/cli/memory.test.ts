import { mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { jsonLines, run, type RunOptions, type RunResult, temporaryFolder, tinyModel } from './command-line.js';

const MODEL = tinyModel('bert-mean').folder;
const OTHER = tinyModel('bert-cls').folder;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

let files = 0;
/** A file of memories that is not there yet, and `isovec memory` on it. */
function newMemory(): {
  readonly file: string;
  readonly memory: (args: readonly string[], options?: RunOptions) => Promise<RunResult>;
} {
  const file = path.join(folder.path, `${++files}`, 'memory.db');
  const environment = { ISOVEC_MEMORY: file, ISOVEC_MODEL: MODEL };
  return {
    file,
    memory: (args, options = {}) =>
      run(['memory', ...args], { ...options, environment: { ...environment, ...options.environment } }),
  };
}

/** The only JSON document of an output. */
async function documentOf(result: Promise<RunResult>): Promise<Record<string, unknown>> {
  const { text, stderr, code } = await result;
  expect(code, stderr).toBe(0);
  return jsonLines(text)[0] ?? {};
}

async function writeDocuments(name: string, documents: Readonly<Record<string, string>>): Promise<string> {
  const root = path.join(folder.path, name);
  await mkdir(root, { recursive: true });
  for (const [file, text] of Object.entries(documents)) await writeFile(path.join(root, file), text);
  return root;
}

const GUIDE = '# Guide\n\n## Baking\n\nBread needs an hour in the oven.\n\n## Sailing\n\nA sail needs wind.\n';

describe('memory remember and recall', () => {
  it('brings a text back, with its score and what that is made of', async () => {
    const { memory } = newMemory();
    const { code, text } = await memory(['remember', 'the sun is warm', '--tag', 'sky']);
    expect(code).toBe(0);
    const id = text.trim();
    const recalled = await memory(['recall', 'the sun is warm']);
    expect(recalled.text).toContain('Core: what answers');
    expect(recalled.text).toContain(id);
    expect(recalled.text).toContain('similarity 1.00 + importance 0.15');
    // The first recall was an access.
    expect((await memory(['recall', 'the sun is warm', '--no-touch'])).text).toContain('accesses 0.10');
    expect((await memory(['recall', 'the sun is warm'])).text).toContain('accesses 0.10');
    expect(recalled.stderr).toBe('');
    for (const line of recalled.text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it('gives JSON with the parts of the score', async () => {
    const { memory, file } = newMemory();
    const { ids } = await documentOf(
      memory(['remember', 'rain falls', '--kind', 'semantic', '--level', 'concept', '--json']),
    );
    const found = await documentOf(memory(['recall', 'rain falls', '--json']));
    expect(found).toMatchObject({
      store: file,
      query: 'rain falls',
      core: [
        {
          parts: { access: 0, importance: 0.15, kept: expect.closeTo(1, 3) as number },
          memory: { id: (ids as string[])[0], content: 'rain falls', kind: 'semantic', level: 'concept', source: null },
        },
      ],
      peripheral: [],
      bridges: [],
      nearest: [],
    });
  });

  it('recalls what meets the conditions alone', async () => {
    const { memory } = newMemory();
    await memory(['remember', 'one text', '--tag', 'a', '--tag', 'b', '--source-at', '2020-01-01']);
    await memory(['remember', 'one text', '--tag', 'a', '--level', 'context']);
    const count = async (...flags: readonly string[]): Promise<number> => {
      const { core } = await documentOf(memory(['recall', 'one text', '--no-touch', '--json', ...flags]));
      return (core as unknown[]).length;
    };
    expect(await count()).toBe(2);
    expect(await count('--tag', 'a')).toBe(2);
    expect(await count('--tag', 'b', '--tag', 'c')).toBe(1);
    expect(await count('--tag', 'b', '--tag', 'c', '--all-tags')).toBe(0);
    expect(await count('--level', 'context')).toBe(1);
    expect(await count('--level', 'context', '--level', 'episode')).toBe(2);
    expect(await count('--kind', 'semantic')).toBe(0);
    expect(await count('--since', '7d')).toBe(1);
    expect(await count('--until', '2020-01-02')).toBe(1);
    expect(await count('--limit', '1')).toBe(1);
  });

  it('refuses dimensions and levels that there are not', async () => {
    const { memory } = newMemory();
    for (const [flag, value] of [
      ['--dimension', 'joy=1'],
      ['--dimension', 'stress=2'],
      ['--level', 'high'],
      ['--since', 'yesterday'],
    ] as const) {
      const { code, stderr } = await memory(['recall', 'x', flag, value]);
      expect([code, stderr]).toEqual([2, expect.stringContaining(flag)]);
    }
  });

  it('says that nothing comes to mind, and shows what came nearest', async () => {
    const { memory } = newMemory();
    await memory(['remember', 'one text', '--id', 'one']);
    // Made so long ago that little of it is left.
    const archive = (await memory(['export'])).text.replace(/"createdAt":\d+/, '"createdAt":0');
    await memory(['forget', 'one', '--yes']);
    await memory(['import', '-'], { input: archive });
    const { text, stderr, code } = await memory(['recall', 'one text']);
    expect([code, stderr]).toEqual([0, expect.stringContaining('Nothing comes to mind')]);
    expect(text).toMatch(/^Nearest/);
    expect(text).toContain('(similarity 1.00 + importance 0.15) x 0.10 left by time');
    const none = await memory(['recall', 'one text', '--tag', 'unknown']);
    expect([none.text, none.stderr]).toEqual(['', 'Nothing is remembered that meets these conditions.\n']);
  });

  it('remembers the lines of a pipe and the rows of a file, without blank ones', async () => {
    const { memory } = newMemory();
    const piped = await memory(['remember'], { input: 'first\n\nsecond\n' });
    expect(piped.text.trim().split('\n')).toHaveLength(2);
    const file = path.join(folder.path, 'rows.jsonl');
    await writeFile(file, '{"text":"third"}\n');
    expect((await memory(['remember', '--in', file])).code).toBe(0);
    const listed = jsonLines((await memory(['list', '--json'])).text);
    expect(listed.map(({ content }) => content).sort()).toEqual(['first', 'second', 'third']);
  });

  it('replaces the memory of an id, and gives an id to one text alone', async () => {
    const { memory } = newMemory();
    await memory(['remember', 'before', '--id', 'one']);
    await memory(['remember', 'after', '--id', 'one']);
    expect((await memory(['list'])).text).toBe('one  after\n');
    const { code, stderr } = await memory(['remember', 'a', 'b', '--id', 'one']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--id')]);
  });
});

describe('memory load', () => {
  it('brings a folder up to date, and says what changed', async () => {
    const { memory, file } = newMemory();
    const root = await writeDocuments('load', { 'guide.md': GUIDE, 'other.md': '# Other\n\nText.\n' });
    const counts = async (...flags: readonly string[]): Promise<unknown> =>
      (await documentOf(memory(['load', root, '--json', ...flags])))['sources'];
    const added = { source: root, type: 'markdown', added: 7, changed: 0, removed: 0, unchanged: 0, skipped: [] };
    expect(await counts('--dry-run')).toEqual([added]);
    await expect(stat(file)).rejects.toThrow('ENOENT');
    expect(await counts()).toEqual([added]);
    expect(await counts()).toEqual([{ ...added, added: 0, unchanged: 7 }]);
    await writeFile(path.join(root, 'guide.md'), GUIDE.replace('an hour', 'two hours'));
    await rm(path.join(root, 'other.md'));
    const [change] = (await counts('--dry-run')) as [Record<string, number>];
    expect([change['added'], change['removed']]).toEqual([1, 3]);
    expect(await counts()).toEqual([change]);
    const { text } = await memory(['recall', 'Guide > Baking\n\nBread needs two hours in the oven.']);
    expect(text).toContain('guide.md:5');
    expect(text).toContain('Guide > Baking\n');
    expect(text).toContain('Bread needs two hours in the oven.');
  });

  it('remembers the history of a repository', async () => {
    const { memory } = newMemory();
    const { text, code } = await memory(['load', '--git', '.', '--commits', '3']);
    expect([code, text]).toEqual([0, expect.stringContaining('3 commits, memories: 3 added')]);
    const [record] = jsonLines((await memory(['list', '--json'])).text);
    const content = String(record?.['content']);
    expect((await memory(['recall', '--', content])).text).toMatch(/#1 .*commit [0-9a-f]{10} by /);
  });

  it('tells a path that is not there before it changes anything', async () => {
    const { memory, file } = newMemory();
    const root = await writeDocuments('kept', { 'guide.md': GUIDE });
    const { code, stderr } = await memory(['load', root, path.join(root, 'nowhere')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('nowhere')]);
    await expect(stat(file)).rejects.toThrow('ENOENT');
    expect((await memory(['load'])).code).toBe(2);
  });
});

describe('memory forget', () => {
  it('forgets only with --yes', async () => {
    const { memory } = newMemory();
    await memory(['remember', 'one text', '--id', 'one', '--tag', 'a']);
    await memory(['remember', 'other text', '--id', 'other']);
    const asked = await memory(['forget', '--tag', 'a']);
    expect([asked.code, asked.text]).toEqual([2, 'one  one text\n']);
    expect(asked.stderr).toContain('--yes');
    expect((await memory(['forget', '--tag', 'a', '--dry-run', '--yes'])).code).toBe(0);
    expect((await memory(['list'])).text).toBe('one  one text\nother  other text\n');
    expect((await memory(['forget', '--tag', 'a', '--yes'])).code).toBe(0);
    expect((await memory(['list'])).text).toBe('other  other text\n');
    expect((await memory(['forget', 'other', '--yes', '--json'])).text).toContain('"dryRun":false');
    expect((await memory(['list'])).text).toBe('');
  });

  it('takes a source by the path that was loaded, and needs a condition and known ids', async () => {
    const { memory } = newMemory();
    const root = await writeDocuments('forgotten', { 'guide.md': GUIDE });
    await memory(['load', root]);
    expect((await memory(['forget', 'unknown', '--yes'])).stderr).toContain('unknown');
    expect((await memory(['forget', '--yes'])).code).toBe(2);
    const { stderr } = await memory(['forget', '--source', 'forgotten', '--yes'], { cwd: folder.path });
    expect(stderr).toContain('5 memories forgotten');
  });
});

describe('memory without a model', () => {
  it('says what is there, lists, verifies, consolidates, exports and backs up', async () => {
    const { memory, file } = newMemory();
    await memory(['remember', 'one text', '--id', 'one']);
    await memory(['recall', 'one text']);
    // A model that is not there would be told.
    const without = { environment: { ISOVEC_MODEL: path.join(folder.path, 'no-model') } };
    const status = await documentOf(memory(['status', '--json'], without));
    expect(status).toMatchObject({ store: file, records: 1, byLevel: { concept: 0, context: 0, episode: 1 } });
    expect((await memory(['status'], without)).text).toContain('1 episodic');
    expect((await memory(['list', '--limit', '1'], without)).text).toBe('one  one text\n');
    expect((await memory(['verify'], without)).code).toBe(0);
    expect((await memory(['consolidate', '--accesses', '1'], without)).text).toBe('one\n');
    const archive = path.join(folder.path, 'archive.jsonl');
    expect((await memory(['export', '-o', archive], without)).code).toBe(0);
    expect((await memory(['export', '-o', archive], without)).code).toBe(2);
    expect((await memory(['export'], without)).text).toBe(await readFile(archive, 'utf8'));
    const copy = path.join(folder.path, 'copy.db');
    expect((await memory(['backup', copy], without)).code).toBe(0);
    expect((await memory(['list', '--store', copy], without)).text).toBe('one  one text\n');
    const imported = newMemory();
    expect((await imported.memory(['import', archive])).text).toBe('1 memories, 0 connections\n');
    expect((await imported.memory(['list'])).text).toBe('one  one text\n');
  });

  it('says that nothing is remembered yet', async () => {
    const { memory, file } = newMemory();
    for (const args of [['status'], ['list'], ['recall', 'x'], ['forget', 'x'], ['verify'], ['export'], ['reindex']]) {
      const { code, stderr } = await memory(args);
      expect([code, stderr]).toEqual([2, expect.stringContaining(file)]);
      expect(stderr).toMatch(/^isovec: There is no memory at .* \[NOT_FOUND\]\n$/);
    }
  });

  it('names the damage that verify finds, with status 1', async () => {
    const { memory, file } = newMemory();
    await memory(['remember', 'a text that is easily found in a file', '--id', 'one']);
    const bytes = await readFile(file);
    const at = bytes.indexOf('easily found');
    const handle = await open(file, 'r+');
    await handle.write('hardly', at);
    await handle.close();
    const { code, text } = await memory(['verify']);
    expect([code, text]).toEqual([1, expect.stringContaining('one')]);
    expect((await memory(['verify', '--json'])).text).toContain('"id":"one"');
  });
});

describe('memory of another model', () => {
  it('is opened with its own, refuses another, and is made anew by reindex', async () => {
    const { memory } = newMemory();
    await memory(['remember', 'one text', '--id', 'one']);
    // A setting for all commands is no wish for another model.
    expect((await memory(['recall', 'one text'], { environment: { ISOVEC_MODEL: OTHER } })).code).toBe(0);
    const { code, stderr } = await memory(['recall', 'one text', '--model', OTHER]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('[SPACE_MISMATCH]')]);
    expect(stderr).toContain('isovec memory reindex');
    expect(await documentOf(memory(['reindex', '--model', OTHER, '--json']))).toMatchObject({ embedded: 1 });
    expect((await memory(['recall', 'one text'])).text).toContain('similarity 1.00');
    expect(await documentOf(memory(['status', '--json']))).toMatchObject({ space: { model: OTHER } });
  });
});
