import { inspect } from 'node:util';

import type { Logger } from '#src/shared/log.js';
import { describe, expect, it } from 'vitest';

import { failure } from '../../engine/support/tiny-model.js';
import { type Behaviour, hostileServer, itemsOf, providerOf, vectorOf } from './support/hostile-server.js';

const TEXTS = ['one text', 'another text', 'a third text'];
const KEY = 'sk-very-secret-key';
const EXPECTED = Float32Array.from(TEXTS.flatMap(vectorOf));

function base64(values: readonly number[]): string {
  return Buffer.from(Float32Array.from(values).buffer).toString('base64');
}

/** Answers with what becomes of the good items. */
const data =
  (change: (items: ReturnType<typeof itemsOf>) => unknown): Behaviour =>
  ({ texts, send }) => {
    send(200, { data: change(itemsOf(texts)) });
  };

const first = (embedding: unknown): Behaviour =>
  data((items) => items.map((item) => (item.index === 0 ? { ...item, embedding } : item)));

describe('answers of a remote server', () => {
  it('are put in order by their indices, and read as numbers or as base64', async () => {
    const server = await hostileServer();
    const provider = await providerOf(server);
    server.misbehave(data((items) => items.toReversed()));
    expect((await provider.encodeBatch(TEXTS)).data).toEqual(EXPECTED);
    server.misbehave(
      data((items) => items.map((item) => ({ ...item, embedding: base64(item.embedding as number[]) }))),
    );
    expect((await provider.encodeBatch(TEXTS)).data).toEqual(EXPECTED);
    expect(server.sizes).toEqual([3]);
  });

  it.each<[string, Behaviour]>([
    ['too few vectors', data((items) => items.slice(1))],
    ['too many vectors', data((items) => [...items, ...items])],
    ['an index twice', data((items) => items.map((item) => ({ ...item, index: 0 })))],
    ['an index beyond the texts', data((items) => items.map((item) => ({ ...item, index: item.index + 1 })))],
    ['no index', data((items) => items.map(({ embedding }) => ({ embedding })))],
    ['another number of dimensions', data((items) => items.map((item) => ({ ...item, embedding: [1, 2, 3] })))],
    ['dimensions that differ', first([1])],
    ['an empty vector', first([])],
    ['a vector that is none', first(null)],
    ['null in a vector', first([1, null, 1, 1])],
    ['NaN in base64', first(base64([1, NaN, 1, 1]))],
    ['a number beyond float32', first([1, 1e300, 1, 1])],
    ['base64 that is none', first('%%%=')],
    ['base64 of half a value', first('AAAA')],
    [
      'no data',
      ({ send }) => {
        send(200, { vectors: [] });
      },
    ],
    [
      'truncated JSON',
      ({ send }) => {
        send(200, '{"data": [{"index": 0, "embedding": [0.1, 0.');
      },
    ],
    [
      'NaN in JSON',
      ({ send }) => {
        send(200, '{"data": [{"index": 0, "embedding": [NaN]}]}');
      },
    ],
    [
      'a page',
      ({ send }) => {
        send(200, '<!doctype html><p>Welcome', { 'content-type': 'text/html' });
      },
    ],
    [
      'bytes that are no UTF-8',
      ({ response }) => {
        response.end(Buffer.from([0x22, 0xff, 0x22]));
      },
    ],
    [
      'more bytes than vectors have',
      ({ send }) => {
        send(200, `"${'a'.repeat(3_000_000)}"`);
      },
    ],
  ])('with %s are refused, and the next call is served', async (_name, behaviour) => {
    const server = await hostileServer();
    const provider = await providerOf(server);
    server.misbehave(behaviour);
    const error = await failure(() => provider.encodeBatch(TEXTS));
    expect(error.code).toBe('PROVIDER_BAD_RESPONSE');
    expect(server.sizes).toEqual([3]);
    server.misbehave(({ behave }) => {
      behave();
    });
    expect((await provider.encodeBatch(TEXTS)).data).toEqual(EXPECTED);
  });
});

describe('statuses of a remote server', () => {
  const refused = async (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const server = await hostileServer();
    const provider = await providerOf(server, { apiKey: KEY });
    server.misbehave(({ send }) => {
      send(status, body, headers);
    });
    const error = await failure(() => provider.encodeBatch(TEXTS));
    expect(server.sizes).toEqual([3]);
    expect(inspect(error)).not.toContain(KEY);
    return { error, server };
  };

  it('400 and 422 tell what the server says, cut, without keys', async () => {
    for (const status of [400, 422]) {
      const { error } = await refused(status, { error: { message: `Bad ${KEY} ${'z'.repeat(900)}` } });
      expect(error).toMatchObject({ code: 'PROVIDER_REJECTED', data: { status } });
      expect(error.message).toContain('Bad [key] zzz');
      expect(error.message.length).toBeLessThan(450);
    }
  });

  it('a message that repeats a text is left out', async () => {
    const { error } = await refused(422, { error: `cannot embed "${TEXTS[1]?.slice(0, 12) ?? ''}" today` });
    expect(error.code).toBe('PROVIDER_REJECTED');
    expect(inspect(error)).not.toMatch(/another|today/);
  });

  it('401 and 403 are UNAUTHORIZED', async () => {
    for (const status of [401, 403]) {
      const { error } = await refused(status, { error: { message: `Incorrect API key ${KEY}` } });
      expect(error).toMatchObject({ code: 'UNAUTHORIZED', data: { status } });
    }
  });

  it('404 names the path and the model', async () => {
    const { error } = await refused(404, 'nothing here');
    expect(error.code).toBe('PROVIDER_REJECTED');
    expect(error.message).toMatch(/\/v1\/embeddings.*"small"/);
  });

  it('redirects are not followed', async () => {
    const target = await hostileServer();
    target.misbehave(({ behave }) => {
      behave();
    });
    for (const status of [301, 302, 307, 308]) {
      const { error } = await refused(status, '', { location: `${target.url}/embeddings?token=abc` });
      expect(error.code).toBe('PROVIDER_REJECTED');
      expect(error.message).toContain(new URL(target.url).origin);
      expect(error.message).not.toContain('abc');
    }
    expect(target.sizes).toEqual([]);
  });

  it('413 splits the batch, down to the text that is too large', async () => {
    const server = await hostileServer();
    const provider = await providerOf(server);
    const texts = Array.from({ length: 11 }, (_, i) => `text ${i}`);
    server.misbehave((exchange) => {
      if (exchange.texts.length > 3) exchange.send(413, { error: 'too many' });
      else exchange.behave();
    });
    expect((await provider.encodeBatch(texts)).data).toEqual(Float32Array.from(texts.flatMap(vectorOf)));
    expect(server.sizes).toEqual([11, 6, 3, 3, 5, 3, 2]);
    server.misbehave((exchange) => {
      if (exchange.texts.includes('text 7')) exchange.send(413, { error: 'too large' });
      else exchange.behave();
    });
    const error = await failure(() => provider.encodeBatch(texts));
    expect(error).toMatchObject({ code: 'PROVIDER_REJECTED', data: { status: 413, index: 7 } });
  });

  it('429 is tried again when the server says, and then answered', async () => {
    const server = await hostileServer();
    const waits: unknown[] = [];
    const logger: Logger = {
      info: () => undefined,
      warn: () => undefined,
      debug: (_message, data) => waits.push(data?.['delayMs']),
    };
    const provider = await providerOf(server, { retries: 1, logger });
    server.misbehave(({ number, send, behave }) => {
      if (number === 0) send(429, { error: 'busy' }, { 'retry-after': '1' });
      else behave();
    });
    expect((await provider.encodeBatch(TEXTS)).data).toEqual(EXPECTED);
    // More than any wait of its own would be.
    expect(waits).toEqual([1000]);
    expect(provider.health()).toMatchObject({ status: 'ok', repeatedRequests: 1 });
  });

  it('429 for ever is OVERLOADED, 503 for ever PROVIDER_UNAVAILABLE, after all retries', async () => {
    const server = await hostileServer();
    const provider = await providerOf(server, { retries: 2 });
    for (const [status, code] of [
      [429, 'OVERLOADED'],
      [503, 'PROVIDER_UNAVAILABLE'],
      [500, 'PROVIDER_UNAVAILABLE'],
    ] as const) {
      server.misbehave(({ send }) => {
        send(status, { error: 'busy' });
      });
      expect(await failure(() => provider.encodeBatch(TEXTS))).toMatchObject({ code, data: { status } });
      expect(server.sizes).toEqual([3, 3, 3]);
      expect(provider.health().status).toBe('degraded');
    }
    server.misbehave(({ behave }) => {
      behave();
    });
    await provider.encodeBatch(TEXTS);
    expect(provider.health().status).toBe('ok');
  });
});
