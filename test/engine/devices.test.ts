import { describe, expect, it } from 'vitest';

import { deviceOf, engineProviders, providersOfDevice } from '#src/runtime/sessions/execution-provider.js';

import { run, tinyModel } from '../cli/command-line.js';
import { failure, loadTiny } from './support/tiny-model.js';

describe('execution providers', () => {
  it('of a device have the processor behind them', () => {
    expect(providersOfDevice('auto').map(({ name }) => name)).toEqual(['CPUExecutionProvider']);
    expect(providersOfDevice('cpu').map(({ name }) => name)).toEqual(['CPUExecutionProvider']);
    const cuda = providersOfDevice('cuda');
    expect(cuda.map(({ name }) => name)).toEqual(['CUDAExecutionProvider', 'CPUExecutionProvider']);
    expect([deviceOf(cuda), deviceOf([]), deviceOf([{ name: 'Other' }])]).toEqual(['cuda', 'cpu', 'Other']);
  });

  it('take their options to the engine as it spells them', () => {
    const asked = [{ name: 'CUDAExecutionProvider', options: { device_id: 1 } }, { name: 'CPUExecutionProvider' }];
    expect(engineProviders(asked, ['cpu', 'cuda'])).toEqual([{ name: 'cuda', deviceId: 1 }, { name: 'cpu' }]);
  });

  it('that the engine does not have are refused with those that it has', async () => {
    const options = { provider: 'onnx', executionProviders: [{ name: 'QNNExecutionProvider' }] } as const;
    const error = await failure(() => loadTiny('bert-mean', options));
    expect(error).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', data: { device: 'QNNExecutionProvider' } });
    expect(error.message).toMatch(/it has the devices cpu/);
  });

  it('of the processor give its vectors', async () => {
    const executionProviders = [{ name: 'CPUExecutionProvider', options: { use_arena: false } }];
    const asked = await loadTiny('bert-mean', { executionProviders });
    expect(asked.info()).toMatchObject({ device: 'cpu', executionProviders: ['CPUExecutionProvider'] });
    expect(await asked.encode('the river')).toEqual(await (await loadTiny('bert-mean')).encode('the river'));
  });
});

describe('a device', () => {
  it('without a driver is refused by name, in a process that lives on to say so', async () => {
    const { folder } = tinyModel('bert-mean');
    const { code, stderr } = await run(
      ['embed', 'a text', '--model', folder, '--device', 'webgpu', '--provider', 'onnx'],
      { environment: { VK_ICD_FILENAMES: '/nowhere/icd.json' } },
    );
    expect(code).not.toBe(0);
    expect(stderr).toContain('PROVIDER_UNAVAILABLE');
    expect(stderr).toMatch(/webgpu/);
    expect(stderr).toMatch(/isovec doctor/);
  });

  it('is for float32 alone', async () => {
    for (const options of [
      { device: 'webgpu' },
      { executionProviders: [{ name: 'CUDAExecutionProvider' }] },
    ] as const) {
      const error = await failure(() => loadTiny('bert-mean', { dtype: 'int8', ...options }));
      expect(error).toMatchObject({ code: 'CONFIG_INVALID', data: { option: 'device' } });
    }
  });
});
