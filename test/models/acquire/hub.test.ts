import { writeFileSync } from 'node:fs';
import { lstat, readFile, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';

import { obtainModel, type ObtainOptions } from '#src/models/obtain-model.js';
import type { Progress } from '#src/shared/progress.js';
import { parseModelId } from '#src/models/model-id.js';
import { hubSource } from '#src/models/sources/hub-source.js';
import { silentLogger } from '#src/shared/log.js';
import { describe, expect, it, onTestFinished } from 'vitest';

import { closedEndpoint, failure, fixtureFiles, namesBelow, temporaryFolder } from './acquisition.js';
import { FakeHub, type Behaviour } from './fake-hub.js';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const ID = 'org/tiny';

async function hubWith(
  fixture = 'tiny/bert-dense',
  extra: Readonly<Record<string, string>> = {},
): Promise<{ hub: FakeHub; options: ObtainOptions; files: Map<string, Uint8Array> }> {
  const hub = await FakeHub.start();
  const files = await fixtureFiles(fixture);
  for (const [name, text] of Object.entries(extra)) files.set(name, Buffer.from(text));
  hub.repositories.set(ID, { commit: COMMIT, files });
  return { hub, files, options: { cacheRoot: await temporaryFolder(), hubEndpoint: hub.endpoint } };
}

describe('a model of the hub', () => {
  it('is fetched once, byte for byte, as real files, and found offline by its branch', async () => {
    const { hub, options, files } = await hubWith();
    const progress: Progress[] = [];
    const model = await obtainModel(ID, { ...options, onProgress: (step) => progress.push(step) });
    expect(model).toMatchObject({ id: ID, revision: COMMIT, origin: 'hub' });
    expect(model.files.size).toBeGreaterThan(8);
    for (const file of model.files.values()) {
      expect((await lstat(file.path)).isFile()).toBe(true);
      expect(await readFile(file.path)).toEqual(files.get(file.name));
      expect(file.size).toBe(files.get(file.name)?.byteLength);
    }
    const weights = files.get('model.safetensors')?.byteLength;
    expect(progress.findLast((step) => step.subject === 'model.safetensors')).toEqual({
      phase: 'download',
      subject: 'model.safetensors',
      done: weights,
      total: weights,
      unit: 'bytes',
    });
    await hub.stop();
    for (const id of [ID, `${ID}@main`, `${ID}@${COMMIT}`]) {
      expect(await obtainModel(id, { ...options, offline: true })).toEqual(model);
    }
  });

  it('asks for bytes of the pinned commit only', async () => {
    const { hub, options } = await hubWith();
    await obtainModel(ID, options);
    expect(hub.requests[0]?.path).toBe(`/api/models/${ID}/revision/main`);
    const later = hub.requests.slice(1);
    expect(later.length).toBeGreaterThan(0);
    expect(later.every((request) => request.path.includes(COMMIT))).toBe(true);
  });

  it('comes with what is needed and nothing else', async () => {
    const { options } = await hubWith('tiny/bert-dense', {
      'pytorch_model.bin': 'pickle',
      'pytorch_model.bin.index.json': '{}',
      'tf_model.h5': 'h5',
      'model.fp16.safetensors': 'variant',
      'model-00001-of-00002.safetensors': 'shard',
      'model.safetensors.index.json': '{}',
      'onnx/model.onnx': 'onnx',
      'onnx/config.json': '{}',
      'openvino/openvino_model.xml': 'xml',
      'README.md': 'text',
      '.gitattributes': 'text',
      '9_Other/config.json': '{}',
      'vocab.txt': 'words',
    });
    const model = await obtainModel(ID, options);
    const names = [...model.files.keys()].filter((name) => name !== 'expected.json');
    expect(names).toEqual([
      '1_Pooling/config.json',
      '2_Dense/config.json',
      '2_Dense/model.safetensors',
      '3_Dense/config.json',
      '3_Dense/model.safetensors',
      ...(model.files.has('4_Normalize/config.json') ? ['4_Normalize/config.json'] : []),
      'config.json',
      'config_sentence_transformers.json',
      'model.safetensors',
      'modules.json',
      'sentence_bert_config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'vocab.txt',
    ]);
  });

  it('comes with every shard that its index names', async () => {
    const { options } = await hubWith('tiny/bert-sharded');
    const model = await obtainModel(ID, options);
    const weights = [...model.files.keys()].filter((name) => name.includes('safetensors'));
    expect(weights).toEqual([
      'model-00001-of-00004.safetensors',
      'model-00002-of-00004.safetensors',
      'model-00003-of-00004.safetensors',
      'model-00004-of-00004.safetensors',
      'model.safetensors.index.json',
    ]);
  });

  it('is found offline by the name that was asked for, where the hub has renamed it', async () => {
    const { hub, options, files } = await hubWith();
    hub.repositories.set('old-name', { commit: COMMIT, files, canonical: ID });
    const model = await obtainModel('old-name', options);
    expect(model.id).toBe(ID);
    expect(await obtainModel('old-name', { ...options, offline: true })).toEqual(model);
    expect(await obtainModel(ID, { ...options, offline: true })).toEqual(model);
  });

  it('is continued where a cut connection ended', async () => {
    const { hub, options, files } = await hubWith();
    hub.plan.set('model.safetensors', [
      { kind: 'cut', after: 50_000 },
      { kind: 'cut', after: 40_000 },
    ]);
    const model = await obtainModel(ID, options);
    expect(await readFile(model.files.get('model.safetensors')?.path ?? '')).toEqual(files.get('model.safetensors'));
    const ranges = hub.fileRequests('model.safetensors').map((request) => request.range);
    expect(ranges).toEqual([undefined, 'bytes=50000-', 'bytes=90000-']);
  });

  it('starts again where the server cannot begin in the middle', async () => {
    const { hub, options, files } = await hubWith();
    hub.plan.set('model.safetensors', [{ kind: 'cut', after: 50_000 }, { kind: 'ignore-range' }]);
    const model = await obtainModel(ID, options);
    expect(await readFile(model.files.get('model.safetensors')?.path ?? '')).toEqual(files.get('model.safetensors'));
  });

  it('starts again where the bytes of an interrupted attempt were damaged', async () => {
    const { hub, options, files } = await hubWith();
    const wrong = Buffer.alloc(files.get('model.safetensors')?.byteLength ?? 0, 7);
    hub.plan.set('model.safetensors', [{ kind: 'bytes', bytes: wrong.subarray(0, 50_000) }]);
    const model = await obtainModel(ID, options);
    expect(await readFile(model.files.get('model.safetensors')?.path ?? '')).toEqual(files.get('model.safetensors'));
  });

  it('survives a hub that is out of order for a moment', async () => {
    const { hub, options } = await hubWith();
    hub.plan.set('model.safetensors', [{ kind: 'status', status: 503 }]);
    hub.plan.set('tokenizer.json', [{ kind: 'status', status: 429 }]);
    expect((await obtainModel(ID, options)).files.has('model.safetensors')).toBe(true);
  });

  it.each([
    ['weights', 'model.safetensors'],
    ['a small file', 'tokenizer.json'],
    ['a file that is read first', 'modules.json'],
  ])('is refused with wrong bytes in %s, and nothing of it is visible', async (_, name) => {
    const { hub, options, files } = await hubWith();
    const good = files.get(name);
    const wrong = Buffer.from(good ?? []);
    // A space more or less leaves JSON as it was: only the digest tells.
    wrong.writeUInt8(wrong.readUInt8(wrong.length - 1) ^ 1, wrong.length - 1);
    if (name === 'modules.json')
      hub.plan.set(name, [{ kind: 'bytes', bytes: jsonWithSpace(good ?? new Uint8Array()) }]);
    else hub.plan.set(name, [{ kind: 'bytes', bytes: wrong }]);
    const error = await failure(obtainModel(ID, options));
    expect(error.code).toBe('DIGEST_MISMATCH');
    expect(error.data).toMatchObject({ file: name });
    expect(error.message).toContain(name);
    expect(error.message).toMatch(/expected (sha256|git) [0-9a-f]+, .* found/);
    expect(await namesBelow(path.join(options.cacheRoot, 'snapshots'))).toEqual([]);
    expect((await namesBelow(path.join(options.cacheRoot, 'partial'))).length).toBe(0);
    expect((await obtainModel(ID, options)).files.has(name)).toBe(true);
  });

  it('is refused when a file goes on after its end', async () => {
    const { hub, options, files } = await hubWith();
    const longer = Buffer.concat([files.get('model.safetensors') ?? Buffer.alloc(0), Buffer.alloc(10)]);
    hub.plan.set('model.safetensors', [{ kind: 'bytes', bytes: longer }]);
    expect((await failure(obtainModel(ID, options))).code).toBe('DIGEST_MISMATCH');
  });

  it('is refused when a file is shorter than listed, whether ranges work or not', async () => {
    const { hub, options, files } = await hubWith();
    const shorter: Behaviour = {
      kind: 'bytes',
      bytes: (files.get('model.safetensors') ?? new Uint8Array()).slice(0, 9_000),
    };
    hub.plan.set('model.safetensors', [shorter, shorter, shorter]);
    const error = await failure(obtainModel(ID, options));
    expect(error.code).toBe('DIGEST_MISMATCH');
    expect(error.message).toContain('found 9000 bytes');
  });

  it('is given up, with what was received kept, when the connection is cut again and again', async () => {
    const { hub, options } = await hubWith();
    const cut: Behaviour = { kind: 'cut', after: 0 };
    hub.plan.set('model.safetensors', [{ kind: 'cut', after: 30_000 }, cut, cut, cut, cut, cut]);
    const error = await failure(obtainModel(ID, options));
    expect(error.code).toBe('SOURCE_UNREACHABLE');
    hub.plan.clear();
    await obtainModel(ID, options);
    expect(hub.fileRequests('model.safetensors').at(-1)?.range).toBe('bytes=30000-');
  });

  it('leaves no partial model when it is cancelled, and goes on from there later', async () => {
    const { hub, options } = await hubWith();
    hub.plan.set('model.safetensors', [{ kind: 'hold', after: 60_000 }]);
    const held = hub.whenHeld();
    const controller = new AbortController();
    let received = 0;
    const arrived = new Promise<void>((resolve) => {
      const pulled = obtainModel(ID, {
        ...options,
        signal: controller.signal,
        onProgress: ({ subject, done }) => {
          if (subject !== 'model.safetensors') return;
          received = done;
          if (done === 60_000) resolve();
        },
      });
      void failure(pulled).then((error) => {
        outcome.push(error.code);
      });
    });
    const outcome: string[] = [];
    await Promise.all([held, arrived]);
    expect(received).toBe(60_000);
    controller.abort(new Error('enough'));
    await expect.poll(() => outcome, { timeout: 10_000 }).toEqual(['ABORTED']);
    expect(await namesBelow(path.join(options.cacheRoot, 'snapshots'))).toEqual([]);
    expect(await namesBelow(path.join(options.cacheRoot, 'tmp'))).toEqual([]);
    expect(await namesBelow(path.join(options.cacheRoot, 'locks'))).toEqual([]);
    await obtainModel(ID, options);
    expect(hub.fileRequests('model.safetensors').at(-1)?.range).toBe('bytes=60000-');
  });

  it('does not begin under a signal that has fired', async () => {
    const { hub, options } = await hubWith();
    expect((await failure(obtainModel(ID, { ...options, signal: AbortSignal.abort() }))).code).toBe('ABORTED');
    expect(hub.requests).toEqual([]);
  });

  it('is given up, with what was tried, when nothing listens at the address', async () => {
    const hubEndpoint = await closedEndpoint();
    const error = await failure(obtainModel(ID, { cacheRoot: await temporaryFolder(), hubEndpoint }));
    expect(error.code).toBe('SOURCE_UNREACHABLE');
    expect(error.message).toContain('ECONNREFUSED');
    expect(error.data['attempts']).toMatchObject([
      { source: 'own cache', code: 'MODEL_NOT_FOUND' },
      { source: `hub ${hubEndpoint}`, code: 'SOURCE_UNREACHABLE' },
    ]);
  });

  it('is given up when the hub accepts the connection and says nothing', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const source = hubSource({ endpoint: `http://127.0.0.1:${port ?? 0}`, token: undefined, firstAnswerMs: 200 });
    const options = { entry: undefined, logger: silentLogger, signal: undefined, onBytes: () => undefined };
    const error = await failure(source.locate(parseModelId(ID), options));
    expect(error.code).toBe('SOURCE_UNREACHABLE');
    expect(error.message).toContain('no answer within 0.2 s');
  });

  it.each([
    [401, 'SOURCE_FORBIDDEN'],
    [403, 'SOURCE_FORBIDDEN'],
    [404, 'MODEL_NOT_FOUND'],
    [500, 'SOURCE_UNREACHABLE'],
  ])('maps status %i of the hub to %s, and never shows the token', async (status, code) => {
    const { hub, options } = await hubWith();
    hub.metadataStatus = status;
    const error = await failure(obtainModel(ID, { ...options, hubToken: 'hf_secret' }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(`HTTP ${status}`);
    expect(JSON.stringify(error)).not.toContain('hf_secret');
    expect(hub.requests[0]?.authorization).toBe('Bearer hf_secret');
  });

  it('says so where the revision rather than the model does not exist', async () => {
    const { options } = await hubWith();
    const error = await failure(obtainModel(`${ID}@v9`, options));
    expect(error.code).toBe('MODEL_NOT_FOUND');
    expect(error.message).toContain(`that revision of ${ID}@v9`);
  });

  it('recognises a page that is no hub', async () => {
    const hub = await FakeHub.start();
    hub.metadataStatus = 200;
    const error = await failure(obtainModel(ID, { cacheRoot: await temporaryFolder(), hubEndpoint: hub.endpoint }));
    expect(error.code).toBe('SOURCE_UNREACHABLE');
    expect(error.message).toContain('no model hub');
  });

  it('sends the token to the hub, and not to where the hub redirects', async () => {
    const { hub, options, files } = await hubWith();
    const other = await FakeHub.start();
    other.repositories.set(ID, { commit: COMMIT, files });
    hub.redirectTo = other.endpoint;
    await obtainModel(ID, { ...options, hubToken: 'any-token' });
    expect(hub.requests.every((request) => request.authorization === 'Bearer any-token')).toBe(true);
    expect(other.requests.length).toBeGreaterThan(5);
    expect(other.requests.every((request) => request.authorization === undefined)).toBe(true);
  });

  it.each(['ftp://x', 'not an address', 'https://user:secret@host'])('refuses the endpoint %s', async (hubEndpoint) => {
    const error = await failure(obtainModel(ID, { cacheRoot: await temporaryFolder(), hubEndpoint }));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).not.toContain('secret');
  });

  it('with pickled weights only is refused before any weight is fetched', async () => {
    const { hub, options } = await hubWith('hostile/pickle-only');
    const error = await failure(obtainModel(ID, options));
    expect(error.code).toBe('FORMAT_INVALID');
    expect(error.message).toMatch(/pytorch_model\.bin.*pickle.*safe_serialization/is);
    expect(hub.fileRequests('pytorch_model.bin')).toEqual([]);
  });

  it('refuses a listing whose names leave the model', async () => {
    const { options } = await hubWith('hostile/00-good', { 'folder\\evil.json': '{}' });
    const error = await failure(obtainModel(ID, options));
    expect(error.code).toBe('FORMAT_INVALID');
    expect(error.message).toContain('evil.json');
  });

  it('points to a folder of the same name', async () => {
    const hubEndpoint = await closedEndpoint();
    const error = await failure(obtainModel('test/fixtures', { cacheRoot: await temporaryFolder(), hubEndpoint }));
    expect(error.message).toContain('./test/fixtures');
  });
});

describe('the cache of a model of the hub', () => {
  it('is repaired when a file was cut', async () => {
    const { hub, options, files } = await hubWith();
    const model = await obtainModel(ID, options);
    const weights = model.files.get('model.safetensors')?.path ?? '';
    writeFileSync(weights, 'short');
    const warnings: string[] = [];
    const logger = { info: () => undefined, warn: (message: string) => warnings.push(message) };
    const offline = await failure(obtainModel(ID, { ...options, offline: true }));
    expect(offline.code).toBe('DIGEST_MISMATCH');
    await obtainModel(ID, { ...options, logger });
    expect(await readFile(weights)).toEqual(files.get('model.safetensors'));
    expect(warnings.join('\n')).toContain('model.safetensors');
    expect(hub.fileRequests('model.safetensors').length).toBe(2);
  });

  it('is repaired when bytes were changed and it is asked to verify', async () => {
    const { options, files } = await hubWith();
    const model = await obtainModel(ID, options);
    const weights = model.files.get('model.safetensors')?.path ?? '';
    writeFileSync(weights, Buffer.alloc((await stat(weights)).size));
    await obtainModel(ID, { ...options, verify: true });
    expect(await readFile(weights)).toEqual(files.get('model.safetensors'));
  });

  it('is repaired when a file was removed', async () => {
    const { options } = await hubWith();
    const model = await obtainModel(ID, options);
    writeFileSync(path.join(model.root, 'snapshot.json'), '{ broken');
    expect((await failure(obtainModel(ID, { ...options, offline: true }))).code).toBe('FORMAT_INVALID');
    expect((await obtainModel(ID, options)).files.size).toBe(model.files.size);
  });

  it('fetches content that another commit already brought only once', async () => {
    const { hub, options, files } = await hubWith();
    await obtainModel(ID, options);
    const other = 'f'.repeat(40);
    hub.repositories.set('org/copy', { commit: other, files });
    const model = await obtainModel('org/copy', options);
    expect(model.files.get('model.safetensors')?.size).toBe(files.get('model.safetensors')?.byteLength);
    expect(hub.requests.filter(({ path: at }) => at.startsWith('/org/copy/') && at.endsWith('l.safetensors'))).toEqual(
      [],
    );
  });
});

function jsonWithSpace(bytes: Uint8Array): Uint8Array {
  // Same length and meaning, other bytes: the first line break becomes a space.
  const text = Buffer.from(bytes).toString('utf8');
  return Buffer.from(text.replace('\n', ' '));
}
