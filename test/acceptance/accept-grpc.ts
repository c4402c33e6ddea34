import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { type Embedder, loadModel } from '#src/index.js';
import { startServer } from '#src/server/index.js';
import { exampleScores, EXAMPLES } from './example-scores.js';
import { ACCEPTANCE_CACHE, pythonEnvironment } from './python-environment.js';
import { runStep } from './run-step.js';
import { tinyServer } from './tiny-server.js';

const PACKAGES = ['grpcio', 'grpcio-tools', 'grpcio-health-checking', 'grpcio-reflection'].map(
  (name) => `${name}==1.85.1`,
);
const PROTO = path.resolve(import.meta.dirname, '../../proto');
const FILES = ['akidb/embedding/v1/embedding.proto', 'tei/v1/tei.proto'];
const TEXTS = [
  'the river rose',
  '',
  ' ',
  'a \u{1f600} caf\u00e9, cafe\u0301',
  '\ufeffmark',
  'nul \0 and\r\nlines',
  '\u{10ffff} \u{1f468}\u200d\u{1f469}\u200d\u{1f467} \u6cb3\u5ddd',
  'the old harbour '.repeat(4),
];
const LONG = Array.from({ length: 90 }, (_, i) => `word${i}`).join(' ');
const DIMENSIONS = 5;

/**
 * Whether a client that grpcio-tools makes from the contracts gets the library's vectors by every method, and all that the
 * contract says of deadlines, cancellation, limits, keys, health and reflection; and whether the example runs.
 */
export async function acceptGrpc(): Promise<void> {
  const { python } = await pythonEnvironment(PACKAGES);
  const generated = path.join(ACCEPTANCE_CACHE, 'grpc');
  await rm(generated, { recursive: true, force: true });
  await mkdir(generated, { recursive: true });
  const outputs = [`--python_out=${generated}`, `--grpc_python_out=${generated}`];
  await runStep(python, ['-m', 'grpc_tools.protoc', '-I', PROTO, ...outputs, ...FILES]);

  const load = (name: string): Promise<Embedder> =>
    loadModel(path.resolve(import.meta.dirname, '../fixtures/tiny', name), {
      cache: path.join(ACCEPTANCE_CACHE, 'tiny'),
      threads: 1,
    });
  await using first = await load('bert-prompts');
  await using second = await load('bert-cls');
  const models = [
    { name: 'first', embedder: first },
    { name: 'second', embedder: second },
  ];
  const server = await startServer(models, { port: 0, grpcPort: 0 });
  const limits = { maxBodyBytes: 50_000, maxInputs: 20_000 };
  const apiKeys = ['first-key', 'second-key'];
  await using guarded = await tinyServer({ grpcPort: 0, apiKeys, limits }, 'guarded', { maxPendingTokens: 2000 });
  const streamed = Array.from({ length: 10_000 }, (_, i) => `${'river '.repeat(i % 11)}${i}`);
  const manifest = path.join(generated, 'manifest.json');
  const content = {
    url: server.url,
    address: server.grpcAddress,
    guarded: { url: guarded.url, address: guarded.grpcAddress, keys: apiKeys },
    first: await expectedOf(first),
    second: { vectors: (await second.encodeBatch(TEXTS)).toArrays() },
    texts: TEXTS,
    long: LONG,
    dimensions: DIMENSIONS,
    stream: { texts: streamed, vectors: (await first.encodeBatch(streamed)).toArrays() },
  };
  await writeFile(manifest, JSON.stringify(content));
  await runStep(python, [path.join(import.meta.dirname, 'grpc/check_all.py'), manifest]);
  await server.close();

  const minilm = 'sentence-transformers/all-MiniLM-L6-v2';
  await using example = await tinyServer({ grpcPort: 0 }, minilm);
  const scores = await exampleScores(example.model);
  const check = path.join(import.meta.dirname, 'check_example.py');
  const names = [path.join(EXAMPLES, 'grpc/client.py'), example.grpcAddress];
  await runStep(python, [check, ...names, ...scores]);
}

/** All that the library says of the texts, each by the way that a field of a request stands for. */
async function expectedOf(model: Embedder): Promise<object> {
  const rows = async (texts: readonly string[], truncationSide: 'left' | 'right'): Promise<number[][]> => {
    const found: number[][] = [];
    const tokenized = await model.tokens.encode(texts, { truncationSide });
    await model.tokens.run(tokenized, { onRows: (at, values) => void (found[at] = Array.from(values)) });
    return found;
  };
  const raw: number[][] = [];
  const tokenized = await model.tokens.encode(TEXTS);
  await model.tokens.run(tokenized, {
    rows: 'unnormalized',
    onRows: (at, values) => void (raw[at] = Array.from(values)),
  });
  const hidden = await model.tokenEmbeddings(TEXTS);
  const { dimensions, maxSequenceLength } = model.info();
  return {
    vectors: (await model.encodeBatch(TEXTS)).toArrays(),
    raw,
    short: (await model.encodeBatch(TEXTS, { dimensions: DIMENSIONS, normalize: true })).toArrays(),
    query: (await model.encodeBatch(TEXTS, { promptName: 'query' })).toArrays(),
    cut: { left: (await rows([LONG], 'left'))[0], right: (await rows([LONG], 'right'))[0] },
    hidden: hidden.map(({ data, dimensions: width, tokens }) =>
      Array.from({ length: tokens }, (_, at) => Array.from(data.subarray(at * width, (at + 1) * width))),
    ),
    ids: tokenized.texts.map(({ ids }) => [...ids]),
    tokens: tokenized.texts.map(({ fullTokenCount }) => fullTokenCount),
    decoded: await Promise.all(tokenized.texts.map(({ ids }) => model.tokens.decode([...ids]))),
    prompt: model.info().prompts['query'],
    dimensions,
    maxSequenceLength,
  };
}
