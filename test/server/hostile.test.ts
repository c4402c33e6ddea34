import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, describe, it } from 'vitest';

import { asFloat32 } from './support/as-float32.js';
import { errorOf, type Family } from './support/error-shape.js';
import { chunked, RawConnection, type RawAnswer, rawRequest } from './support/raw-connection.js';
import { type TestServer, testServer } from './support/running-server.js';

const GOOD = rawRequest('/embed', '{"inputs":"the river rose"}');

/** Fifty kilobytes that would become fifty megabytes. */
const BOMB = gzipSync('a'.repeat(50_000_000));

/** That a server gives the vector of the library to somebody new, and to whoever is still connected. */
async function expectSane({ url, model }: TestServer, connection?: RawConnection): Promise<void> {
  const expected = (await model.encodeBatch(['the river rose'])).toArrays();
  const connections = [await RawConnection.open(url), ...(connection === undefined ? [] : [connection])];
  for (const one of connections) {
    await one.write(GOOD);
    const answer = await one.answer();
    expect([answer?.status, JSON.parse(answer?.body ?? 'null', asFloat32)]).toEqual([200, expected]);
  }
}

/** That an answer is an error of the family's shape; gives its message. */
function expectError(answer: RawAnswer | undefined, status: number, family: Family): string {
  expect(answer?.status).toBe(status);
  return errorOf(family, JSON.parse(answer?.body ?? 'null'), answer?.headers.get('content-type')).message;
}

const ROUTES: readonly (readonly [path: string, family: Family, good: object])[] = [
  ['/v1/embeddings', 'openai', { model: 'tiny', input: 'a' }],
  ['/embeddings', 'openai', { model: 'tiny', input: 'a' }],
  ['/v1/rerank', 'openai', { query: 'a', documents: ['b'] }],
  ['/embed', 'native', { texts: ['a'] }],
  ['/embed', 'tei', { inputs: ['a'] }],
  ['/embed_all', 'tei', { inputs: ['a'] }],
  ['/embed_sparse', 'tei', { inputs: ['a'] }],
  ['/similarity', 'native', { a: ['a'] }],
  ['/similarity', 'tei', { inputs: { source_sentence: 'a', sentences: ['b'] } }],
  ['/tokenize', 'tei', { inputs: 'a' }],
  ['/decode', 'tei', { ids: [1] }],
  ['/rerank', 'tei', { query: 'a', texts: ['b'] }],
  ['/predict', 'tei', { inputs: 'a' }],
];

describe('every route refuses in the shape of its family', () => {
  it('what is no JSON, no UTF-8, too deep, of another type, or compressed', async () => {
    const server = await testServer();
    const connection = await RawConnection.open(server.url);
    for (const [path, family] of ROUTES) {
      // Without a body there is nothing by which /embed and /similarity could tell TEI's clients.
      const shape = path === '/embed' || path === '/similarity' ? 'native' : family;
      const refused: readonly (readonly [number, Buffer])[] = [
        [400, rawRequest(path, '{"inputs": ["a"')],
        [400, rawRequest(path, '')],
        [400, rawRequest(path, Buffer.from([0x22, 0xff, 0xfe, 0x22]))],
        [400, rawRequest(path, `{"inputs": ${'['.repeat(200_000)}${']'.repeat(200_000)}}`)],
        [400, rawRequest(path, '{"inputs": ["a"], "__proto__": {"admin": true}}')],
        [415, rawRequest(path, gzipSync('{"inputs": "a"}'), ['content-encoding: gzip'])],
        [415, rawRequest(path, BOMB, ['content-encoding: gzip'])],
      ];
      for (const [status, bytes] of refused) {
        await connection.write(bytes);
        expectError(await connection.answer(), status, shape);
      }
    }
    await expectSane(server, connection);
  });

  it('wrong types and unknown fields, with their path', async () => {
    const { post } = await testServer();
    for (const [path, family, good] of ROUTES) {
      const { status, body, headers } = await post(path, { ...good, surplus: 1 });
      // Cohere's clients send fields that are not read here.
      expect([path, status]).toEqual([path, path === '/v1/rerank' ? 424 : 400]);
      errorOf(family, body, headers.get('content-type'));
      for (const wrong of [null, 5, 'text', [], [[[1]]]]) {
        const answer = await post(path, wrong);
        expect(answer.status).toBe(400);
        errorOf(
          family === 'openai' || !/^.(embed|similarity)$/.test(path) ? family : 'native',
          answer.body,
          answer.headers.get('content-type'),
        );
      }
    }
  });

  it.each<[string, object, Family, string]>([
    ['/v1/embeddings', { model: 'tiny', input: ['a', null] }, 'openai', 'input.1'],
    ['/v1/embeddings', { model: 'tiny', input: [[1], [1, 'a']] }, 'openai', 'input.1.1'],
    ['/v1/embeddings', { model: 'tiny', input: [[1], [2.5]] }, 'openai', 'input.1.0'],
    ['/v1/embeddings', { model: 'tiny', input: [[-1]] }, 'openai', 'input.0.0'],
    ['/v1/embeddings', { model: 'tiny', input: [[]] }, 'openai', 'input.0'],
    ['/v1/embeddings', { model: 'tiny', input: { text: 'a' } }, 'openai', 'input'],
    ['/v1/embeddings', { model: ['tiny'], input: 'a' }, 'openai', 'model'],
    ['/v1/embeddings', { model: 'tiny', input: 'a', dimensions: '8' }, 'openai', 'dimensions'],
    ['/v1/embeddings', { model: 'tiny', input: 'a', dimensions: 1e300 }, 'openai', 'dimensions'],
    ['/v1/embeddings', { model: 'tiny', input: 'a', encoding_format: 'hex' }, 'openai', 'encoding_format'],
    ['/embed', { texts: ['a', { b: 1 }] }, 'native', 'texts.1'],
    ['/embed', { texts: ['a'], dimensions: 0 }, 'native', 'dimensions'],
    ['/embed', { texts: ['a'], dimensions: 33 }, 'native', 'dimensions'],
    ['/embed', { texts: ['a'], normalize: 'yes' }, 'native', 'normalize'],
    ['/embed', { texts: [] }, 'native', 'texts'],
    ['/embed', { texts: ['a'], on_error: 'ignore' }, 'native', 'on_error'],
    ['/similarity', { a: ['a'], b: ['b', 7] }, 'native', 'b.1'],
  ])('%s %j of %s by its path %s', async (path, body, family, param) => {
    const { post } = await testServer();
    const answer = await post(path, body);
    expect(answer.status).toBe(400);
    const error = errorOf(family, answer.body, answer.headers.get('content-type'));
    expect(error.param).toBe(param);
    expect(error.message).toContain(param.split('.')[0]);
  });

  it.each<[string, object, string]>([
    ['/embed', { inputs: ['a', 5] }, 'inputs.1'],
    ['/embed_all', { inputs: { a: 1 } }, 'inputs'],
    ['/tokenize', { inputs: ['a', 5] }, 'inputs.1'],
    ['/decode', { ids: [[1], ['a']] }, 'ids.1.0'],
    ['/similarity', { inputs: { source_sentence: 'a', sentences: ['b', 5] } }, 'inputs.sentences.1'],
    ['/rerank', { query: 'a', texts: ['b', 5] }, 'texts.1'],
  ])('%s %j of TEI, whose message holds the path %s', async (path, body, where) => {
    const { post } = await testServer();
    const answer = await post(path, body);
    expect(answer.status).toBe(400);
    expect(errorOf('tei', answer.body, answer.headers.get('content-type')).message).toContain(`${where}:`);
  });

  it('an unknown model, too many inputs and too many tokens', async () => {
    const { post } = await testServer({ limits: { maxInputs: 3, maxTokens: 20 } });
    const bodies: readonly (readonly [string, Family, object])[] = [
      ['/v1/embeddings', 'openai', { model: 'tiny', input: ['a', 'b', 'c', 'd'] }],
      ['/embed', 'native', { texts: ['a', 'b', 'c', 'd'] }],
      ['/embed', 'tei', { inputs: ['a', 'b', 'c', 'd'] }],
      ['/embed_all', 'tei', { inputs: ['a', 'b', 'c', 'd'] }],
      ['/tokenize', 'tei', { inputs: ['a', 'b', 'c', 'd'] }],
      ['/decode', 'tei', { ids: [[1], [1], [1], [1]] }],
      ['/similarity', 'native', { a: ['a', 'b'], b: ['c', 'd'] }],
    ];
    for (const [path, family, body] of bodies) {
      const answer = await post(path, body);
      expect([path, answer.status]).toEqual([path, family === 'openai' ? 400 : 413]);
      const { message } = errorOf(family, answer.body, answer.headers.get('content-type'));
      expect(message).toMatch(/4 inputs; the limit is 3/);
    }
    for (const [path, family, body] of [
      ['/v1/embeddings', 'openai', { model: 'tiny', input: 'a '.repeat(19) }],
      ['/embed', 'native', { texts: ['a '.repeat(19)] }],
    ] as const) {
      const { body: answer, headers } = await post(path, body);
      expect(errorOf(family, answer, headers.get('content-type')).message).toMatch(/21 tokens; the limit is 20/);
    }
    for (const [path, family] of [
      ['/v1/embeddings', 'openai'],
      ['/embed', 'native'],
      ['/similarity', 'native'],
    ] as const) {
      const answer = await post(path, { model: 'x'.repeat(300), input: 'a', texts: ['a'], a: ['a'] });
      expect(answer.status).toBe(400);
      errorOf(family, answer.body, answer.headers.get('content-type'));
    }
    const unknown = await post('/embed', { model: 'other', texts: ['a'] });
    expect(unknown.status).toBe(404);
    expect(errorOf('native', unknown.body, unknown.headers.get('content-type')).param).toBe('model');
  });

  it('300,001 tokens by default, and takes 300,000', async () => {
    const { post } = await testServer();
    const lists = (total: number): number[][] => {
      const full = Array.from({ length: Math.floor(total / 100) }, () => new Array<number>(100).fill(5));
      return total % 100 === 0 ? full : [...full.slice(0, -1), new Array<number>(100 + (total % 100)).fill(5)];
    };
    const inputs = (total: number): number[][] => {
      const all = lists(total).flat();
      return Array.from({ length: 2000 }, (_, i) => all.slice(i * 150, i === 1999 ? undefined : (i + 1) * 150));
    };
    const more = await post('/v1/embeddings', { model: 'tiny', input: inputs(300_001), truncate: true });
    expect(more.status).toBe(400);
    expect(errorOf('openai', more.body, more.headers.get('content-type')).message).toContain(
      '300001 tokens; the limit is 300000',
    );
    const most = await post('/v1/embeddings', { model: 'tiny', input: inputs(300_000), truncate: true });
    expect([most.status, most.headers.get('x-isovec-tokens')]).toEqual([200, '300000']);
  });

  it('missing and wrong keys', async () => {
    const { post, get } = await testServer({ apiKeys: ['right'] });
    for (const [path, family, good] of ROUTES) {
      const shape = path === '/embed' || path === '/similarity' ? 'native' : family;
      for (const authorization of [undefined, 'Bearer wrong', 'Basic cmlnaHQ=', 'right', 'Bearer  ']) {
        const answer = await post(path, good, authorization === undefined ? {} : { authorization });
        expect(answer.status).toBe(401);
        errorOf(shape, answer.body, answer.headers.get('content-type'));
      }
      const { status } = await post(path, good, { authorization: 'Bearer right' });
      expect([200, 424]).toContain(status);
    }
    for (const path of ['/v1/models', '/v1/models/tiny', '/info', '/metrics', '/nowhere']) {
      const answer = await get(path);
      expect([path, answer.status]).toEqual([path, 401]);
      errorOf(path.startsWith('/v1') ? 'openai' : 'native', answer.body, answer.headers.get('content-type'));
    }
  });

  it('routes and methods that are not there', async () => {
    const { url, get } = await testServer();
    for (const [path, family, method, status, allow] of [
      ['/nowhere', 'native', 'GET', 404, null],
      ['/v1/nowhere', 'openai', 'POST', 404, null],
      ['/v1', 'openai', 'GET', 404, null],
      ['/v1/models/tiny', 'openai', 'DELETE', 405, 'GET, HEAD'],
      ['/embeddings', 'openai', 'PUT', 405, 'POST'],
      ['/rerank', 'tei', 'GET', 405, 'POST'],
      ['/embed', 'native', 'PATCH', 405, 'POST'],
      ['/info', 'native', 'POST', 405, 'GET, HEAD'],
      ['/health', 'native', 'OPTIONS', 405, 'GET, HEAD'],
    ] as const) {
      const answer = await get(path, { method });
      expect([path, answer.status, answer.headers.get('allow')]).toEqual([path, status, allow]);
      errorOf(family, answer.body, answer.headers.get('content-type'));
    }
    for (const [line, status] of [
      ['GET /%zz HTTP/1.1', 400],
      ['QUERY /embed HTTP/1.1', 405],
      ['TRACE /embed HTTP/1.1', 405],
      ['PROPFIND /nowhere HTTP/1.1', 404],
      ['GET http://elsewhere/nowhere HTTP/1.1', 404],
      ['GET //nowhere/../embed HTTP/1.1', 404],
    ] as const) {
      const connection = await RawConnection.open(url);
      await connection.write(`${line}\r\nhost: test\r\n\r\n`);
      expectError(await connection.answer(), status, 'native');
    }
  });
});

describe('of two values for one key', () => {
  it('the last one counts, as everywhere in JavaScript', async () => {
    const server = await testServer();
    const connection = await RawConnection.open(server.url);
    await connection.write(rawRequest('/embed', '{"inputs":"b","inputs":"the river rose"}'));
    const expected = (await server.model.encodeBatch(['the river rose'])).toArrays();
    expect(JSON.parse((await connection.answer())?.body ?? 'null', asFloat32)).toEqual(expected);
  });
});

describe('a body beyond the limit', () => {
  const body = (bytes: number): string => `{"inputs":"${'a'.repeat(bytes - '{"inputs":""}'.length)}"}`;

  it.each([1, 100, 3_000_000])('by %d bytes is refused, and its connection goes on', async (surplus) => {
    const server = await testServer({ limits: { maxBodyBytes: 1000 } });
    for (const framed of [
      (text: string) => rawRequest('/embed_all', text),
      (text: string) => rawRequest('/embed_all', chunked(text), ['transfer-encoding: chunked']),
    ]) {
      const connection = await RawConnection.open(server.url);
      await connection.write(framed(body(1000)));
      expect((await connection.answer())?.status).not.toBe(413);
      await connection.write(framed(body(1000 + surplus)));
      expectError(await connection.answer(), 413, 'tei');
      await expectSane(server, connection);
    }
  });

  it('that never ends is cut off in the time of a request', async () => {
    const server = await testServer({ limits: { maxBodyBytes: 1000, requestTimeout: 300 } });
    const connection = await RawConnection.open(server.url);
    await connection.write(rawRequest('/embed', '', ['transfer-encoding: chunked']));
    const part = Buffer.concat([Buffer.from('400\r\n'), Buffer.alloc(1024, 'a'), Buffer.from('\r\n')]);
    while (!connection.ended) await connection.write(part);
    expectError(await connection.answer(), 413, 'native');
    expect(await connection.answer()).toBeUndefined();
    await expectSane(server);
  });

  it('is refused before it is sent, where a client asks first', async () => {
    const server = await testServer({ limits: { maxBodyBytes: 1000 } });
    const connection = await RawConnection.open(server.url);
    await connection.write(rawRequest('/embed', '', ['expect: 100-continue', 'content-length: 5000']));
    expectError(await connection.answer(), 413, 'native');
    await expectSane(server);
  });
});

describe('a slow sender', () => {
  it('of headers is told so and cut off', async () => {
    const server = await testServer({ limits: { requestTimeout: 300 } });
    const connection = await RawConnection.open(server.url);
    for (const byte of GOOD.toString('latin1')) {
      if (connection.ended) break;
      await connection.write(byte);
      await sleep(15);
    }
    expectError(await connection.answer(), 408, 'native');
    await connection.end();
    await expectSane(server);
  });

  it('of a body is told so in the shape of the route and cut off', async () => {
    const server = await testServer({ limits: { requestTimeout: 300 } });
    for (const framing of ['content-length: 1000', 'transfer-encoding: chunked']) {
      const connection = await RawConnection.open(server.url);
      await connection.write(rawRequest('/v1/embeddings', '', [framing]));
      while (!connection.ended) {
        await connection.write(framing.endsWith('chunked') ? '1\r\n \r\n' : ' ');
        await sleep(15);
      }
      expectError(await connection.answer(), 408, 'openai');
    }
    await expectSane(server);
  });

  it('who is not too slow is answered', async () => {
    const server = await testServer({ limits: { requestTimeout: 60_000 } });
    const connection = await RawConnection.open(server.url);
    for (const byte of GOOD.toString('latin1')) await connection.write(byte);
    expect((await connection.answer())?.status).toBe(200);
  });
});

describe('headers', () => {
  it('too large or too many are 431 in the shape of the route', async () => {
    const server = await testServer();
    for (const [path, family] of [
      ['/v1/embeddings', 'openai'],
      ['/rerank', 'tei'],
      ['/embed', 'native'],
    ] as const) {
      for (const lines of [
        [`x-bomb: ${'a'.repeat(20_000)}`],
        Array.from({ length: 2_000 }, (_, i) => `x-${i}: ${'a'.repeat(20)}`),
        Array.from({ length: 200 }, (_, i) => `x-${i}: a`),
      ]) {
        const connection = await RawConnection.open(server.url);
        await connection.write(rawRequest(path, '{}', lines));
        expectError(await connection.answer(), 431, family);
      }
    }
    const endless = await RawConnection.open(server.url);
    await endless.write('GET /info HTTP/1.1\r\nhost: test\r\n');
    while (!endless.ended) await endless.write(`x-more: ${'a'.repeat(1000)}\r\n`);
    await expectSane(server);
  });

  it('of a caller never end up in an answer unless they are harmless', async () => {
    const server = await testServer();
    const connection = await RawConnection.open(server.url);
    for (const [id, taken] of [
      ['abc-1.2:3_x', true],
      ['<script>', false],
      ['a b', false],
      ['é', false],
      ['a'.repeat(129), false],
    ] as const) {
      await connection.write(rawRequest('/embed', '{"inputs":"a"}', [`x-request-id: ${id}`]));
      const given = (await connection.answer())?.headers.get('x-request-id');
      expect(given === id).toBe(taken);
      expect(given).toMatch(/^[\w.:-]{1,128}$/);
    }
  });

  it.each<[string, readonly string[]]>([
    ['no host', ['POST /embed HTTP/1.1', 'content-length: 0']],
    ['a name with a space', ['POST /embed HTTP/1.1', 'host: test', 'x y: z']],
    ['a byte that is none', ['POST /embed HTTP/1.1', 'host: test', 'x: a\u0000b']],
    ['a line that is none', ['POST /embed HTTP/1.1', 'host: test', 'nothing']],
    ['a length and chunks', ['POST /embed HTTP/1.1', 'host: test', 'content-length: 5', 'transfer-encoding: chunked']],
    ['two lengths', ['POST /embed HTTP/1.1', 'host: test', 'content-length: 5', 'content-length: 6']],
    ['a negative length', ['POST /embed HTTP/1.1', 'host: test', 'content-length: -5']],
    ['a length with a sign', ['POST /embed HTTP/1.1', 'host: test', 'content-length: +5']],
    ['chunks within something else', ['POST /embed HTTP/1.1', 'host: test', 'transfer-encoding: chunked, identity']],
    ['a space before the colon', ['POST /embed HTTP/1.1', 'host: test', 'transfer-encoding : chunked']],
    ['a folded line', ['POST /embed HTTP/1.1', 'host: test', 'x: a', ' transfer-encoding: chunked']],
    ['another protocol', ['POST /embed HTTP/3.7', 'host: test']],
    ['the beginning of HTTP/2', ['PRI * HTTP/2.0', '', 'SM']],
    ['TLS', ['\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003']],
  ])('with %s are refused as a whole, and nothing behind them is run', async (_, lines) => {
    const server = await testServer();
    const connection = await RawConnection.open(server.url);
    const smuggled = '0\r\n\r\nGET /v1/models HTTP/1.1\r\nhost: test\r\n\r\n';
    await connection.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${smuggled}`, 'latin1'));
    expectError(await connection.answer(), 400, 'native');
    const second = await connection.answer();
    if (second !== undefined) expect(second.status).toBe(400);
    await expectSane(server);
  });

  it('with an expectation that cannot be met are refused', async () => {
    const server = await testServer();
    const connection = await RawConnection.open(server.url);
    await connection.write(rawRequest('/embed_all', '{"inputs":"a"}', ['expect: miracles']));
    expectError(await connection.answer(), 417, 'tei');
    await expectSane(server);
  });
});

describe('an unusual client', () => {
  it('that sends many requests at once gets the answers in their order', async () => {
    const server = await testServer();
    const connection = await RawConnection.open(server.url);
    const texts = Array.from({ length: 20 }, (_, i) => `text ${i}`);
    const requests = texts.map((text) => rawRequest('/embed', JSON.stringify({ inputs: text })));
    requests.splice(7, 0, rawRequest('/embed', '{'));
    await connection.write(Buffer.concat(requests));
    const expected = (await server.model.encodeBatch(texts)).toArrays();
    for (const [i, row] of expected.entries()) {
      if (i === 7) expectError(await connection.answer(), 400, 'native');
      expect(JSON.parse((await connection.answer())?.body ?? 'null', asFloat32)).toEqual([row]);
    }
  });

  it('that sends rubbish behind a request gets the answer that it is owed', async () => {
    const server = await testServer();
    const connection = await RawConnection.open(server.url);
    await connection.write(Buffer.concat([GOOD, Buffer.from('\u0000rubbish\r\n\r\n')]));
    expect((await connection.answer())?.status).toBe(200);
    await connection.end();
    await expectSane(server);
  });

  it('that speaks HTTP/1.0 is answered, and the connection ends', async () => {
    const server = await testServer();
    const connection = await RawConnection.open(server.url);
    await connection.write(
      'POST /embed HTTP/1.0\r\ncontent-type: application/json\r\ncontent-length: 14\r\n\r\n{"inputs":"a"}',
    );
    expect((await connection.answer())?.status).toBe(200);
    await connection.end();
  });

  it('that asks before it sends is told to go on', async () => {
    const server = await testServer();
    const connection = await RawConnection.open(server.url);
    const body = '{"inputs":"the river rose"}';
    await connection.write(rawRequest('/embed', '', ['expect: 100-continue', `content-length: ${body.length}`]));
    await connection.write(body);
    expect((await connection.answer())?.status).toBe(200);
    await expectSane(server, connection);
  });

  it('that is gone before its answer costs no more than it has begun', async () => {
    const server = await testServer();
    const texts = new Array<string>(2000).fill('the river rose over the old harbour');
    for (const cut of ['destroy', 'resetAndDestroy'] as const) {
      const connection = await RawConnection.open(server.url);
      await connection.write(rawRequest('/embed', JSON.stringify({ inputs: texts })));
      await sleep(20);
      connection.socket[cut]();
    }
    await expectSane(server);
    await expect.poll(() => server.model.health().pendingTexts).toBe(0);
  });

  it('that is gone in the middle of its request is forgotten', async () => {
    const server = await testServer();
    for (const part of [10, 60, GOOD.length - 3]) {
      const connection = await RawConnection.open(server.url);
      await connection.write(GOOD.subarray(0, part));
      connection.socket.resetAndDestroy();
    }
    await expectSane(server);
  });

  it('that never reads its answers does not hold up others, nor the end of the server', async () => {
    const server = await testServer();
    const connection = await RawConnection.open(server.url);
    connection.socket.pause();
    const texts = new Array<string>(2000).fill('the river rose');
    const big = rawRequest('/embed', JSON.stringify({ inputs: texts }));
    for (let i = 0; i < 8; i++) await connection.write(big);
    await expectSane(server);
    expect(await server.close(60_000)).toBe(true);
  });
});
