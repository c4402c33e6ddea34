import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { parseJsonObject } from '../../formats/json/parse-json.js';
import { systemErrorCode } from '../../shared/isovec-error.js';
import { ConfigFields } from '../model-config/config-fields.js';
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
  return parseManifest(new ConfigFields(file, parseJsonObject(bytes, file), 'FORMAT_INVALID'));
}

/** Hand-written, as the checks of configurations are: every load of a cached model comes through here. */
function parseManifest(fields: ConfigFields): SnapshotManifest {
  if (fields.get('format') !== 1) throw fields.invalid('format', '1');
  const origin = fields.get('origin');
  if (origin !== 'hub' && origin !== 'wheel') throw fields.invalid('origin', '"hub" or "wheel"');
  const files = fields.objects('files').map((file): SnapshotFile => {
    const name = file.string('name');
    checkFileName(name, fields.file);
    return {
      name,
      size: file.naturalNumber('size'),
      sha256: file.matching('sha256', /^[0-9a-f]{64}$/, 'a SHA-256 digest in hexadecimal'),
    };
  });
  if (files.length === 0) throw fields.invalid('files', 'a list of at least one file');
  return {
    format: 1,
    id: fields.matching('id', /./, 'the id of a model'),
    revision: fields.matching('revision', /./, 'a revision'),
    origin,
    from: fields.string('from'),
    createdAt: fields.string('createdAt'),
    files,
  };
}
