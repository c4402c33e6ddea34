import { createRemoteProvider, type RemoteEmbedder } from '#src/providers/remote/remote-provider.js';
import type { RemoteProviderOptions } from '#src/providers/remote/remote-options.js';
import { describe, expect, it, onTestFinished } from 'vitest';

import { providerContract } from '../../contract/provider-contract.js';
import { expectedOf, failure, loadTiny, numberedTexts } from '../../engine/support/tiny-model.js';
import { type TestServer, testServer } from '../../server/support/running-server.js';

const KINDS = ['openai', 'tei'] as const;

async function remoteOf(
  { url, model }: TestServer,
  kind: (typeof KINDS)[number],
  options: Partial<RemoteProviderOptions> = {},
): Promise<RemoteEmbedder> {
  const base = kind === 'openai' ? `${url}/v1` : `${url}/`;
  const provider = await createRemoteProvider({
    kind,
    url: base,
    model: 'tiny',
    space: model.space,
    truncate: true,
    ...options,
  });
  onTestFinished(() => provider.close());
  return provider;
}

describe.each(KINDS)('isovec as a server of %s', (kind) => {
  it('gives the vectors of the library, bit for bit', async () => {
    const server = await testServer();
    const provider = await remoteOf(server, kind, { limits: { maxTexts: 7 } });
    const texts = [...expectedOf('bert-mean').texts, ...numberedTexts(50)];
    const own = await server.model.encodeBatch(texts);
    const batch = await provider.encodeBatch(texts);
    expect(batch.data).toEqual(own.data);
    expect(await provider.encode(texts[1] ?? '')).toEqual(own.row(1));
    expect(provider.space).toEqual(server.model.space);
  });

  it('is asked with a key, and refuses a wrong one', async () => {
    const server = await testServer({ apiKeys: ['a-right-key'] });
    const provider = await remoteOf(server, kind, { apiKey: 'a-right-key' });
    expect((await provider.encode('a text')).length).toBe(32);
    const error = await failure(() => remoteOf(server, kind, { apiKey: 'a-wrong-key' }));
    expect(error.code).toBe('UNAUTHORIZED');
    expect(JSON.stringify(error)).not.toContain('a-wrong-key');
  });

  it('is asked a few times to be warm, and only where that is wanted', async () => {
    const { model, ...server } = await testServer();
    const provider = await remoteOf({ model, ...server }, kind);
    const probed = model.health().completedTexts;
    await provider.warmUp();
    expect(model.health().completedTexts).toBe(probed + 8);
  });

  it('refuses texts beyond the limit unless they may be cut', async () => {
    const provider = await remoteOf(await testServer(), kind, { truncate: false });
    const long = 'the river '.repeat(60);
    const error = await failure(() => provider.encodeBatch(['a text', long]));
    expect(error.code).toBe('PROVIDER_REJECTED');
    expect(error.message).toContain('32 tokens');
  });
});

it('the limits and the space that a server of TEI tells are heeded', async () => {
  const server = await testServer({ limits: { maxInputs: 3 } });
  const provider = await remoteOf(server, 'tei');
  expect(provider.info()).toMatchObject({ provider: 'remote/tei', maxTexts: 3 });
  expect((await provider.encodeBatch(numberedTexts(10))).count).toBe(10);
  const other = await loadTiny('bert-dense');
  expect((await failure(() => remoteOf(server, 'tei', { space: other.space }))).code).toBe('SPACE_MISMATCH');
  const declared = await remoteOf(server, 'tei', { space: { model: 'tiny', dimensions: 32 } });
  expect(declared.space.fingerprint).not.toBe(server.model.space.fingerprint);
});

it('an unknown model is named', async () => {
  const error = await failure(async () => remoteOf(await testServer(), 'openai', { model: 'absent' }));
  expect(error.code).toBe('PROVIDER_REJECTED');
  expect(error.message).toContain('"absent"');
});

for (const kind of KINDS) {
  providerContract(`remote, ${kind}`, { make: async () => remoteOf(await testServer(), kind) });
}
