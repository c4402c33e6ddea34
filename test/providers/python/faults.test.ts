import { type Embedder, loadModel } from '#src/index.js';
import type { Logger } from '#src/shared/log.js';
import { describe, expect, it, onTestFinished } from 'vitest';

import { temporaryFolder, tinyFolder } from '../../engine/support/tiny-model.js';
import { fakeBridge, wellBehaved } from './support/fake-bridge.js';

const GOOD = 'answer({ vectors: vectors(m.rows, 32), milliseconds: 1 });';

interface Loaded {
  readonly model: Embedder;
  readonly warnings: string[];
}

async function load(handle: string, more: object = {}): Promise<Loaded> {
  const warnings: string[] = [];
  const logger: Logger = { info: () => undefined, warn: (message) => warnings.push(message) };
  const model = await loadModel(tinyFolder('bert-mean'), {
    provider: 'python/echo',
    python: await fakeBridge(handle),
    cache: await temporaryFolder(),
    logger,
    warmUp: false,
    ...more,
  });
  onTestFinished(() => model.close());
  return { model, warnings };
}

/** A child that is bad once: a file beside the program remembers. */
function badOnce(bad: string): string {
  return wellBehaved(`
    const mark = __filename + '.mark';
    if (require('node:fs').existsSync(mark)) { ${GOOD} }
    else { require('node:fs').writeFileSync(mark, ''); ${bad} }`);
}

describe('a child that breaks the contract once', () => {
  it.each([
    ['noise', "say('Loading weights: 100%');"],
    ['half a line', 'process.stdout.write(\'{"jsonrpc": "2.0", "id\'); process.exit(3);'],
    ['a line of 65 MiB', "say('x'.repeat(65 * 1024 * 1024));"],
    ['an answer to nothing', "say(JSON.stringify({ jsonrpc: '2.0', id: 12345, result: {} }));"],
    ['an answer without an id', "say(JSON.stringify({ jsonrpc: '2.0', result: {} }));"],
    ['JSON that is no JSON-RPC', "say('[1, 2]');"],
    ['no vectors', 'answer({});'],
    ['too few vectors', 'answer({ vectors: vectors(m.rows - 1, 32) });'],
    ['other dimensions', 'answer({ vectors: vectors(m.rows, 31) });'],
    ['fewer bytes than its shape', 'answer({ vectors: { ...vectors(m.rows, 31), shape: [m.rows, 32] } });'],
    ['no base64', "answer({ vectors: { data: '*', shape: [m.rows, 32] } });"],
    ['NaN', 'answer({ vectors: vectors(m.rows, 32, NaN) });'],
    ['an exit', 'process.exit(70);'],
    ['a kill', "process.kill(process.pid, 'SIGKILL');"],
  ])('%s: it is replaced, and the batch runs once more', async (_name, bad) => {
    const { model, warnings } = await load(badOnce(bad));
    const row = await model.encode('a text');
    expect(row).toEqual(new Float32Array(32).fill(1));
    expect(model.health()).toMatchObject({ status: 'ok', replacedWorkers: 1 });
    expect(warnings.join('\n')).toContain('replaced');
  });
});

describe('a child that is bad again and again', () => {
  it('fails a call with what it did, and those that follow work', async () => {
    const { model } = await load(wellBehaved(`if (m.length === 3) process.exit(9); else ${GOOD}`));
    const call = model.encode('a');
    await expect(call).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true });
    await expect(call).rejects.toThrow('ended with code 9');
    expect((await model.encode('two or more words')).length).toBe(32);
  });

  it('tells that vectors were bad', async () => {
    const { model } = await load(wellBehaved('answer({ vectors: vectors(m.rows, 7) });'));
    const call = model.encode('a');
    await expect(call).rejects.toMatchObject({ code: 'PROVIDER_BAD_RESPONSE' });
    await expect(call).rejects.toThrow('[1, 7] instead of [1, 32]');
  });

  it('hands on errors of the child without a restart', async () => {
    const { model } = await load(wellBehaved("fail('INPUT_INVALID');"));
    await expect(model.encode('a')).rejects.toMatchObject({ code: 'INPUT_INVALID', message: 'It failed.' });
    expect(model.health().replacedWorkers).toBe(0);
  });
});

describe('a child that does not start', () => {
  it.each([
    ['ends at once', '() => process.exit(3)', 'PROVIDER_UNAVAILABLE', 'ended with code 3'],
    ['says nonsense', "(m, { say }) => say('hello')", 'PROVIDER_BAD_RESPONSE', 'no JSON'],
    ['has other dimensions', wellBehaved('').replace('model()', 'model({ dimensions: 7 })'), 'SPACE_MISMATCH', '7 dim'],
    [
      'refuses the model',
      "(m, { answer, fail }) => m.method === 'ping' ? answer({}) : fail('PACKAGE_MISSING')",
      'PACKAGE_MISSING',
      'It failed.',
    ],
  ])('%s', async (_name, handle, code, message) => {
    const loading = load(handle);
    await expect(loading).rejects.toMatchObject({ code });
    await expect(loading).rejects.toThrow(message);
  });

  it('is not there', async () => {
    const loading = loadModel(tinyFolder('bert-mean'), { provider: 'python', python: '/nowhere/python' });
    await expect(loading).rejects.toMatchObject({ code: 'PACKAGE_MISSING', data: { missing: 'python' } });
    await expect(loading).rejects.toThrow('isovec bridge install');
  });

  it('is given up with the load', async () => {
    const controller = new AbortController();
    const loading = load('() => undefined', { signal: controller.signal });
    setTimeout(() => {
      controller.abort();
    }, 200);
    await expect(loading).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

describe('a slow child', () => {
  it('does not hold up a call beyond its deadline, nor its abort, and serves on', async () => {
    const { model } = await load(wellBehaved(`setTimeout(() => { ${GOOD} }, m.length === 3 ? 300 : 0);`));
    const late = model.encode('a', { deadline: Date.now() + 50 });
    await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    const aborted = model.encode('a', { signal: AbortSignal.timeout(20) });
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
    expect((await model.encode('two or more words')).length).toBe(32);
  });
});
