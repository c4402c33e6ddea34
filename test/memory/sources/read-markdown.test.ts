import { mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compareSource } from '#src/memory/sources/compare-source.js';
import { documentMemories } from '#src/memory/sources/markdown/document-memories.js';
import { readMarkdown } from '#src/memory/sources/read-markdown.js';
import type { SourceMemory } from '#src/memory/sources/source-reader.js';
import { temporaryFolder } from './support/temporary-folder.js';

/** The memories of a text in a file `notes.md`, in pieces of at most 800 code units. */
function memoriesOf(text: string): readonly SourceMemory[] {
  const document = { path: '/notes.md', name: 'notes.md', text, modifiedAt: 7 };
  return documentMemories(document, { path: '/notes.md', type: 'markdown' }, 800).memories;
}

const outlineOf = (text: string): readonly string[] =>
  memoriesOf(text).map(({ level, content }) => `${level}: ${content}`);

describe('Markdown as memories', () => {
  it('takes the document for a concept, sections for contexts, and their text for episodes', () => {
    expect(outlineOf('# Guide\n\nHello.\n\n## Start\n\nInstall it.\n\n- one\n- two\n\n## End\n\nDone.\n')).toEqual([
      '0: Guide\n\nStart; End',
      '2: Guide\n\nHello.',
      '1: Guide > Start',
      '2: Guide > Start\n\nInstall it.\n\n- one\n- two',
      '1: Guide > End',
      '2: Guide > End\n\nDone.',
    ]);
  });

  it('says where every memory stands, and what it is a part of', () => {
    const [document, section, piece] = memoriesOf('---\ntags: [x]\n---\n# A\n## B\none\ntwo\n');
    expect(document?.metadata).toEqual({ file: 'notes.md', headings: ['A'], firstLine: 4, lastLine: 4 });
    expect(section).toMatchObject({ parentId: document?.id, metadata: { headings: ['A', 'B'], firstLine: 5 } });
    expect(piece).toMatchObject({
      parentId: section?.id,
      kind: 'semantic',
      tags: ['x'],
      sourceAt: 7,
      metadata: { file: 'notes.md', headings: ['A', 'B'], firstLine: 6, lastLine: 7 },
    });
  });

  it('connects parts with what they are parts of, and each piece with the one before it', () => {
    const text = `# A\n\n${'word '.repeat(300)}`;
    const document = { path: '/a.md', name: 'a.md', text, modifiedAt: 0 };
    const { memories, connections } = documentMemories(document, { path: '/a.md', type: 'markdown' }, 800);
    const [top, first, second] = memories.map(({ id }) => id);
    expect(connections.map(({ from, to, type, bidirectional }) => [from, to, type, bidirectional])).toEqual([
      [first, top, 'parent', true],
      [second, top, 'parent', true],
      [second, first, 'follows', true],
    ]);
  });

  it.each([
    ['an empty file', '', []],
    ['blank lines', '\n \n\t\n', []],
    ['text without headings', 'Only text.', ['0: notes', '2: notes\n\nOnly text.']],
    ['a skipped level', '# A\n### B\ntext', ['0: A\n\nB', '1: A > B', '2: A > B\n\ntext']],
    ['a level that comes back', '# A\n### B\n## C\n', ['0: A\n\nB; C', '1: A > B', '1: A > C']],
    ['several titles', '# A\n# B\n', ['0: notes\n\nA; B', '1: notes > A', '1: notes > B']],
    ['underlined headings', 'A\n===\nB\n---\ntext', ['0: A\n\nB', '1: A > B', '2: A > B\n\ntext']],
    ['text before the title', 'First.\n\n# A\n\nSecond.', ['0: A', '2: A\n\nFirst.\n\nSecond.']],
    ['markup in a heading', '# The `x` of *[y](z)*\n', ['0: The x of y']],
    ['a heading without text', '#\n\ntext', ['0: notes', '2: notes\n\n#\n\ntext']],
    ['a number sign in code', '# A\n```\n# no heading\n```\n', ['0: A', '2: A\n\n```\n# no heading\n```']],
    ['a heading in a quotation', '# A\n> # B\n', ['0: A', '2: A\n\n> # B']],
    ['comments', '# A\n<!-- todo -->\ntext\n\n<!--\nlong\n-->\n', ['0: A', '2: A\n\ntext']],
    ['a comment without an end', '# A\n<!-- rest', ['0: A', '2: A\n\n<!-- rest']],
    ['thematic breaks', 'one\n\n---\n\ntwo', ['0: notes', '2: notes\n\none\n\ntwo']],
    ['definitions of links', '# A\n\n[x]: y\n', ['0: A', '2: A\n\n[x]: y']],
    ['line ends of Windows', '# A\r\n\r\none\r\ntwo\r\n', ['0: A', '2: A\n\none\ntwo']],
    ['a title in front matter', '---\ntitle: T\n---\n# A\n', ['0: T\n\nA', '1: T > A']],
    ['front matter that is none', '---\na: b: c\n---\n', ['0: a: b: c']],
    ['a table', '| a | b |\n|---|---|\n| 1 | 2 |', ['0: notes', '2: notes\n\n| a | b |\n|---|---|\n| 1 | 2 |']],
  ])('reads %s', (_, text, expected) => {
    expect(outlineOf(text)).toEqual(expected);
  });

  it('takes a very long heading for text, and shortens a long heading path from outside', () => {
    expect(memoriesOf(`# ${'a'.repeat(300)}`).map(({ level }) => level)).toEqual([0, 2]);
    const [, , , , last] = memoriesOf(
      ['#', '##', '###', '####'].map((mark) => `${mark} ${mark.length} ${'x'.repeat(90)}`).join('\n') + '\ntext',
    );
    expect(last?.content.startsWith('3 xxx')).toBe(true);
  });

  it('gives equal sections and pieces ids of their own', () => {
    const ids = memoriesOf('# A\n## B\nx\n## B\nx\n## B\nx').map(({ id }) => id);
    expect(new Set(ids).size).toBe(7);
  });

  it('keeps the ids of what stays when a text is edited', () => {
    const before = memoriesOf('# A\n## B\none\n## C\ntwo\n');
    const after = memoriesOf('# A\n## B\nzero\n## New\nthree\n## C\ntwo\n');
    const contents = new Map(before.map(({ id, content }) => [id, content]));
    expect(after.filter(({ id }) => contents.has(id)).map(({ content }) => content)).toEqual([
      'A\n\nB; New; C',
      'A > B',
      'A > C',
      'A > C\n\ntwo',
    ]);
  });

  it('reads any text, in bounded pieces that cover it in order', () => {
    const line = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '# a',
        '## b',
        '###',
        '---',
        '===',
        '> q',
        '- l',
        '    code',
        '```',
        '| a |',
        '<b>',
        '[x]: y',
        '',
        '1. n',
      ),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        // Begins with an empty line, so that there is no front matter.
        const text = `\n${lines.join('\n').replaceAll('<!--', '')}`;
        const memories = memoriesOf(text);
        expect(new Set(memories.map(({ id }) => id)).size).toBe(memories.length);
        expect(memories.every(({ content }) => content.trim() !== '' && content.length <= 800 + 240 + 2)).toBe(true);
        // Each letter and digit is in a piece or in the heading that stands last in the path of a document or section.
        const told = memories.map(({ level, content, metadata }) =>
          level === 2 ? content.slice(content.indexOf('\n\n')) : String((metadata?.['headings'] as string[]).at(-1)),
        );
        const length = (part: string): number => part.replaceAll(/[^a-z0-9]/gi, '').length;
        const isNamed =
          memories[0]?.metadata?.['headings'] !== undefined && told[0] === 'notes' && !text.includes('notes');
        const total = told.slice(isNamed ? 1 : 0).reduce((sum, part) => sum + length(part), 0);
        expect(total).toBe(length(text));
      }),
      { numRuns: 300 },
    );
  });
});

describe('reading Markdown files', () => {
  it('reads a file, with the moment of its front matter or of its last change', async () => {
    const folder = await temporaryFolder({ 'a.md': '\uFEFF# A\n', 'b.md': '---\ndate: 2024-01-02\n---\n# B\n' });
    await utimes(path.join(folder, 'a.md'), 1_000, 2_000);
    const a = await readMarkdown(path.join(folder, 'a.md'));
    expect(a.source).toEqual({ path: path.join(folder, 'a.md'), type: 'markdown' });
    expect(a.memories).toMatchObject([
      { content: 'A', source: a.source, sourceAt: 2_000_000, metadata: { file: 'a.md' } },
    ]);
    const b = await readMarkdown(path.join(folder, 'b.md'));
    expect(b.memories).toMatchObject([{ content: 'B', sourceAt: Date.UTC(2024, 0, 2) }]);
  });

  it('replaces what no store can hold, as CommonMark does', async () => {
    const folder = await temporaryFolder({ 'nul.md': '# A\n\none\0two\n' });
    const { memories } = await readMarkdown(path.join(folder, 'nul.md'));
    expect(memories.map(({ content }) => content)).toContain('A\n\none\ufffdtwo');
  });

  it('reads a folder without hidden folders, node_modules and other files', async () => {
    const folder = await temporaryFolder({
      'b.md': '# B',
      'a/x.MARKDOWN': '# X',
      'a/node_modules/n.md': '# N',
      '.git/g.md': '# G',
      '.hidden.md': '# H',
      'c.txt': '# T',
    });
    const { memories, files, skipped } = await readMarkdown(folder);
    expect(memories.map(({ metadata }) => metadata?.['file'])).toEqual(['a/x.MARKDOWN', 'b.md']);
    expect({ files, skipped }).toEqual({ files: 2, skipped: [] });
  });

  it('follows no links, and tells which', async () => {
    const folder = await temporaryFolder({ 'a/a.md': '# A' });
    await symlink('..', path.join(folder, 'a', 'loop'));
    await symlink('a.md', path.join(folder, 'a', 'link.md'));
    const { memories, skipped } = await readMarkdown(folder);
    expect(memories).toHaveLength(1);
    expect(skipped).toEqual([{ file: path.join(folder, 'a', 'link.md'), reason: 'is a symbolic link' }]);
  });

  it('tells of files in a folder that are too large, and refuses one that was named', async () => {
    const folder = await temporaryFolder({ 'large.md': 'x'.repeat(101), 'small.md': '# S' });
    const file = path.join(folder, 'large.md');
    const { memories, files, skipped } = await readMarkdown(folder, { maxFileBytes: 100 });
    expect([memories.length, files]).toEqual([1, 1]);
    expect(skipped).toEqual([{ file, reason: 'is larger than 100 bytes' }]);
    await expect(readMarkdown(file, { maxFileBytes: 100 })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: `${file} is larger than 100 bytes. Split it, or raise maxFileBytes.`,
    });
  });

  it('gives the same memories again, and only what changed after an edit', async () => {
    const folder = await temporaryFolder({
      'a.md': '# A\n\n## One\n\nfirst\n\n## Two\n\nsecond\n',
      'b.md': '# B\n\ngone\n',
    });
    await utimes(path.join(folder, 'a.md'), 1, 1);
    const before = await readMarkdown(folder);
    expect(await readMarkdown(folder)).toEqual(before);
    await writeFile(path.join(folder, 'a.md'), '# A\n\n## One\n\nfirst\n\n## Two\n\nsecond, edited\n');
    await utimes(path.join(folder, 'a.md'), 1, 1);
    await rm(path.join(folder, 'b.md'));
    const stored = before.memories.map((memory) => ({
      id: memory.id,
      content: memory.content,
      level: memory.level ?? 2,
      tags: memory.tags ?? [],
      parentId: memory.parentId,
      sourceAt: memory.sourceAt,
      metadata: memory.metadata ?? {},
    }));
    const { added, changed, removed, unchanged, embed } = compareSource(stored, await readMarkdown(folder));
    expect(embed.map(({ content }) => content)).toEqual(['A > Two\n\nsecond, edited']);
    expect([added.length, changed.length, removed.length, unchanged.length]).toEqual([1, 0, 3, 4]);
  });

  it.each([['bytes that are not UTF-8', Uint8Array.of(0x23, 0x20, 0xff), 'FORMAT_INVALID', 'is not valid UTF-8']])(
    'refuses %s, naming the file',
    async (_, bytes, code, rule) => {
      const folder = await temporaryFolder({ 'a.md': '# A', 'bad.md': bytes });
      const message = expect.stringContaining(`${path.join(folder, 'bad.md')} ${rule}`) as string;
      await expect(readMarkdown(folder)).rejects.toMatchObject({ code, message });
    },
  );

  it('refuses a path that is not there, options that are wrong, and ends when it is cancelled', async () => {
    const folder = await temporaryFolder();
    await expect(readMarkdown(path.join(folder, 'none.md'))).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(readMarkdown(folder, { pieceLength: 3 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(readMarkdown(folder, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
    await mkdir(path.join(folder, 'x.md'));
    expect(await readMarkdown(folder)).toMatchObject({ memories: [], files: 0 });
  });

  it('reads a line of megabytes', async () => {
    const folder = await temporaryFolder({ 'a.md': `# A\n\n${'word '.repeat(400_000)}` });
    const { memories } = await readMarkdown(folder);
    expect(memories.length).toBeGreaterThan(2_000);
    expect(memories.every(({ content }) => content.length <= 1_042)).toBe(true);
  });
});
