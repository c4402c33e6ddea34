import { readdir, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { loadModel } from '#src/index.js';
import { listFolderFiles } from '#src/models/folder-files.js';
import { neededFiles } from '#src/models/sources/folder-source.js';
import { describe, expect, it } from 'vitest';

import { carriedSnapshot } from '../../scripts/image/carried-snapshot.js';
import type { ImageEntry } from '../../scripts/image/image-entry.js';
import { writeEntries } from '../../scripts/image/write-stage.js';
import { failure, temporaryFolder, tinyFolder } from '../engine/support/tiny-model.js';

const ID = 'org/tiny';
const REVISION = '0123456789abcdef0123456789abcdef01234567';

/** The entries of a carried model, made ready in a cache of their own. */
async function carriedEntries(dtype: 'float32' | 'int8', place: string): Promise<readonly ImageEntry[]> {
  const files = { ...(await neededFiles(await listFolderFiles(tinyFolder('bert-mean')))), id: ID, revision: REVISION };
  const source = { id: ID, revision: REVISION, origin: 'hub', from: 'nowhere' } as const;
  return carriedSnapshot({ files, source, dtype, cacheRoot: await temporaryFolder(), place });
}

/** A cache at another place than the one in which the model was made ready. */
async function carriedCache(dtype: 'float32' | 'int8'): Promise<string> {
  const root = await temporaryFolder();
  writeEntries(root, await carriedEntries(dtype, '/cache'));
  return path.join(root, 'cache');
}

async function embed(id: string, cache: string, dtype: 'float32' | 'int8'): Promise<Float32Array> {
  // Eight bits a weight, whatever processor this is.
  const int8 = dtype === 'int8' ? ({ weightBits: 8 } as const) : {};
  const model = await loadModel(id, { cache, dtype, ...int8, offline: true, threads: 1 });
  try {
    return await model.encode('the river');
  } finally {
    await model.close();
  }
}

describe('a snapshot that carries its prepared form', () => {
  it.each(['float32', 'int8'] as const)(
    'gives the vectors of the model as %s, and nothing is written',
    async (dtype) => {
      const cache = await carriedCache(dtype);
      const own = await embed(tinyFolder('bert-mean'), await temporaryFolder(), dtype);
      expect(await embed(ID, cache, dtype)).toEqual(own);
      expect((await readdir(cache)).filter((name) => name !== 'leases')).toEqual(['refs', 'snapshots']);
    },
  );

  it('says what is there when another form is asked for', async () => {
    const cache = await carriedCache('float32');
    const error = await failure(() => embed(ID, cache, 'int8'));
    expect(error.code).toBe('MODEL_FILE_MISSING');
    expect(error.message).toMatch(/ready to run as float32, and is asked for as int8 calibrated \d /);
  });

  it('is refused when its graph is not the one that was made', async () => {
    const cache = await carriedCache('float32');
    const folder = path.join(cache, 'snapshots/org--tiny', REVISION, 'prepared/float32');
    const graph = path.join(folder, 'graph.onnx');
    await writeFile(graph, new Uint8Array((await stat(graph)).size));
    const error = await failure(() => embed(ID, cache, 'float32'));
    expect([error.code, error.message]).toEqual([
      'MODEL_FILE_MISSING',
      expect.stringContaining('a damaged copy of float32'),
    ]);
    await truncate(graph, 10);
    expect((await failure(() => embed(ID, cache, 'float32'))).message).toContain('is damaged');
  });

  it('has the same bytes whenever and wherever it is made', async () => {
    const made = async (): Promise<unknown> => {
      const entries = await carriedEntries('float32', '/cache');
      return entries.map(({ path: place, content }) => [
        place,
        content.kind === 'bytes' ? content.value : content.kind,
      ]);
    };
    expect(await made()).toEqual(await made());
  });
});
