import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientDuplexStream, type ClientReadableStream, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { expectedOf, failure } from '../../engine/support/tiny-model.js';
import { callUnary, grpcClient, metadataOf } from '../support/grpc-client.js';
import { testServer } from '../support/running-server.js';

const AKIDB = 'akidb.embedding.v1.EmbeddingService';
const TEXT = 'the river rose over the old harbour';
const vector = z.array(z.number());

function long(words: number): string {
  return Array.from({ length: words }, () => 'river').join(' ');
}

describe('akidb.embedding.v1', () => {
  it("gives the library's vectors, usage and the model", async () => {
    const { grpcAddress, model } = await testServer({ grpcPort: 0 });
    const client = grpcClient(grpcAddress, AKIDB);
    const { texts } = expectedOf('bert-mean');
    const { answer, error, trailers } = await callUnary(client, 'Embed', { texts });
    expect(error).toBeUndefined();
    const { embeddings, ...rest } = z
      .object({ embeddings: z.array(z.object({ values: vector })), model: z.string(), dimension: z.number() })
      .parse(answer);
    expect(rest).toEqual({ model: 'tiny', dimension: model.info().dimensions });
    const expected = (await model.encodeBatch(texts)).toArrays();
    expect(embeddings.map(({ values }) => values)).toEqual(expected.map((row) => Array.from(row)));
    const tokens = (await model.tokens.encode(texts)).texts.reduce(
      (sum, { fullTokenCount }) => sum + fullTokenCount,
      0,
    );
    expect(answer).toMatchObject({ usage: { total_tokens: tokens } });
    expect(trailers.get('x-isovec-tokens')).toEqual([String(tokens)]);
    const info = await callUnary(client, 'GetModelInfo', {});
    expect(info.answer).toEqual({
      model: 'tiny',
      dimension: model.info().dimensions,
      max_tokens: model.info().maxSequenceLength,
    });
  });

  it('knows pooling and normalisation, and refuses another space', async () => {
    const { grpcAddress, post } = await testServer({ grpcPort: 0 });
    const client = grpcClient(grpcAddress, AKIDB);
    const raw = await callUnary(client, 'Embed', { texts: [TEXT], pooling: 'mean', normalize: false });
    const overHttp = await post('/embed', { texts: [TEXT], normalize: false });
    const { embeddings } = z.object({ embeddings: z.array(vector) }).parse(overHttp.body);
    expect(raw.answer).toMatchObject({ embeddings: [{ values: embeddings[0] }] });
    const other = await callUnary(client, 'Embed', { texts: [TEXT], pooling: 'cls' });
    expect(other.error).toMatchObject({ code: status.INVALID_ARGUMENT });
    expect(other.error?.details).toContain('pooling');
  });

  it('keeps what it says of a refusal within what clients take, without half a character', async () => {
    const { grpcAddress } = await testServer({ grpcPort: 0 });
    const client = grpcClient(grpcAddress, AKIDB);
    for (const pooling of [
      '\u{1f600}'.repeat(9000),
      `-${'\u{1f600}'.repeat(9000)}`,
      '\u6cb3'.repeat(9000),
      'a'.repeat(9000),
    ]) {
      const { error } = await callUnary(client, 'Embed', { texts: ['a'], pooling });
      expect(error?.code).toBe(status.INVALID_ARGUMENT);
      expect(error?.details.startsWith(`pooling is "${pooling.slice(0, 20)}`)).toBe(true);
      expect(encodeURI(error?.details ?? '').length).toBeLessThanOrEqual(3000);
    }
  });

  it.each<[string, object, number, string]>([
    ['no text', { texts: [] }, status.INVALID_ARGUMENT, 'INPUT_INVALID'],
    ['too many texts', { texts: ['a', 'b', 'c', 'd'] }, status.INVALID_ARGUMENT, 'BATCH_TOO_LARGE'],
    ['another model', { texts: ['a'], model: 'gpt-4' }, status.NOT_FOUND, 'MODEL_NOT_FOUND'],
    ['too many tokens', { texts: [long(400)] }, status.INVALID_ARGUMENT, 'BATCH_TOO_LARGE'],
  ])('refuses %s by the error table', async (_, request, code, own) => {
    const { grpcAddress } = await testServer({ grpcPort: 0, limits: { maxInputs: 3, maxTokens: 300 } });
    const { error, answer } = await callUnary(grpcClient(grpcAddress, AKIDB), 'Embed', request);
    expect([answer, error?.code, error?.metadata.get('isovec-code')]).toEqual([undefined, code, [own]]);
  });
});

describe('tei.v1', () => {
  it('embeds as the library does, with the sides, prompts and dimensions of TEI', async () => {
    const { grpcAddress, post } = await testServer({ grpcPort: 0 });
    const client = grpcClient(grpcAddress, 'tei.v1.Embed');
    const cases: readonly (readonly [object, object])[] = [
      [{ inputs: TEXT }, { inputs: TEXT }],
      [
        { inputs: long(90), truncate: true, truncation_direction: 'TRUNCATION_DIRECTION_LEFT' },
        { inputs: long(90), truncate: true, truncation_direction: 'Left' },
      ],
      [
        { inputs: TEXT, normalize: false, dimensions: 8 },
        { inputs: TEXT, normalize: false, dimensions: 8 },
      ],
      [
        { inputs: TEXT, normalize: true, dimensions: 8 },
        { inputs: TEXT, dimensions: 8 },
      ],
    ];
    for (const [request, overHttp] of cases) {
      const { answer, error } = await callUnary(client, 'Embed', request);
      expect(error).toBeUndefined();
      const [expected] = z.array(vector).parse((await post('/embed', overHttp)).body);
      expect(answer).toMatchObject({ embeddings: expected });
    }
    const { answer } = await callUnary(client, 'Embed', { inputs: `${TEXT} 😀` });
    const { metadata } = z.object({ metadata: z.record(z.string(), z.coerce.number()) }).parse(answer);
    expect(metadata['compute_chars']).toBe(TEXT.length + 2);
    expect(metadata['compute_tokens']).toBeGreaterThan(2);
    expect(metadata['inference_time_ns']).toBeGreaterThan(0);
    expect(metadata['total_time_ns']).toBeGreaterThanOrEqual(metadata['inference_time_ns'] ?? Infinity);
  });

  it.each<[string, object]>([
    ['a text that is too long and may not be cut', { inputs: long(900) }],
    ['no dimensions', { inputs: 'a', dimensions: 0 }],
    ['too many dimensions', { inputs: 'a', dimensions: 5000 }],
    ['an unknown prompt', { inputs: 'a', prompt_name: 'none' }],
  ])('refuses %s', async (_, request) => {
    const { grpcAddress } = await testServer({ grpcPort: 0 });
    const { error } = await callUnary(grpcClient(grpcAddress, 'tei.v1.Embed'), 'Embed', request);
    expect(error?.code).toBe(status.INVALID_ARGUMENT);
  });

  it('gives hidden states, tokens, texts of tokens and information, as HTTP does', async () => {
    const { grpcAddress, get, post, model } = await testServer({ grpcPort: 0 });
    const all = await callUnary(grpcClient(grpcAddress, 'tei.v1.Embed'), 'EmbedAll', { inputs: TEXT });
    const [states] = z.array(z.array(vector)).parse((await post('/embed_all', { inputs: TEXT })).body);
    expect(all.answer).toMatchObject({ token_embeddings: states?.map((embeddings) => ({ embeddings })) });

    const tokenizer = grpcClient(grpcAddress, 'tei.v1.Tokenize');
    const { answer } = await callUnary(tokenizer, 'Tokenize', { inputs: TEXT, add_special_tokens: true });
    const { tokens } = z.object({ tokens: z.array(z.object({ id: z.number() }).loose()) }).parse(answer);
    expect(tokens.map(({ id }) => id)).toEqual([...((await model.tokens.encode([TEXT])).texts[0]?.ids ?? [])]);
    expect(tokens[0]).toMatchObject({ special: true, text: '[CLS]' });
    expect(tokens[1]).toMatchObject({ special: false, start: 0, stop: 3 });
    const decoded = await callUnary(tokenizer, 'Decode', {
      ids: tokens.map(({ id }) => id),
      skip_special_tokens: true,
    });
    expect(decoded.answer).toEqual({ text: TEXT });
    expect((await callUnary(tokenizer, 'Decode', { ids: [4_000_000] })).error?.code).toBe(status.INVALID_ARGUMENT);

    const info = await callUnary(grpcClient(grpcAddress, 'tei.v1.Info'), 'Info', {});
    const overHttp = z.looseObject({}).parse((await get('/info')).body);
    expect(info.answer).toMatchObject({
      model_id: overHttp['model_id'],
      version: overHttp['version'],
      max_input_length: overHttp['max_input_length'],
      max_client_batch_size: overHttp['max_client_batch_size'],
      model_type: 'MODEL_TYPE_EMBEDDING',
    });
  });

  it('says what kind of model other methods need', async () => {
    const { grpcAddress } = await testServer({ grpcPort: 0 });
    const calls: readonly (readonly [service: string, method: string, request: object])[] = [
      ['tei.v1.Embed', 'EmbedSparse', { inputs: 'a' }],
      ['tei.v1.Rerank', 'Rerank', { query: 'a', texts: ['b'] }],
      ['tei.v1.Predict', 'Predict', { inputs: 'a' }],
      ['tei.v1.Predict', 'PredictPair', { inputs: ['a', 'b'] }],
    ];
    for (const [service, method, request] of calls) {
      const { error } = await callUnary(grpcClient(grpcAddress, service), method, request);
      expect(error).toMatchObject({ code: status.UNIMPLEMENTED });
      expect(error?.details).toMatch(/needs a (sparse encoder|reranker|classifier); tiny gives sentence embeddings/);
    }
  });
});

type Stream = ClientDuplexStream<object, { readonly embeddings: readonly number[] }>;

function openStream(address: string, method = 'EmbedStream'): Stream {
  return grpcClient(address, 'tei.v1.Embed')[method]?.(metadataOf()) as Stream;
}

describe('a stream', () => {
  it('answers ten thousand texts in their order', { timeout: 120_000 }, async () => {
    const { grpcAddress, model } = await testServer({ grpcPort: 0 }, { threads: 2 });
    const texts = Array.from({ length: 10_000 }, (_, at) => `${long(at % 11)} ${at}`);
    const stream = openStream(grpcAddress);
    const sending = (async () => {
      for (const inputs of texts) if (!stream.write({ inputs, truncate: true })) await once(stream, 'drain');
      stream.end();
    })();
    const answers: (readonly number[])[] = [];
    for await (const { embeddings } of stream as AsyncIterable<{ embeddings: readonly number[] }>) {
      answers.push(embeddings);
    }
    await sending;
    const expected = (await model.encodeBatch(texts)).toArrays();
    expect(answers.length).toBe(texts.length);
    expect(answers.every((answer, at) => answer.every((value, i) => value === expected[at]?.[i]))).toBe(true);
  });

  it('answers a client that waits before it sends the next', async () => {
    const { grpcAddress, model } = await testServer({ grpcPort: 0 });
    const stream = openStream(grpcAddress);
    for (const text of ['first', 'second', 'third']) {
      stream.write({ inputs: text });
      const [answer] = (await once(stream, 'data')) as [{ embeddings: number[] }];
      const [expected] = (await model.encodeBatch([text])).toArrays();
      expect(answer.embeddings).toEqual(Array.from(expected ?? []));
    }
    stream.end();
    stream.resume();
    await once(stream, 'end');
  });

  it('gives what came before a bad text, and ends with its error', async () => {
    const { grpcAddress } = await testServer({ grpcPort: 0 });
    const stream = openStream(grpcAddress);
    for (const inputs of ['one', 'two', long(900), 'four']) stream.write({ inputs });
    stream.end();
    let answers = 0;
    stream.on('data', () => answers++);
    const [error] = (await once(stream, 'error')) as [{ code: number; details: string }];
    expect([answers, error.code]).toEqual([2, status.INVALID_ARGUMENT]);
    expect(error.details).toContain('maximum context length');
  });

  it('of another kind of model is refused', async () => {
    const { grpcAddress } = await testServer({ grpcPort: 0 });
    const stream = openStream(grpcAddress, 'EmbedSparseStream');
    stream.write({ inputs: 'a' });
    stream.end();
    stream.resume();
    expect((await once(stream, 'error'))[0]).toMatchObject({ code: status.UNIMPLEMENTED });
  });

  it('that is cancelled takes its waiting texts out of the queue', async () => {
    const { grpcAddress, model } = await testServer({ grpcPort: 0 });
    const stream = openStream(grpcAddress);
    stream.on('error', () => undefined);
    for (let at = 0; at < 2000; at++) stream.write({ inputs: `${TEXT} ${at}` });
    await once(stream, 'data');
    stream.cancel();
    while (model.health().pendingTexts > 0) await sleep(5);
    expect((await callUnary(grpcClient(grpcAddress, 'tei.v1.Embed'), 'Embed', { inputs: TEXT })).error).toBeUndefined();
  });
});

describe('calls', () => {
  it('end at their deadline', async () => {
    const { grpcAddress, model } = await testServer({ grpcPort: 0 });
    const client = grpcClient(grpcAddress, AKIDB);
    await callUnary(client, 'GetModelInfo', {});
    const texts = new Array<string>(2000).fill(TEXT);
    const { error } = await callUnary(client, 'Embed', { texts }, { deadline: Date.now() + 30 });
    expect(error?.code).toBe(status.DEADLINE_EXCEEDED);
    while (model.health().pendingTexts > 0) await sleep(5);
  });

  it('need a key where there are keys; health does not', async () => {
    const { grpcAddress } = await testServer({ grpcPort: 0, apiKeys: ['the-key'] });
    const client = grpcClient(grpcAddress, AKIDB);
    const call = async (metadata: Record<string, string>) =>
      (await callUnary(client, 'Embed', { texts: [TEXT] }, { metadata })).error?.code;
    expect(await call({})).toBe(status.UNAUTHENTICATED);
    expect(await call({ authorization: 'Bearer another' })).toBe(status.UNAUTHENTICATED);
    expect(await call({ authorization: 'Bearer the-key' })).toBeUndefined();
    expect(await call({ 'x-api-key': 'the-key' })).toBeUndefined();
    const stream = openStream(grpcAddress);
    stream.resume();
    expect((await once(stream, 'error'))[0]).toMatchObject({ code: status.UNAUTHENTICATED });
  });

  it('beyond the limits of a message or of the queue are RESOURCE_EXHAUSTED, with the time to come back', async () => {
    const { grpcAddress } = await testServer(
      { grpcPort: 0, limits: { maxBodyBytes: 50_000 } },
      { maxPendingTokens: 500 },
    );
    const client = grpcClient(grpcAddress, AKIDB);
    const large = await callUnary(client, 'Embed', { texts: ['a'.repeat(60_000)] });
    expect(large.error?.code).toBe(status.RESOURCE_EXHAUSTED);
    const texts = new Array<string>(1000).fill(TEXT);
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => callUnary(client, 'Embed', { texts })));
    const refused = outcomes.filter(({ error }) => error !== undefined);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(6);
    for (const { error } of refused) {
      expect(error?.code).toBe(status.RESOURCE_EXHAUSTED);
      expect(Number(error?.metadata.get('grpc-retry-pushback-ms')[0])).toBeGreaterThan(0);
    }
    expect((await callUnary(client, 'Embed', { texts: [TEXT] })).error).toBeUndefined();
  });

  it('of unknown methods are UNIMPLEMENTED, and frames that are none do not end the server', async () => {
    const { grpcAddress } = await testServer({ grpcPort: 0 });
    const client = grpcClient(grpcAddress, AKIDB);
    const call = (path: string, bytes: Buffer): Promise<number | undefined> =>
      new Promise((resolve) => {
        const identity = (value: Buffer): Buffer => value;
        client.makeUnaryRequest(path, identity, identity, bytes, (error) => {
          resolve(error?.code);
        });
      });
    expect(await call('/tei.v1.Embed/None', Buffer.alloc(0))).toBe(status.UNIMPLEMENTED);
    const damaged = {
      'longer than its message': [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f],
      'a length that never ends': [0x0a, 0x80],
      'not UTF-8': [0x0a, 0x02, 0xff, 0xfe],
      'half a surrogate pair': [0x0a, 0x03, 0xed, 0xa0, 0x80],
      'a number in place of a string': [0x08, 0x01],
      'a group without an end': [0x0b],
    };
    for (const [what, bytes] of Object.entries(damaged)) {
      expect([what, await call(`/${AKIDB}/Embed`, Buffer.from(bytes))]).toEqual([what, status.INTERNAL]);
    }
    // What a later version of the contract may have is passed over.
    expect(await call(`/${AKIDB}/Embed`, Buffer.from([0x0a, 0x01, 0x61, 0xa0, 0x06, 0x01]))).toBeUndefined();
    expect((await callUnary(client, 'Embed', { texts: [TEXT] })).error).toBeUndefined();
  });
});

describe('a server over gRPC', () => {
  it('tells its health, to watchers too, and ends when its calls are answered', async () => {
    const { grpcAddress, close } = await testServer({ grpcPort: 0 });
    const health = grpcClient(grpcAddress, 'grpc.health.v1.Health');
    for (const service of ['', AKIDB, 'tei.v1.Embed']) {
      expect((await callUnary(health, 'Check', { service })).answer).toEqual({ status: 'SERVING' });
    }
    expect((await callUnary(health, 'Check', { service: 'none' })).error?.code).toBe(status.NOT_FOUND);
    const watch = health['Watch']?.({ service: '' }) as ClientReadableStream<{ status: string }>;
    watch.on('error', () => undefined);
    const states: string[] = [];
    watch.on('data', (state: { status: string }) => states.push(state.status));
    await once(watch, 'data');
    const open = callUnary(grpcClient(grpcAddress, AKIDB), 'Embed', { texts: new Array<string>(500).fill(TEXT) });
    await sleep(30);
    const closed = close(20_000);
    expect((await open).error).toBeUndefined();
    expect(await closed).toBe(true);
    expect(states).toEqual(['SERVING', 'NOT_SERVING']);
  });

  it('describes its services by reflection', async () => {
    const { grpcAddress } = await testServer({ grpcPort: 0 });
    for (const version of ['v1', 'v1alpha']) {
      const reflection = grpcClient(grpcAddress, `grpc.reflection.${version}.ServerReflection`);
      const stream = reflection['ServerReflectionInfo']?.() as ClientDuplexStream<object, Record<string, unknown>>;
      stream.write({ list_services: '' });
      const [listed] = (await once(stream, 'data')) as [{ list_services_response: { service: { name: string }[] } }];
      const names = listed.list_services_response.service.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining([AKIDB, 'tei.v1.Embed', 'tei.v1.Rerank', 'tei.v1.Tokenize']));
      stream.write({ file_containing_symbol: 'tei.v1.EmbedRequest' });
      const [file] = (await once(stream, 'data')) as [
        { file_descriptor_response: { file_descriptor_proto: Buffer[] } },
      ];
      const bytes = Buffer.concat(file.file_descriptor_response.file_descriptor_proto);
      expect(bytes.includes('truncation_direction')).toBe(true);
      stream.end();
      stream.resume();
      await once(stream, 'end');
    }
  });

  it('says which address it cannot have, and leaves nothing behind', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = z.object({ port: z.number() }).parse(taken.address());
    const error = await failure(() => testServer({ grpcPort: port }));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain(`127.0.0.1:${port}`);
    taken.close();
  });
});
