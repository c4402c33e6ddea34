import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { parseJson } from '../../formats/json/parse-json.js';
import { IsovecError, systemErrorCode } from '../../shared/isovec-error.js';
import { checkFileName } from '../sources/select-model-files.js';

/** Name of the manifest inside a snapshot's folder. */
export const MANIFEST: string = 'snapshot.json';

/** A file of a snapshot, as it was when it was fetched. */
export interface SnapshotFile {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

/** What a snapshot holds and where it came from. */
export interface SnapshotManifest {
  readonly format: 1;
  readonly id: string;
  /** Commit, or the label of a wheel's version. */
  readonly revision: string;
  readonly origin: 'hub' | 'wheel';
  readonly from: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly files: readonly SnapshotFile[];
}

const manifestSchema: z.ZodType<SnapshotManifest> = z.object({
  format: z.literal(1),
  id: z.string().min(1),
  revision: z.string().min(1),
  origin: z.enum(['hub', 'wheel']),
  from: z.string(),
  createdAt: z.string(),
  files: z
    .array(z.object({ name: z.string(), size: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }))
    .min(1),
});

/** The manifest of a snapshot's folder; undefined if there is none. FORMAT_INVALID if it is broken. */
export async function readManifest(folder: string): Promise<SnapshotManifest | undefined> {
  const file = path.join(folder, MANIFEST);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
  const result = manifestSchema.safeParse(parseJson(bytes, file));
  if (!result.success) {
    throw new IsovecError('FORMAT_INVALID', `${file} is broken: ${z.prettifyError(result.error)}`, { data: { file } });
  }
  for (const entry of result.data.files) checkFileName(entry.name, file);
  return result.data;
}
