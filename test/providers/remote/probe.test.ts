import type { RemoteProviderOptions } from '#src/providers/remote/remote-options.js';
import { describe, expect, it } from 'vitest';

import { failure } from '../../engine/support/tiny-model.js';
import { type Behaviour, DIMENSIONS, hostileServer, providerOf, vectorOf } from './support/hostile-server.js';

const SPACE = { model: 'small', dimensions: DIMENSIONS };

/** Answers each text with a vector. */
const vectors =
  (make: (text: string, number: number) => readonly number[]): Behaviour =>
  ({ texts, number, send }) => {
    send(200, { data: texts.map((text, index) => ({ index, embedding: make(text, number) })) });
  };

async function start(behaviour: Behaviour, options: Partial<RemoteProviderOptions> = {}) {
  const server = await hostileServer();
  server.misbehave(behaviour);
  return failure(() => providerOf(server, options));
}

describe('the probe of a remote server', () => {
  it('refuses vectors of other dimensions and names both', async () => {
    const error = await start(
      vectors((text) => vectorOf(text)),
      { space: { model: 'small', dimensions: 3 } },
    );
    expect(error).toMatchObject({ code: 'SPACE_MISMATCH', data: { dimensions: DIMENSIONS, expected: 3 } });
    expect(error.message).toMatch(/4 dimensions.* 3\./);
  });

  it('refuses vectors that are not normalised where the space is', async () => {
    const doubled = vectors((text) => vectorOf(text).map((value) => 2 * value));
    expect((await start(doubled)).code).toBe('SPACE_MISMATCH');
    const server = await hostileServer();
    server.misbehave(doubled);
    const provider = await providerOf(server, { space: { ...SPACE, normalized: false, similarity: 'dot' } });
    expect(await provider.encode('a text')).toEqual(Float32Array.from(vectorOf('a text').map((value) => 2 * value)));
  });

  it.each<[string, Behaviour]>([
    ['zeros', vectors(() => [0, 0, 0, 0])],
    ['one vector for all texts', vectors(() => vectorOf('always'))],
    [
      'a text another vector each time',
      vectors((text, number) => vectorOf(text).map((_value, i, all) => all[(i + number) % DIMENSIONS] ?? 0)),
    ],
    [
      'texts the vectors of their neighbours',
      ({ texts, send }) => {
        send(200, {
          data: texts.map((_text, index) => ({ index, embedding: vectorOf(texts[texts.length - 1 - index] ?? '') })),
        });
      },
    ],
  ])('refuses a server that gives %s', async (_name, behaviour) => {
    expect((await start(behaviour)).code).toBe('PROVIDER_BAD_RESPONSE');
  });

  it('holds references to their vectors, with the figure', async () => {
    const good = vectors((text) => vectorOf(text));
    const references = ['a text', 'b'].map((text) => ({ text, vector: vectorOf(text) }));
    const server = await hostileServer();
    server.misbehave(good);
    const provider = await providerOf(server, { references, limits: { maxTexts: 1 } });
    expect(provider.info()).toMatchObject({ id: 'small', provider: 'remote/openai', device: 'remote', maxTexts: 1 });
    const wrong = [...references, { text: 'c', vector: [0, 0, 0, 1] }];
    const error = await start(good, { references: wrong });
    expect(error).toMatchObject({ code: 'SPACE_MISMATCH', data: { index: 2 } });
    expect(error.message).toContain(Number(error.data['cosine']).toFixed(6));
  });

  it('is cancelled', async () => {
    const controller = new AbortController();
    const abort: Behaviour = () => {
      controller.abort();
    };
    const error = await start(abort, { signal: controller.signal });
    expect(error.code).toBe('ABORTED');
  });
});

describe('options of a remote provider', () => {
  it.each<[string, object]>([
    ['kind', { kind: 'other' }],
    ['url', { url: 'localhost' }],
    ['url', { url: 'ftp://localhost/v1' }],
    ['url', { url: 'http://a:%ff@localhost/v1' }],
    ['space', { space: null }],
    ['space', { space: { fingerprint: 'a' } }],
    ['model', { space: { ...SPACE, model: '' } }],
    ['model', { model: '' }],
    ['dimensions', { space: { ...SPACE, dimensions: 0 } }],
    ['dimensions', { dimensions: 3 }],
    ['similarity', { space: { ...SPACE, similarity: 'angle' } }],
    ['normalized', { space: { ...SPACE, normalized: 1 } }],
    ['limits.maxTexts', { limits: { maxTexts: 0 } }],
    ['limits.maxCharacters', { limits: { maxCharacters: 1.5 } }],
    ['limits.concurrency', { limits: { concurrency: 0 } }],
    ['retries', { retries: -1 }],
    ['requestTimeout', { requestTimeout: 300_001 }],
    ['headers', { headers: { 'not a name': 'value' } }],
    ['references', { references: [{ text: 'a', vector: [1] }] }],
  ])('%s is checked: %j', async (option, options) => {
    const error = await failure(() => providerOf({ url: 'http://127.0.0.1:9/v1' }, options));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', data: { option } });
  });

  it('are checked at every call', async () => {
    const provider = await providerOf(await hostileServer());
    for (const options of [{ priority: 'now' }, { deadline: NaN }, { signal: {} }, { prompt: 'a' }]) {
      const error = await failure(() => provider.encode('a', options as object));
      expect(error.code).toBe('CONFIG_INVALID');
    }
  });
});
