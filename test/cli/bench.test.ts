import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import type { BenchReport } from '#src/bench/index.js';
import { type Embedder, loadModel } from '#src/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { jsonLines, run, type RunResult, temporaryFolder, tinyModel } from './command-line.js';

const { folder: model } = tinyModel('bert-mean');
const KEY = 'a-key-of-this-test';

let home: Awaited<ReturnType<typeof temporaryFolder>>;
let embedder: Embedder;
let server: Server;
let url: string;
/** What the server does to an answer, and what it saw. */
let distort: (row: number[]) => number[] = (row) => row;
let refuse: ((count: number) => number | undefined) | undefined;
let requests = 0;
let keys: Set<string | undefined>;

const inHome = (name: string): string => path.join(home.path, name);

function isovec(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<RunResult> {
  return run(['bench', '--warm-up', '1ms', ...args], {
    environment: { ISOVEC_HOME: inHome('cache'), ISOVEC_MODEL: model, ...environment },
    cwd: home.path,
  });
}

async function answer(
  route: string,
  body: string,
): Promise<{ status: number; headers?: Record<string, string>; value: unknown }> {
  const status = refuse?.(++requests);
  if (status !== undefined) return { status, value: { error: 'told to' } };
  const parsed = JSON.parse(body) as { input?: string[]; inputs?: string[] };
  const texts = parsed.input ?? parsed.inputs ?? [];
  const batch = await embedder.encodeBatch(texts);
  const rows = batch.toArrays().map((row) => distort(row));
  const tokens = batch.tokens.reduce((sum, count) => sum + count, 0);
  if (route === '/embed') return { status: 200, headers: { 'x-compute-tokens': String(tokens) }, value: rows };
  const data = rows.map((embedding, index) => ({ object: 'embedding', index, embedding })).reverse();
  return { status: 200, value: { object: 'list', data, usage: { prompt_tokens: tokens, total_tokens: tokens } } };
}

beforeAll(async () => {
  home = await temporaryFolder();
  embedder = await loadModel(model, { cache: inHome('cache'), threads: 1, loneTextThreads: 1 });
  keys = new Set();
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    keys.add(request.headers.authorization);
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const reply = answer(request.url ?? '', Buffer.concat(parts).toString());
      reply.then(
        ({ status, headers, value }) =>
          response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value)),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await embedder.close();
  await home[Symbol.asyncDispose]();
});

function expectFits(text: string): void {
  for (const line of text.split('\n')) expect(Array.from(line).length, line).toBeLessThanOrEqual(80);
}

describe('isovec bench of the library', () => {
  it('measures 100 single texts and 10 batches, says of what, and prints tables of 80 columns', async () => {
    const { code, text, stderr } = await isovec(['--out', 'standard.json', '-q']);
    expect([code, stderr]).toEqual([0, '']);
    expectFits(text);
    const report = JSON.parse(await readFile(inHome('standard.json'), 'utf8')) as BenchReport;
    expect(report.measurements.map(({ part, calls, failed, texts }) => [part, calls, failed, texts])).toEqual([
      ['single', 100, 0, 100],
      ['batch', 10, 0, 320],
    ]);
    expect(report).toMatchObject({
      reportVersion: 1,
      verdict: 'pass',
      target: { kind: 'library', dtype: 'float32', checkpoint: embedder.info().space.checkpoint, dimensions: 32 },
      workload: { name: 'standard', seed: 1 },
    });
    for (const { latency, tokens, textsPerSecond, process, warmUp } of report.measurements) {
      expect(latency?.p50).toBeGreaterThan(0);
      expect(latency?.p99).toBeGreaterThanOrEqual(latency?.p95 ?? Infinity);
      expect(latency?.max).toBeGreaterThanOrEqual(latency?.p99 ?? Infinity);
      expect(tokens).toBeGreaterThan(100);
      expect(textsPerSecond).toBeGreaterThan(0);
      expect(process.memory.peak).toBeGreaterThan(1e7);
      expect(warmUp?.calls).toBeGreaterThan(0);
    }
    expect(text).toContain(report.workload.digest.slice(0, 12));
    expect(JSON.stringify(report)).not.toContain('undefined');
  });

  it('has the same texts for the same seed, and others for another', async () => {
    const digestOf = async (...args: string[]): Promise<string> => {
      const { text } = await isovec(['--workload', 'mixed', '--calls', '2', '--json', ...args]);
      return (jsonLines(text)[0] as unknown as BenchReport).workload.digest;
    };
    const [first, again, other] = [await digestOf(), await digestOf('--seed', '1'), await digestOf('--seed', '2')];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('takes the texts of a file, and says which rows it left out', async () => {
    await writeFile(inHome('rows.jsonl'), '{"body":"one text"}\n{"body":7}\n{"body":"another text"}\n');
    const args = ['--in', 'rows.jsonl', '--column', 'body', '--calls', '5', '--json'];
    const { code, text, stderr } = await isovec(args);
    expect(code, stderr).toBe(0);
    const [report] = jsonLines(text) as unknown as BenchReport[];
    expect(report?.workload).toMatchObject({ name: 'rows.jsonl', seed: null, parts: [{ calls: 2, texts: 2 }] });
    expect(report?.measurements[0]).toMatchObject({ part: 'file', calls: 5, texts: 5 });
    expect(report?.notes[0]).toContain('left out: 1');
  });

  it('sends calls at a constant rate for a time', async () => {
    const { code, text, stderr } = await isovec(['--workload', 'single', '--rate', '50', '--duration', '1s', '--json']);
    expect(code, stderr).toBe(0);
    const [report] = jsonLines(text) as unknown as BenchReport[];
    expect(report?.measurements[0]).toMatchObject({ load: { kind: 'open', callsPerSecond: 50 }, calls: 50 });
    expect(report?.measurements[0]?.lateness).not.toBeNull();
  });

  it('exits with 6 where a limit is not kept, and names it', async () => {
    const args = ['--workload', 'single', '--calls', '5', '-q'];
    const failed = await isovec([...args, '--sla', 'p50=1us', 'throughput=1']);
    expect(failed.code).toBe(6);
    expect(failed.text).toMatch(/FAILED {2}single, 1 at a time: p50 .* asked for p50=1us/);
    expect(failed.text).toMatch(/ok {6}single, 1 at a time: .* asked for throughput=1/);
    expect((await isovec([...args, '--sla', 'p99=1000s'])).code).toBe(0);
  });

  it.each([
    [['--sla', 'p90=20ms'], 'There is no metric'],
    [['--sla', 'bulk:p95=20ms'], 'single, batch'],
    [['--workload', 'none'], 'standard, single'],
    [['--check'], '--url'],
    [['--column', 'x'], '--in'],
    [['--in', 'none.txt'], 'none.txt'],
    [['--concurrency', '0'], '--concurrency'],
    [['--rate', '-1'], 'above 0'],
    [['--url', 'ftp://127.0.0.1'], 'http or https'],
    [['--out', 'no/such/folder/r.json'], 'no/such/folder'],
    [['--compare', 'none.json'], 'none.json'],
    [['--compare', 'rows.jsonl', '--out', 'x.json'], '--compare'],
  ])('refuses %j before anything is measured', async (args, reason) => {
    const { code, text, stderr } = await isovec(args);
    expect([code, text, stderr]).toEqual([2, '', expect.stringContaining(reason)]);
  });
});

describe('isovec bench of a server', () => {
  it.each(['openai', 'tei'])('speaks %s, and finds its vectors equal', async (protocol) => {
    const args = ['--url', url, '--protocol', protocol, '--workload', 'batch', '--calls', '3', '--check', '--json'];
    const { code, text, stderr } = await isovec(args, { ISOVEC_API_KEY: KEY });
    expect(code, stderr).toBe(0);
    const [report] = jsonLines(text) as unknown as BenchReport[];
    expect(report).toMatchObject({ target: { kind: protocol }, check: { passed: true } });
    expect(report?.check?.maxAbsError).toBeLessThan(1e-6);
    expect(report?.measurements[0]).toMatchObject({ calls: 3, texts: 96, failed: 0 });
    expect(report?.measurements[0]?.tokens).toBeGreaterThan(96);
    expect(keys.has(`Bearer ${KEY}`)).toBe(true);
    expect(text + stderr).not.toContain(KEY);
  });

  it('exits with 5 where the vectors are others', async () => {
    distort = (row) => row.map((value, i) => (i === 3 ? value + 0.01 : value));
    try {
      const { code, text } = await isovec(['--url', url, '--protocol', 'tei', '--check', '--calls', '1', '-q']);
      expect([code, text]).toEqual([5, expect.stringContaining('FAILED')]);
    } finally {
      distort = (row) => row;
    }
  });

  it('counts refusals by status, and goes on', async () => {
    requests = 0;
    refuse = (count) => (count % 3 === 0 ? 503 : undefined);
    try {
      const args = ['--url', url, '--workload', 'single', '--calls', '9', '--json'];
      const { code, text } = await isovec([...args, '--warm-up', '0s']);
      const [report] = jsonLines(text) as unknown as BenchReport[];
      expect(code).toBe(6);
      expect(report?.measurements[0]).toMatchObject({
        failed: 3,
        failures: [{ kind: 'OVERLOADED, HTTP 503', count: 3 }],
      });
      expect((await isovec([...args, '--warm-up', '0s', '--sla', 'errors=50%'])).code).toBe(0);
    } finally {
      refuse = undefined;
    }
  });

  it('says at once that nothing listens', async () => {
    const { code, stderr } = await isovec(['--url', 'http://127.0.0.1:9', '--calls', '1']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('cannot be reached');
  });
});

describe('a page of results', () => {
  it('stands alone, and sets several beside each other', async () => {
    for (const name of ['first', 'second']) {
      const args = ['--workload', 'lengths', '--calls', '2', '--out', `${name}.json`, '--html', `${name}.html`, '-q'];
      expect((await isovec(args)).code).toBe(0);
    }
    const page = await readFile(inHome('first.html'), 'utf8');
    expect(page).toContain('Latency distribution');
    expect(page).toContain('Cost against length');
    expect(page).not.toMatch(/<script|<link|<img|src=|url\(/);
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/);
    const { code, text, stderr } = await isovec(['--compare', 'first.json', 'second.json', '--html', 'both.html']);
    expect([code, stderr]).toEqual([0, '']);
    expectFits(text);
    expect(text).toMatch(/^second .*1 at a time/m);
    expect(await readFile(inHome('both.html'), 'utf8')).toContain('Texts a second');
    await writeFile(inHome('damaged.json'), '{"reportVersion": 1}');
    const damaged = await isovec(['--compare', 'first.json', 'damaged.json']);
    expect([damaged.code, damaged.stderr]).toEqual([4, expect.stringContaining('no result of isovec bench')]);
  });

  it('warns where figures cannot be compared', async () => {
    expect((await isovec(['--workload', 'single', '--calls', '2', '--out', 'other.json', '-q'])).code).toBe(0);
    const { code, stderr } = await isovec(['--compare', 'first.json', 'other.json']);
    expect([code, stderr]).toEqual([0, expect.stringContaining('other texts')]);
  });
});
