import { loadModel, type LoadOptions, type Logger } from '#src/index.js';
import { describe, expect, it, onTestFinished } from 'vitest';

import { failure, temporaryFolder, tinyFolder } from '../../engine/support/tiny-model.js';
import { fakeBridge } from './support/fake-bridge.js';

/** A child whose device computes `value` in every component, where the processor has 1. */
function deviceThatGives(value: string): Promise<string> {
  return fakeBridge(`(m, { answer, vectors, model }) => {
    if (m.method === 'ping') answer({ pong: true });
    else if (m.method === 'load_model') {
      globalThis.device = m.params.device;
      answer(model({ backend: 'torch', device: m.params.device, reason: JSON.stringify(m.params.execution_providers ?? []) }));
    }
    else if (m.method === 'embed_batch') {
      const rows = vectors(m.rows, 32, 1);
      if (device === 'cuda') {
        const data = Float32Array.from({ length: m.rows * 32 }, (_, i) => ${value});
        rows.data = Buffer.from(data.buffer).toString('base64');
      }
      answer({ vectors: rows });
    }
    else answer({});
  }`);
}

async function load(python: string, options: LoadOptions, heard: string[] = []) {
  const logger: Logger = { info: (message) => heard.push(message), warn: (message) => heard.push(message) };
  const cache = await temporaryFolder();
  const model = await loadModel(tinyFolder('bert-mean'), {
    provider: 'python/torch',
    python,
    cache,
    logger,
    ...options,
  });
  onTestFinished(() => model.close());
  return model;
}

describe('a device', () => {
  it('is trusted when it gives the vectors of the processor', async () => {
    const heard: string[] = [];
    const model = await load(await deviceThatGives('1 + 1e-4 * (i % 2)'), { device: 'cuda' }, heard);
    expect(model.info()).toMatchObject({ provider: 'python/torch', device: 'cuda' });
    expect(heard).toContain('cuda gives the vectors of the processor.');
    expect((await model.encode('a')).length).toBe(32);
  });

  it.each([
    ['another direction', '1 - 2 * (i % 2)'],
    ['another length', '1.1'],
    ['one component that is wrong', 'i % 32 === 7 ? 1.02 : 1'],
  ])('is refused with the figures for %s', async (_name, value) => {
    const error = await failure(async () => load(await deviceThatGives(value), { device: 'cuda' }));
    expect(error.code).toBe('PROVIDER_REJECTED');
    expect(error.message).toMatch(/device cuda gives other vectors.*cosine -?\d\.\d+ .*largest error/);
    expect(error.data['largestError']).toBeGreaterThan(0.01);
  });

  it('is the processor for auto, which nothing is compared with', async () => {
    const heard: string[] = [];
    const model = await load(await deviceThatGives('NaN'), { device: 'cpu' }, heard);
    expect(model.info().device).toBe('cpu');
    expect(heard.join()).not.toContain('gives the vectors');
  });
});

describe('execution providers', () => {
  it('go to the child with their options', async () => {
    const heard: string[] = [];
    const executionProviders = [
      { name: 'CUDAExecutionProvider', options: { device_id: 1 } },
      { name: 'CPUExecutionProvider' },
    ];
    await load(await deviceThatGives('1'), { device: 'cpu', executionProviders }, heard);
    expect(heard[0]).toContain('[["CUDAExecutionProvider",{"device_id":1}],["CPUExecutionProvider",{}]]');
  });

  it('are refused in process where they do not start, and when they are none', async () => {
    const options = { executionProviders: [{ name: 'CUDAExecutionProvider' }] };
    const error = await failure(() => loadModel(tinyFolder('bert-mean'), { provider: 'onnx', ...options }));
    expect(error).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', data: { device: 'cuda' } });
    const wrong = { executionProviders: ['cuda'] } as unknown as LoadOptions;
    expect((await failure(() => loadModel(tinyFolder('bert-mean'), wrong))).code).toBe('CONFIG_INVALID');
  });
});
