import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import { expect, it } from 'vitest';

import { failure, loadTiny, temporaryFolder } from '../engine/support/tiny-model.js';
import { SmallDisk } from '../models/cache/small-disk.js';
import { manyTexts, runJob, textFile } from './support.js';

it.each(['v.npy', 'v.parquet', 'v.jsonl'])(
  'a job onto a full disk says so, keeps what is durable, and is resumed when there is room: %s',
  async (name) => {
    const disk = await SmallDisk.mount();
    // Mounting needs a right that not everybody has; the test of /dev/full runs everywhere.
    if (disk === undefined) return;
    const model = await loadTiny('bert-mean', { threads: 2 });
    const elsewhere = await temporaryFolder();
    const source = await textFile(elsewhere, 'texts.txt', manyTexts(9000));
    const out = path.join(disk.root, name);
    const empty = await disk.used();
    await runJob(model, source, out);
    const need = (await disk.used()) - empty;
    const whole = await readFile(out);
    const resumed = new Set<boolean>();
    for (const pages of [need - 1, need - 2, Math.round(need * 0.7), Math.round(need * 0.3), 3, 1, 0]) {
      for (const left of await readdir(disk.root)) if (left.startsWith(name)) await rm(path.join(disk.root, left));
      await disk.leave(pages);
      const error = await failure(() => runJob(model, source, out, { resume: true }));
      expect([pages, error.code, error.message]).toEqual([pages, 'STORAGE_FULL', expect.stringContaining(disk.root)]);
      expect(await readdir(disk.root)).not.toContain(name);
      await disk.makeRoom();
      const { resumedRows } = await runJob(model, source, out, { resume: true });
      resumed.add(resumedRows > 0);
      expect((await readFile(out)).equals(whole)).toBe(true);
      const left = (await readdir(disk.root)).filter((file) => /\.(part|job|lock)$/.test(file));
      expect(left).toEqual([]);
    }
    expect(resumed).toEqual(new Set([true, false]));
  },
);

it('a folder that cannot be written is refused by its name', async () => {
  const disk = await SmallDisk.mount();
  if (disk === undefined) return;
  const model = await loadTiny('bert-mean');
  const source = await textFile(await temporaryFolder(), 'texts.txt', ['one']);
  await disk.makeReadOnly();
  const error = await failure(() => runJob(model, source, path.join(disk.root, 'v.npy')));
  expect([error.code, error.message]).toEqual(['CONFIG_INVALID', expect.stringContaining(`The folder ${disk.root}`)]);
});
