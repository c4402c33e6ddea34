import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import { parseJsonObject } from '../../formats/json/parse-json.js';
import { ConfigFields } from '../model-config/config-fields.js';
import { isCommit } from '../model-id.js';
import type { CacheLayout } from './cache-layout.js';
import { writeFileDurably } from './durable-files.js';

/** The branch that an id without a revision means; every repository of the hub has it. */
export const DEFAULT_REVISION: string = 'main';

/** Which snapshot a name stood for when it was fetched. */
export interface SnapshotRef {
  /** The id that was asked for. */
  readonly id: string;
  /** The branch, tag or commit that was asked for. */
  readonly name: string;
  /** The repository's canonical id. */
  readonly targetId: string;
  /** Revision of the snapshot. */
  readonly target: string;
}

/** The snapshot that a revision of an id stands for here, if it was fetched before. */
export async function readRef(layout: CacheLayout, id: string, name: string): Promise<SnapshotRef | undefined> {
  const ref = await readRefFile(layout.ref(id, name));
  // File systems that ignore case give the file of another name.
  if (ref?.id === id && ref.name === name) return ref;
  return isCommit(name) ? { id, name, targetId: id, target: name } : undefined;
}

/**
 * Records what a name stands for, so that it is found again without any source. A commit stands for itself; that
 * somebody asked for it tells its snapshot from one that a branch has left behind.
 */
export async function writeRef(layout: CacheLayout, ref: SnapshotRef): Promise<void> {
  await writeFileDurably(layout.ref(ref.id, ref.name), `${JSON.stringify(ref)}\n`, layout.temporaryFolder());
}

/** Every name that stands for a snapshot. */
export async function listRefs(layout: CacheLayout): Promise<readonly SnapshotRef[]> {
  const refs: SnapshotRef[] = [];
  for (const folder of await readdir(layout.refs).catch(() => [])) {
    for (const file of await readdir(path.join(layout.refs, folder)).catch(() => [])) {
      const ref = file.endsWith('.json') ? await readRefFile(path.join(layout.refs, folder, file)) : undefined;
      if (ref !== undefined) refs.push(ref);
    }
  }
  return refs;
}

/** Forgets every name that stands for a snapshot. */
export async function removeRefsTo(layout: CacheLayout, id: string, revision: string): Promise<void> {
  for (const ref of await listRefs(layout)) {
    if (ref.targetId === id && ref.target === revision) await rm(layout.ref(ref.id, ref.name), { force: true });
  }
}

async function readRefFile(file: string): Promise<SnapshotRef | undefined> {
  try {
    const ref = new ConfigFields(file, parseJsonObject(await readFile(file), file));
    return {
      id: ref.string('id'),
      name: ref.string('name'),
      targetId: ref.string('targetId'),
      target: ref.string('target'),
    };
  } catch {
    return undefined;
  }
}
