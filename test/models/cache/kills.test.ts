import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { prepareModel } from '#src/engine/prepare-model.js';
import { pruneCache } from '#src/models/cache/prune-cache.js';
import { obtainModel } from '#src/models/obtain-model.js';
import { expect, it } from 'vitest';

import { run, start } from '../../cli/command-line.js';
import { fixture, namesBelow, temporaryFolder } from '../acquire/acquisition.js';
import { contentOf, hubWithModel, ID, killCount, leftBehind } from './cache-models.js';
import { CacheProcess } from './cache-process.js';

/** The manifest tells when it was made; everything else of a snapshot is the same whenever that was. */
const isManifest = (name: string): boolean => name === 'snapshot.json';
const KILLS = killCount();
const LIMIT = 60_000 + KILLS * 6_000;

/** A process that works on files, and what they look like. */
interface Victim {
  readonly child: ChildProcess;
  /** Names of the files that it works on. */
  readonly names: () => Promise<readonly string[]>;
}

/**
 * Kills processes at moments of chance: half of them at any time of what a run takes when nothing happens, half shortly
 * after they began to write. `afterwards` checks what is left, and makes it as it was. Gives the different states in
 * which the files were when a process was killed.
 */
async function killRepeatedly(begin: () => Victim, afterwards: () => Promise<void>): Promise<ReadonlySet<string>> {
  const started = performance.now();
  await once(begin().child, 'close');
  const duration = performance.now() - started;
  const states = new Set<string>();
  for (let round = 0; round < KILLS; round++) {
    await afterwards();
    const { child, names } = begin();
    const closed = once(child, 'close');
    if (round % 2 === 0) {
      await sleep(duration * (0.2 + 0.7 * Math.random()));
    } else {
      const before = (await names()).join();
      while (child.exitCode === null && (await names()).join() === before) await sleep(1);
      await sleep(duration * 0.1 * Math.random());
    }
    child.kill('SIGKILL');
    await closed;
    const chance = /[0-9a-f]{12,}|\d+-\d+/g;
    if (child.signalCode === 'SIGKILL') states.add((await names()).map((name) => name.replaceAll(chance, '#')).join());
  }
  await afterwards();
  return states;
}

/**
 * Of a process that was killed after its work was whole and before its lock was gone, the lock stays: who finds the work
 * there takes no lock. It hinders nobody, and pruning removes it. Nothing else may be left.
 */
async function expectNothingLeft(cacheRoot: string): Promise<void> {
  const left = await leftBehind(cacheRoot);
  expect(left.filter((name) => !/^locks\/(snapshot|prepared)-[^/]+\.lock$/.test(name))).toEqual([]);
  if (left.length === 0) return;
  const { removed } = await pruneCache(cacheRoot);
  expect(removed.map(({ kind }) => kind)).toEqual(left.map(() => 'lock'));
  expect(await leftBehind(cacheRoot)).toEqual([]);
}

it('a pull that was killed at any moment is completed by the next one', { timeout: LIMIT }, async () => {
  const { options } = await hubWithModel();
  const reference = await temporaryFolder();
  const expected = await contentOf((await obtainModel(ID, { ...options, cacheRoot: reference })).root, isManifest);
  const states = await killRepeatedly(
    () => ({
      child: new CacheProcess({ action: 'pull', id: ID, options }).child,
      names: () => namesBelow(options.cacheRoot),
    }),
    async () => {
      const model = await obtainModel(ID, options);
      await expectNothingLeft(options.cacheRoot);
      expect(await contentOf(model.root, isManifest)).toEqual(expected);
      await rm(options.cacheRoot, { recursive: true });
    },
  );
  expect(states.size).toBeGreaterThan(2);
});

it('a preparation that was killed at any moment is completed by the next one', { timeout: LIMIT }, async () => {
  const model = path.join(await temporaryFolder(), 'model');
  // Its weights must be converted, so that there is something to write.
  await cp(fixture('tiny/bert-bf16'), model, { recursive: true });
  const files = await obtainModel(model, { cacheRoot: await temporaryFolder() });
  const reference = await temporaryFolder();
  await prepareModel(files, reference, undefined);
  const cacheRoot = await temporaryFolder();
  // The graph's own path is in the record, and so in its digest.
  const own = (name: string): boolean => /prepared\.(json|sha256)$/.test(name);
  const expected = await contentOf(path.join(reference, 'prepared'), own);
  expect(Object.keys(expected).some((name) => name.endsWith('graph.onnx'))).toBe(true);
  const states = await killRepeatedly(
    () => ({
      child: new CacheProcess({ action: 'prepare', id: model, options: { cacheRoot } }).child,
      names: () => namesBelow(cacheRoot),
    }),
    async () => {
      await prepareModel(files, cacheRoot, undefined);
      await expectNothingLeft(cacheRoot);
      expect(await contentOf(path.join(cacheRoot, 'prepared'), own)).toEqual(expected);
      await rm(cacheRoot, { recursive: true });
    },
  );
  expect(states.size).toBeGreaterThan(2);
});

it('a conversion that was killed at any moment is completed by the next one', { timeout: LIMIT }, async () => {
  const folder = await temporaryFolder();
  const out = path.join(folder, 'out');
  const args = ['convert', fixture('tiny/bert-mean'), '--out', out, '--external-data', '--force'];
  const environment = { ISOVEC_HOME: path.join(folder, 'cache') };
  const first = await run(args, { environment });
  expect([first.code, first.stderr]).toEqual([0, expect.anything()]);
  const expected = await contentOf(out);
  let round = 0;
  const states = await killRepeatedly(
    () => ({ child: start(args, { environment }), names: () => namesBelow(folder) }),
    async () => {
      // Whole or not there: never half.
      const found = await contentOf(out);
      if (Object.keys(found).length > 0) expect(found).toEqual(expected);
      const next = await run(args, { environment });
      expect([next.code, next.stderr]).toEqual([0, expect.anything()]);
      expect(await contentOf(out)).toEqual(expected);
      expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
      if (round++ % 2 === 0) await rm(out, { recursive: true });
    },
  );
  expect(states.size).toBeGreaterThan(2);
});
