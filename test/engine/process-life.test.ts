import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { loadTiny, temporaryFolder, tinyFolder } from './support/tiny-model.js';
import { childReply, startChild } from './support/run-child.js';

describe('a process', () => {
  it.each(['leave', 'close'] as const)('ends by itself after its work (%s)', async (step) => {
    const reply = await childReply(startChild(step, tinyFolder('bert-mean'), await temporaryFolder()));
    const model = await loadTiny('bert-mean');
    expect(reply.vector).toEqual([...(await model.encode('the river'))]);
  });

  it('ends by itself when a model is closed while its other workers are still starting', async () => {
    const reply = await childReply(startChild('close-early', tinyFolder('bert-mean'), await temporaryFolder()));
    expect(reply.vector).toEqual([]);
  });

  it('ends by itself, with the error it was given, when there is nothing to load', async () => {
    const missing = path.join(await temporaryFolder(), 'missing');
    const reply = await childReply(startChild('leave', missing, await temporaryFolder()));
    expect(reply.code).toBe('MODEL_NOT_FOUND');
  });

  it('leaves nothing outside its cache: the engine collects no usage data', async () => {
    const home = await temporaryFolder();
    await childReply(startChild('close', tinyFolder('bert-mean'), await temporaryFolder(), { home }));
    expect(await readdir(home)).toEqual([]);
  });

  it('keeps denormal numbers on its own thread', async () => {
    const reply = await childReply(startChild('leave', tinyFolder('bert-mean'), await temporaryFolder()));
    expect(reply.floats).toBe(true);
  });
});
