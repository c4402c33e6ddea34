import { isSameSpace, loadModel, type LoadOptions, type Logger } from '#src/index.js';
import { describe, expect, it, onTestFinished } from 'vitest';

import { failure, loadTiny, temporaryFolder, tinyFolder } from '../engine/support/tiny-model.js';
import { fakeBridge, wellBehaved } from './python/support/fake-bridge.js';

const GOOD = `
  if (m.method === 'tokenize') answer({ token_ids: m.params.texts.map(() => [1, 5, 2]), full_counts: m.params.texts.map(() => 3) });`;
const EMBED = 'answer({ vectors: vectors(m.rows, 32) });';

interface Heard {
  readonly logger: Logger;
  readonly infos: string[];
  readonly warnings: string[];
}

function listener(): Heard {
  const infos: string[] = [];
  const warnings: string[] = [];
  const logger: Logger = { info: (message) => infos.push(message), warn: (message) => warnings.push(message) };
  return { logger, infos, warnings };
}

/** A child that makes tokens, too. */
async function python(): Promise<string> {
  return fakeBridge(wellBehaved(EMBED).replace('else answer({});', `else { ${GOOD} }`));
}

describe('a model that this process cannot run', () => {
  it('goes to Python, and the caller is told by the logger and by info', async () => {
    const { logger, infos, warnings } = listener();
    const model = await loadModel(tinyFolder('distilbert'), { python: await python(), logger });
    onTestFinished(() => model.close());
    expect((await model.encodeBatch(['a', 'b'])).count).toBe(2);
    const { provider, device, attempts, conversion } = model.info();
    expect([provider, device, conversion]).toEqual(['python/echo', 'cpu', undefined]);
    expect(attempts).toMatchObject([{ provider: 'onnx', code: 'ARCHITECTURE_UNSUPPORTED' }]);
    expect(attempts[0]?.reason).toContain('distilbert');
    expect(warnings[0]).toMatch(
      /^onnx cannot run this model \(ARCHITECTURE_UNSUPPORTED: .*distilbert.*python is tried\.$/,
    );
    expect(infos[0]).toBe('provider: python/echo (cpu): it was asked for');
  });

  it('fails without Python, and says what is missing and how to get it', async () => {
    const error = await failure(() => loadModel(tinyFolder('distilbert'), { python: '/nowhere/python' }));
    expect(error.code).toBe('ARCHITECTURE_UNSUPPORTED');
    expect(error.message).toMatch(/distilbert.*no Python at \/nowhere\/python.*isovec bridge install/);
    expect(error.data['attempts']).toMatchObject([
      { provider: 'onnx', code: 'ARCHITECTURE_UNSUPPORTED' },
      { provider: 'python', code: 'PACKAGE_MISSING' },
    ]);
  });

  it('fails where the path of Python is none', async () => {
    const python = `${tinyFolder('distilbert')}/config.json/python`;
    const error = await failure(() => loadModel(tinyFolder('distilbert'), { provider: 'python/echo', python }));
    expect(error.code).toBe('PROVIDER_UNAVAILABLE');
    expect(error.message).toContain(`Python cannot be started at ${python}`);
  });

  it.each([
    ['this process is asked for alone', { provider: 'onnx' }],
    ['int8 is asked for', { dtype: 'int8' }],
  ] as const)('does not go there where %s', async (_name, options: LoadOptions) => {
    const { logger, warnings } = listener();
    const loading = failure(async () =>
      loadModel(tinyFolder('distilbert'), { ...options, logger, python: await python() }),
    );
    expect((await loading).code).toBe('ARCHITECTURE_UNSUPPORTED');
    expect(warnings).toEqual([]);
  });

  it('goes nowhere for an error that another provider would meet too', async () => {
    const error = await failure(async () =>
      loadModel(tinyFolder('bert-mean'), { python: await python(), calibration: 'nothing' }),
    );
    expect(error.code).toBe('CONFIG_INVALID');
  });
});

describe('a model that Python runs although this process could', () => {
  it('has the space of this process, but for the backend whose vectors mean nothing', async () => {
    const torch = await python();
    const here = await loadTiny('bert-mean');
    const there = await loadModel(tinyFolder('bert-mean'), {
      provider: 'python/torch',
      python: torch,
      cache: await temporaryFolder(),
    });
    onTestFinished(() => there.close());
    expect(isSameSpace(here.space, there.space)).toBe(true);
    const echo = await loadModel(tinyFolder('bert-mean'), { provider: 'python/echo', python: torch });
    onTestFinished(() => echo.close());
    expect(isSameSpace(here.space, echo.space)).toBe(false);
  });

  it('is refused in int8', async () => {
    const error = await failure(() => loadTiny('bert-mean', { provider: 'python', dtype: 'int8' }));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', data: { option: 'provider' } });
  });

  it('has a device of this process, or one of Python', async () => {
    const options = { device: 'mps', python: '/nowhere/python' } as const;
    const error = await failure(() => loadTiny('bert-mean', options));
    expect(error.code).toBe('PROVIDER_UNAVAILABLE');
    expect(error.message).toMatch(/mps is not there in this process.*no Python/);
  });
});
