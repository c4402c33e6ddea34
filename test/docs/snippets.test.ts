import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

import { listFiles } from '../../scripts/source-files.js';
import { finished, start, temporaryFolder, tinyModel } from '../cli/command-line.js';
import { testServer } from '../server/support/running-server.js';
import { loadRealModel } from '../support/real-model.js';

const run = promisify(execFile);
const HAS_CURL = spawnSync('curl', ['--version']).error === undefined;
const ROOT = path.resolve(import.meta.dirname, '../..');
const MODEL = 'sentence-transformers/all-MiniLM-L6-v2';
/** Programs that want a server, a file or Python: the tests below, those of the server and `npm run test:python` run them. */
const ELSEWHERE = ['openai-client.ts', 'openai_client.py', 'read_vectors.py', 'compare-old-vectors.ts'];
const ASKS_SERVER = 'from-text-embeddings-inference.ts';

/** A block of a document, with the example that the text before it names, and what is said to be printed. */
interface Snippet {
  readonly document: string;
  readonly code: string;
  readonly example: string;
  readonly output: string | undefined;
}

const DOCUMENTS = [...listFiles(ROOT, 'docs/start', ['.md']), ...listFiles(ROOT, 'docs/guides/moving', ['.md'])];

/** TypeScript, and Python where it is ours: in the guides to moving it is that of others, as `js` is. */
async function snippetsOf(document: string): Promise<readonly Snippet[]> {
  const text = await readFile(path.join(ROOT, document), 'utf8');
  const languages = document.includes('moving') ? 'ts' : 'ts|python';
  const blocks = new RegExp(
    `^\`\`\`(?:${languages})\\n([\\s\\S]*?)^\`\`\`(?:\\n\\n\`\`\`text\\n([\\s\\S]*?)^\`\`\`)?`,
    'gm',
  );
  return [...text.matchAll(blocks)].map((match) => {
    const before = text.slice(0, match.index);
    const [, example = ''] = [...before.matchAll(/\]\((?:\.\.\/)+(examples\/[^)]+)\)/g)].at(-1) ?? [];
    return { document, code: match[1] ?? '', example, output: match[2] };
  });
}

const snippets = (await Promise.all(DOCUMENTS.map(snippetsOf))).flat();
const programs = snippets.filter(({ example }) => ![...ELSEWHERE, ASKS_SERVER].includes(path.basename(example)));

async function printed(example: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await run('node_modules/.bin/tsx', [example, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    timeout: 100_000,
  });
  return stdout;
}

describe('the programs of the quick starts and of the guides to moving', () => {
  it('are the examples that are named before them, word for word', async () => {
    expect(snippets.length).toBeGreaterThanOrEqual(10);
    for (const { document, code, example } of snippets) {
      expect(code, `${document}: ${example}`).toBe(await readFile(path.join(ROOT, example), 'utf8'));
    }
  });

  it('are all there is in the folders of examples for them', () => {
    const files = ['start', 'moving'].flatMap((folder) => listFiles(ROOT, `examples/${folder}`, ['.ts', '.py']));
    expect(files.filter((file) => !snippets.some(({ example }) => example === file))).toEqual([]);
  });

  it.each(programs)('$example prints what $document says', async ({ example, output }) => {
    // Nothing is fetched while it runs.
    await (await loadRealModel()).close();
    expect(output).toBeDefined();
    expect(await printed(example)).toBe(output);
  });

  it('ask a server as text-embeddings-inference is asked', async () => {
    const { url, model } = await testServer({}, {}, MODEL);
    const [query, document] = ['When is bread baked?', 'Bread is baked at dawn.'];
    const { data } = model.similarity(await model.encode(query), await model.encode(document));
    const shown = await printed(`examples/moving/${ASKS_SERVER}`, [], { ISOVEC_URL: url });
    expect(Number(shown)).toBeCloseTo(data[0] ?? Number.NaN, 3);
  });

  it('tell vectors of this space from those of another', async () => {
    const folder = await temporaryFolder();
    onTestFinished(() => folder[Symbol.asyncDispose]());
    const tiny = tinyModel('bert-mean');
    const file = path.join(folder.path, 'old.jsonl');
    const write = async (vectorOf: (at: number) => readonly number[] | undefined): Promise<string> => {
      const lines = tiny.texts.map((text, at) => JSON.stringify({ text, vector: vectorOf(at) }));
      await writeFile(file, `${lines.join('\n')}\n`);
      return printed('examples/moving/compare-old-vectors.ts', [file, tiny.folder]);
    };
    expect(await write((at) => tiny.vectors[at])).toContain(
      `${tiny.texts.length} texts: cosine 1.000000 in the mean\n1.000000 `,
    );
    expect(await write((at) => tiny.vectors[(at + 1) % tiny.vectors.length])).not.toContain('cosine 1.000000');
  });
});

describe('the quick start of the server', () => {
  it.runIf(HAS_CURL)('begins with a command that prints an address, which its curl call reaches', async () => {
    const text = await readFile(path.join(ROOT, 'docs/start/server.md'), 'utf8');
    const [, command = ''] = /^isovec (serve .*)$/m.exec(text) ?? [];
    const [, model = ''] = /^serve (\S+)$/.exec(command) ?? [];
    expect(model).toBe(MODEL);
    await (await loadRealModel()).close();
    const child = start([...command.split(' '), '--port', '0', '--no-grpc', '--json']);
    const end = finished(child);
    onTestFinished(async () => {
      child.kill('SIGTERM');
      await end;
    });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const { url } = z.object({ url: z.url() }).parse(JSON.parse(line));
    const [call = ''] = /^curl [\s\S]*?'$(?=\n```)/m.exec(text) ?? [];
    const { stdout } = await run('sh', ['-c', call.replace('http://127.0.0.1:8080', url)]);
    const answer = z.object({ data: z.array(z.object({ embedding: z.array(z.number()).length(384) })).length(1) });
    expect(answer.safeParse(JSON.parse(stdout)).error).toBeUndefined();
  });
});

describe('the quick start of the memory', () => {
  it('has the configuration of the guide, which is tested there', async () => {
    const [, ours] =
      /^```json\n([\s\S]*?)^```/m.exec(await readFile(path.join(ROOT, 'docs/start/agent-memory.md'), 'utf8')) ?? [];
    const [, guide] =
      /^```json\n([\s\S]*?)^```/m.exec(await readFile(path.join(ROOT, 'docs/guides/memory-over-mcp.md'), 'utf8')) ?? [];
    expect(ours).toBeDefined();
    expect(ours).toBe(guide);
  });
});
