import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Precision } from '#src/vector/index.js';

import { encodeFile, sampleRequest } from '../files/encode/encode-file.js';

interface Sample {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly precision?: Precision;
  readonly dimensions?: number;
  /** Leaves the columns out, so that only vectors are written. */
  readonly bare?: boolean;
}

const SAMPLES: readonly Sample[] = [
  { name: 'every type', sizes: [20, 7, 40] },
  { name: 'one row', sizes: [1] },
  { name: 'only nulls', sizes: [6, 1] },
  { name: 'no rows', sizes: [] },
  { name: 'empty segments', sizes: [0, 3, 0] },
  { name: 'several pages', sizes: [2000, 300], dimensions: 384 },
  { name: 'vectors only', sizes: [3, 3], bare: true },
  { name: 'one dimension', sizes: [50, 20], dimensions: 1 },
  { name: 'int8', sizes: [9, 9], precision: 'int8', dimensions: 24 },
  { name: 'uint8', sizes: [9, 9], precision: 'uint8', dimensions: 24 },
  { name: 'binary', sizes: [9, 9], precision: 'binary', dimensions: 20 },
  { name: 'ubinary', sizes: [9, 9], precision: 'ubinary', dimensions: 20 },
];

/** Parquet files of vectors, and what a reader must find in them; returns the manifest for check_parquet.py. */
export async function writeParquetSamples(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const manifest = [];
  for (const { name, sizes, bare, ...options } of SAMPLES) {
    const request = sampleRequest('parquet', sizes, { ...options, ...(bare === true ? { columns: [] } : {}) });
    const file = path.join(folder, `${name}.parquet`);
    await writeFile(file, await encodeFile(request));
    manifest.push({
      name,
      file,
      precision: request.precision,
      columns: request.columns,
      rowGroups: sizes.filter((size) => size > 0).length,
      rows: request.segments.flatMap(({ rows }) => rows.map(({ values }) => values)),
      vectors: request.segments.flatMap(({ vectors }) => vectors.toArrays()),
      rowLength: request.segments[0]?.vectors.rowLength ?? request.dimensions,
      metadata: request.metadata,
    });
  }
  const target = path.join(folder, 'manifest.json');
  await writeFile(target, JSON.stringify(manifest, exact));
  return target;
}

/** What JSON lacks, in words that Python understands. */
function exact(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { integer: String(value) };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
  if (Object.is(value, -0)) return { negativeZero: true };
  return value;
}
