import { readFile } from 'node:fs/promises';
import { parseJson, isJsonObject } from '../../../formats/json/parse-json.js';
import { IsovecError, systemErrorCode } from '../../../shared/isovec-error.js';
import { readFailure } from '../../rows/open-input-file.js';
import { parseVectorMetadata } from '../parse-vector-metadata.js';
import type { VectorMetadata } from '../vector-metadata.js';

/** Name of the file beside `FILE` that says what its vectors are. */
export function metadataFileOf(file: string): string {
  return `${file}.meta.json`;
}

/** Name of the file beside `FILE` that lists the rows of its source that have no vector. */
export function refusedFileOf(file: string): string {
  return `${file}.refused.jsonl`;
}

/** The metadata beside a file of vectors; undefined where there is none. FORMAT_INVALID. */
export async function readMetadataFile(file: string): Promise<VectorMetadata | undefined> {
  const name = metadataFileOf(file);
  const bytes = await readIfThere(name);
  return bytes === undefined ? undefined : parseVectorMetadata(bytes, name);
}

/** Numbers (from 1) of the source's rows that have no vector; empty where no list lies beside the file. FORMAT_INVALID. */
export async function readRefusedRows(file: string): Promise<ReadonlySet<number>> {
  const name = refusedFileOf(file);
  const bytes = await readIfThere(name);
  const lines = bytes === undefined ? [] : Buffer.from(bytes).toString('utf8').split('\n');
  const rows = new Set<number>();
  for (const [index, line] of lines.entries()) {
    if (line === '' && index === lines.length - 1) continue;
    const value = parseJson(Buffer.from(line), `Line ${index + 1} of ${name}`);
    const row = isJsonObject(value) ? value['row'] : undefined;
    if (typeof row !== 'number' || !Number.isSafeInteger(row) || row < 1 || rows.has(row)) {
      throw new IsovecError('FORMAT_INVALID', `Line ${index + 1} of ${name} names no row of its own.`);
    }
    rows.add(row);
  }
  return rows;
}

/**
 * Refuses metadata that cannot belong to a file: FORMAT_INVALID naming both. `rows` is undefined where only reading the
 * file tells.
 */
export function requireAgreement(
  file: string,
  metadata: VectorMetadata,
  found: { readonly dimensions: number; readonly rows: number | undefined },
): void {
  for (const key of ['dimensions', 'rows'] as const) {
    const value = found[key];
    if (value === undefined || value === metadata[key]) continue;
    throw new IsovecError(
      'FORMAT_INVALID',
      `${file} has ${value} ${key}, its metadata says ${metadata[key]}: one of them was cut short or replaced. ` +
        `Embed the texts again, or remove ${metadataFileOf(file)} if it belongs to another file.`,
      { data: { file, key } },
    );
  }
}

/** INPUT_INVALID unless the vectors are float32. */
export function requireFloat32(file: string, metadata: VectorMetadata | undefined): void {
  if (metadata === undefined || metadata.precision === 'float32') return;
  throw new IsovecError(
    'INPUT_INVALID',
    `${file} holds vectors of precision ${metadata.precision}; float32 ones are needed. Embed the texts again with --precision float32.`,
    { data: { file, precision: metadata.precision } },
  );
}

async function readIfThere(name: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(name);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw readFailure(name, error);
  }
}
