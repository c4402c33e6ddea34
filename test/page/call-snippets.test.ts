import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { type Call, curlCall, fetchCall, openAiCall, pythonCall } from '../../page/src/calls/call-snippets.js';
import { testServer } from '../server/support/running-server.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** What a shell, JSON, JavaScript and Python treat with care. */
const TEXTS = [
  "it's $HOME `id` \\ \"quoted\" 'x'",
  '@file',
  'a 😀 café\ttab',
  '${process.env.HOME} {0} %s',
  '\u2028 line',
];
const run = promisify(execFile);

async function served(keyed: boolean) {
  const server = await testServer(keyed ? { apiKeys: ['sesame'] } : {});
  const call: Call = { url: server.url, model: 'tiny', texts: TEXTS, kind: undefined, cuts: false, keyed };
  const env = { ...process.env, ...(keyed ? { ISOVEC_API_KEY: 'sesame' } : {}) };
  const vectors = [...(await server.model.encodeBatch(TEXTS))];
  const node = async (code: string): Promise<string> => {
    const { outputText } = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.ESNext } });
    const args = ['--input-type=module', '--eval', outputText];
    return (await run(process.execPath, args, { cwd: ROOT, env })).stdout;
  };
  return { call, env, vectors, node };
}

describe.each([
  ['without a key', false],
  ['with a key', true],
])('calls as code, %s', (_, keyed) => {
  it('curl gives the vectors of the library', async () => {
    const { call, env, vectors } = await served(keyed);
    const { stdout } = await run('bash', ['-c', curlCall(call)], { env });
    const { embeddings } = z.object({ embeddings: z.array(z.array(z.number())) }).parse(JSON.parse(stdout));
    expect(embeddings.map((row) => Float32Array.from(row))).toEqual(vectors);
  });

  it('TypeScript with fetch prints the first of as many vectors as there are texts', async () => {
    const { call, vectors, node } = await served(keyed);
    expect(numbersOf(await node(fetchCall(call))).slice(0, 3)).toEqual([TEXTS.length, ...firstTwo(vectors)]);
  });

  it('TypeScript with the openai package, too', async () => {
    const { call, vectors, node } = await served(keyed);
    expect(numbersOf(await node(openAiCall(call))).slice(0, 3)).toEqual([TEXTS.length, ...firstTwo(vectors)]);
  });
});

function numbersOf(output: string): number[] {
  return (output.match(/-?\d+(\.\d+)?(e-?\d+)?/g) ?? []).map((text) => Math.fround(Number(text)));
}

function firstTwo(vectors: readonly Float32Array[]): number[] {
  return [...(vectors[0]?.slice(0, 2) ?? [])];
}

describe('options of a call', () => {
  const call: Call = { url: 'http://[::1]:1', model: 'm', texts: ['a'], kind: 'document', cuts: true, keyed: false };

  it('reach every client', async () => {
    expect(curlCall(call)).toContain('"input_type": "document"');
    expect(fetchCall(call)).toContain("input_type: 'document'");
    const { post } = await testServer();
    const long = 'the old harbour '.repeat(400);
    expect((await post('/v1/embeddings', { model: 'tiny', input: [long] })).status).toBe(400);
    const answer = await post('/v1/embeddings', {
      model: 'tiny',
      input: [long],
      input_type: 'document',
      truncate: true,
    });
    expect(answer.status).toBe(200);
    expect(openAiCall(call)).toContain("...{ input_type: 'document', truncate: true }");
    expect(pythonCall(call)).toContain('extra_body={"input_type": "document", "truncate": True}');
  });

  it.each([false, true])('Python reads the texts as they are', async (keyed) => {
    const program = [
      'import ast, json, sys',
      'tree = ast.parse(sys.argv[1])',
      'lists = [node for node in ast.walk(tree) if isinstance(node, ast.List)]',
      'print(json.dumps([ast.literal_eval(node) for node in lists]))',
    ].join('\n');
    const { stdout } = await run('python3', ['-c', program, pythonCall({ ...call, texts: TEXTS, keyed })]);
    expect(JSON.parse(stdout)).toEqual([TEXTS]);
  });
});
