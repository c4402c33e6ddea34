import { createChain, createProvider, type Logger, type Provider, type ProviderCallOptions } from '#src/index.js';
import { IsovecError } from '#src/shared/isovec-error.js';
import { describe, expect, it, onTestFinished } from 'vitest';

import { providerContract } from '../../contract/provider-contract.js';
import { failure, loadTiny, tinyFolder } from '../../engine/support/tiny-model.js';

/** A real provider whose calls fail as long as it is told so. */
function failing(provider: Provider, fault: { error?: IsovecError }): Provider {
  const check = (): void => {
    if (fault.error !== undefined) throw fault.error;
  };
  return new Proxy(provider, {
    get: (target, key) => {
      if (key === 'encodeBatch') {
        return async (texts: readonly string[], options?: ProviderCallOptions) => {
          check();
          return target.encodeBatch(texts, options);
        };
      }
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

interface Chain {
  readonly chain: Provider;
  readonly faults: readonly { error?: IsovecError }[];
  readonly warnings: string[];
}

async function chainOfTwo(): Promise<Chain> {
  const warnings: string[] = [];
  const logger: Logger = { info: () => undefined, warn: (message) => warnings.push(message) };
  const faults = [{}, {}];
  const members = await Promise.all(faults.map(async (fault) => failing(await loadTiny('bert-mean'), fault)));
  const chain = createChain(members, { logger });
  onTestFinished(() => chain.close());
  return { chain, faults, warnings };
}

const LOST = new IsovecError('WORKER_LOST', 'It was lost.');

providerContract('a chain', {
  make: async () =>
    createProvider({
      kind: 'chain',
      members: [1, 2].map((threads) => ({ kind: 'local' as const, model: tinyFolder('bert-mean'), threads })),
    }),
});

describe('a chain', () => {
  it('asks the next member where the first one is lost, and says who answered and why', async () => {
    const { chain, faults, warnings } = await chainOfTwo();
    const expected = await chain.encode('a text');
    expect(chain.info().attempts).toEqual([]);
    Object.assign(faults[0] ?? {}, { error: LOST });
    const batch = await chain.encodeBatch(['a text']);
    expect([batch.data, batch.answeredBy]).toEqual([expected, 'onnx']);
    expect(chain.info().attempts).toEqual([{ provider: 'onnx', code: 'WORKER_LOST', reason: 'It was lost.' }]);
    expect(chain.health()).toEqual({ status: 'ok', fallbacks: 1 });
    expect(warnings).toEqual(['provider: onnx (cpu): It was lost.']);
  });

  it('leaves a member alone after three errors in a row', async () => {
    const { chain, faults } = await chainOfTwo();
    Object.assign(faults[0] ?? {}, { error: LOST });
    for (let i = 0; i < 3; i++) await chain.encode('a text');
    expect(chain.health().status).toBe('degraded');
    await chain.encode('a text');
    expect(chain.info().attempts[0]?.reason).toContain('left alone');
  });

  it('does not fall back on errors that are the caller’s', async () => {
    const { chain, faults } = await chainOfTwo();
    Object.assign(faults[0] ?? {}, { error: new IsovecError('INPUT_INVALID', 'Bad.') });
    await expect(chain.encode('a text')).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });

  it('fails with every reason if none can answer', async () => {
    const { chain, faults } = await chainOfTwo();
    for (const fault of faults) Object.assign(fault, { error: LOST });
    const error = await failure(() => chain.encode('a text'));
    expect(error).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true });
    expect(error.data['attempts']).toHaveLength(2);
  });

  it('is never made of providers of different spaces', async () => {
    const members = [await loadTiny('bert-mean'), await loadTiny('bert-cls')];
    expect(() => createChain(members)).toThrow(expect.objectContaining({ code: 'SPACE_MISMATCH' }) as Error);
    expect(() => createChain([])).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error);
    const options = ['bert-mean', 'bert-cls'].map((name) => ({ kind: 'local' as const, model: tinyFolder(name) }));
    const making = createProvider({ kind: 'chain', members: options });
    await expect(making).rejects.toMatchObject({ code: 'SPACE_MISMATCH' });
  });
});
