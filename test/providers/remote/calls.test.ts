import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';

import type { LogData } from '#src/shared/log.js';
import { describe, expect, it } from 'vitest';

import { failure } from '../../engine/support/tiny-model.js';
import { type Exchange, hostileServer, providerOf, vectorOf } from './support/hostile-server.js';

const TEXTS = ['one text', 'another text', 'a third text'];
const EXPECTED = Float32Array.from(TEXTS.flatMap(vectorOf));
const MANY = Array.from({ length: 40 }, (_, i) => `text ${i}`);

/** Takes a request and never answers; resolves when its connection is closed. */
function hanging(): {
  readonly behaviour: (exchange: Exchange) => void;
  readonly asked: Promise<void>;
  readonly left: Promise<void>;
} {
  let isAsked: () => void = () => undefined;
  let isLeft: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  const left = new Promise<void>((resolve) => {
    isLeft = resolve;
  });
  const behaviour = ({ response }: Exchange): void => {
    response.on('close', isLeft);
    isAsked();
  };
  return { behaviour, asked, left };
}

describe('a call of a remote provider', () => {
  it('asks in batches of the limits, so many at once, and puts the vectors in order', async () => {
    const server = await hostileServer();
    const provider = await providerOf(server, { limits: { maxTexts: 7, concurrency: 3 } });
    const open: Exchange[] = [];
    let answered = 0;
    let most = 0;
    const before = provider.health().requests;
    server.misbehave((exchange) => {
      open.push(exchange);
      // As the provider counts: a request beyond the places may not have come yet.
      most = Math.max(most, provider.health().requests - before - answered);
      // The last to come is answered first, once all places are taken or nothing else will come.
      while (open.length === 3 || (exchange.number === 5 && open.length > 0)) {
        answered++;
        open.pop()?.behave();
      }
    });
    const batch = await provider.encodeBatch(MANY);
    expect(batch.data).toEqual(Float32Array.from(MANY.flatMap(vectorOf)));
    expect(batch).not.toHaveProperty('tokens');
    expect(server.sizes.toSorted((a, b) => b - a)).toEqual([7, 7, 7, 7, 7, 5]);
    expect(most).toBe(3);
    expect(provider.health().usedTokens).toBeGreaterThanOrEqual(120);
  });

  it('keeps to the places when calls overlap, and lets urgent ones go first', async () => {
    const server = await hostileServer();
    const provider = await providerOf(server, { limits: { maxTexts: 1, concurrency: 1 } });
    const seen: string[] = [];
    server.misbehave(({ texts, behave }) => {
      seen.push(...texts);
      setImmediate(behave);
    });
    await Promise.all([
      provider.encode('first', { priority: 'low' }),
      provider.encode('bulk', { priority: 'low' }),
      provider.encode('usual'),
      provider.encode('urgent', { priority: 'high' }),
    ]);
    expect(seen).toEqual(['first', 'urgent', 'usual', 'bulk']);
  });

  it('is cancelled while the server works, which sees the connection close', async () => {
    const server = await hostileServer();
    const provider = await providerOf(server);
    const { behaviour, asked, left } = hanging();
    server.misbehave(behaviour);
    const controller = new AbortController();
    const call = failure(() => provider.encodeBatch(TEXTS, { signal: controller.signal }));
    await asked;
    controller.abort();
    expect((await call).code).toBe('ABORTED');
    await left;
    expect(server.sizes).toEqual([3]);
  });

  it('ends at its deadline while the server works, or says nothing', async () => {
    const server = await hostileServer();
    const provider = await providerOf(server, { retries: 9 });
    server.misbehave(hanging().behaviour);
    const error = await failure(() => provider.encodeBatch(TEXTS, { deadline: Date.now() + 60 }));
    expect(error.code).toBe('DEADLINE_EXCEEDED');
  });

  it('does not wait where the next try would come after the deadline', async () => {
    const server = await hostileServer();
    const provider = await providerOf(server, { retries: 9 });
    for (const [headers, deadline] of [
      [{ 'retry-after': '30' }, Date.now() + 20_000],
      [{ 'retry-after': '86400' }, undefined],
    ] as const) {
      server.misbehave(({ send }) => {
        send(503, {}, headers);
      });
      const options = deadline === undefined ? {} : { deadline };
      expect((await failure(() => provider.encodeBatch(TEXTS, options))).code).toBe('PROVIDER_UNAVAILABLE');
      expect(server.sizes).toEqual([3]);
    }
  });

  it('is cancelled, and closed, while it waits for the next try', async () => {
    const server = await hostileServer();
    const provider = await providerOf(server, { retries: 9 });
    for (const code of ['ABORTED', 'CLOSED']) {
      const controller = new AbortController();
      const asked = new Promise<void>((resolve) => {
        server.misbehave(({ send, response }) => {
          response.on('finish', resolve);
          send(429, {}, { 'retry-after': '50' });
        });
      });
      const call = failure(() => provider.encodeBatch(TEXTS, { signal: controller.signal }));
      await asked;
      if (code === 'ABORTED') controller.abort();
      else await provider.close();
      expect((await call).code).toBe(code);
    }
  });

  it.each<[string, (exchange: Exchange) => void]>([
    [
      'resets the connection',
      ({ request }) => {
        request.socket.resetAndDestroy();
      },
    ],
    [
      'cuts its answer',
      ({ request, response }) => {
        response.writeHead(200, { 'content-length': '5000' });
        response.write('{"data": [');
        setImmediate(() => {
          request.socket.destroy();
        });
      },
    ],
  ])('tries again where the server %s, and fails after all retries', async (_name, behaviour) => {
    const server = await hostileServer();
    const provider = await providerOf(server, { retries: 1 });
    server.misbehave((exchange) => {
      if (exchange.number === 0) behaviour(exchange);
      else exchange.behave();
    });
    expect((await provider.encodeBatch(TEXTS)).data).toEqual(EXPECTED);
    server.misbehave(behaviour);
    const error = await failure(() => provider.encodeBatch(TEXTS));
    expect(error.code).toBe('PROVIDER_UNAVAILABLE');
    expect(error.message).toContain(`${new URL(server.url).origin} could not be reached after 2 requests`);
  });

  it.each<[string, (exchange: Exchange) => void]>([
    ['hangs', () => undefined],
    [
      'drips',
      ({ response }) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 5);
        response.on('close', () => {
          clearInterval(timer);
        });
      },
    ],
  ])('gives a request up where the server %s, and tries again', async (_name, behaviour) => {
    const server = await hostileServer();
    server.misbehave(behaviour);
    // Each of these requests is to take too long, so that the time may be short on any machine.
    const error = await failure(() => providerOf(server, { retries: 1, requestTimeout: 100 }));
    expect(error.code).toBe('PROVIDER_UNAVAILABLE');
    expect(error.message).toContain(`${new URL(server.url).origin} could not be reached after 2 requests`);
    expect(error.message).toContain('no answer within 0.1 s');
    server.misbehave((exchange) => {
      if (exchange.number === 0) behaviour(exchange);
      else exchange.behave();
    });
    // A good answer is far quicker than this; one that is not is asked for again.
    const provider = await providerOf(server, { retries: 9, requestTimeout: 1000 });
    expect((await provider.encodeBatch(TEXTS)).data).toEqual(EXPECTED);
    expect(provider.health().repeatedRequests).toBeGreaterThanOrEqual(1);
  });

  it('fails as a whole, and ends its other requests', async () => {
    const server = await hostileServer();
    const provider = await providerOf(server, { limits: { maxTexts: 10, concurrency: 4 } });
    const { behaviour, asked, left } = hanging();
    server.misbehave((exchange) => {
      // Not before another has come: one that is ended on its way is never seen to leave.
      if (exchange.texts.includes('text 35'))
        void asked.then(() => {
          exchange.send(400, {});
        });
      else behaviour(exchange);
    });
    expect((await failure(() => provider.encodeBatch(MANY))).code).toBe('PROVIDER_REJECTED');
    await left;
  });
});

describe('a key', () => {
  const KEY = 'sk-very-secret-key';

  it('is sent, and shown nowhere', async () => {
    const server = await hostileServer();
    const log: [string, LogData | undefined][] = [];
    const note = (message: string, data?: LogData): void => {
      log.push([message, data]);
    };
    const provider = await providerOf(server, {
      apiKey: KEY,
      headers: { 'x-tenant': 'tenant-secret' },
      url: server.url.replace('//', '//user:pass-secret@').concat('?code=query-secret'),
      retries: 1,
      logger: { info: note, warn: note, debug: note },
    });
    expect(server.headers[0]).toMatchObject({ authorization: `Bearer ${KEY}`, 'x-tenant': 'tenant-secret' });
    server.misbehave(({ send }) => {
      send(503, { error: `${KEY} tenant-secret pass-secret query-secret` });
    });
    const error = await failure(() => provider.encodeBatch(TEXTS));
    expect(error.message).toContain('It says: [key] [key] [key] [key]');
    expect(log.length).toBe(2);
    const shown = inspect([error, log, provider, provider.info(), provider.health()], { depth: 9, showHidden: true });
    expect(shown).not.toMatch(/secret/);
  });

  it('may be a name and a password of the address', async () => {
    const server = await hostileServer();
    await providerOf(server, { url: server.url.replace('//', '//user:p%40ss@') });
    expect(server.headers[0]?.authorization).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`);
  });

  it('that no header can carry is refused without being told', async () => {
    const error = await failure(() => providerOf({ url: 'http://127.0.0.1:9' }, { apiKey: 'secret\nkey' }));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', data: { option: 'apiKey' } });
    expect(inspect(error)).not.toContain('secret');
  });
});

it('a server that cannot be reached is named without credentials', async () => {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  for (const kind of ['openai', 'tei'] as const) {
    const error = await failure(() => providerOf({ url: `http://user:secret@127.0.0.1:${port}/v1` }, { kind }));
    expect(error).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', data: { reason: 'ECONNREFUSED' } });
    expect(error.message).toContain(`http://127.0.0.1:${port} could not be reached`);
    expect(inspect(error)).not.toContain('secret');
  }
});
