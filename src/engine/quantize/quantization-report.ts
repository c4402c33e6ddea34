import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CacheLayout } from '../../models/cache/cache-layout.js';
import { writeFileDurably } from '../../models/cache/durable-files.js';
import { withStorageErrors } from '../../models/cache/storage-error.js';
import type { ProcessorProducts } from './processor-products.js';
import type { Quantization, QuantizationRecord } from './quantization.js';

/** How near the int8 form of a model is to float32, how large and how fast; measured on texts that come with isovec. */
export interface QuantizationReport {
  readonly model: string;
  readonly revision: string | null;
  readonly quantization: Quantization;
  /** How many texts it was measured on. */
  readonly texts: number;
  /** Between the int8 and the float32 vector of a text; `p1`: 1 % of the texts are below. */
  readonly cosine: { readonly mean: number; readonly p1: number; readonly min: number };
  /**
   * Share of the `count` nearest neighbours of a text among the others, by the model's own similarity, that is the same
   * as in float32: `int8` with all vectors int8, `queries` with int8 queries against float32 vectors.
   */
  readonly neighbours: { readonly count: number; readonly int8: number; readonly queries: number };
  /** Of weights and graph. */
  readonly bytes: { readonly int8: number; readonly float32: number };
  /** Medians of interleaved rounds over all texts; `ratio` is int8 over float32. */
  readonly speed: {
    readonly ratio: number;
    readonly int8TextsPerSecond: number;
    readonly float32TextsPerSecond: number;
    readonly threads: number;
  };
  /** Where the speed was measured. */
  readonly processor: { readonly name: string; readonly products: ProcessorProducts };
  /** SHA-256 of the files, hexadecimal. */
  readonly digests: { readonly weights: string; readonly graph: string };
}

/** Beside the weights, but no part of what their folder's digest covers: speeds are never the same twice. */
const REPORT_FILE = 'quantization-report.json';

/** The report stored beside int8 weights; undefined if there is none, it is damaged, or it is about other weights. */
export async function readQuantizationReport(
  folder: string,
  { weightsDigest }: QuantizationRecord,
): Promise<QuantizationReport | undefined> {
  try {
    const [digest, text = ''] = (await readFile(path.join(folder, REPORT_FILE), 'utf8')).split('\n');
    if (digest !== digestOf(text)) return undefined;
    const report = JSON.parse(text) as QuantizationReport;
    return report.digests.weights === weightsDigest ? report : undefined;
  } catch {
    return undefined;
  }
}

/** Stores a report beside the weights it is about, whole or not at all. Throws STORAGE_FULL or SOURCE_FORBIDDEN. */
export async function writeQuantizationReport(
  folder: string,
  report: QuantizationReport,
  cacheRoot: string,
): Promise<void> {
  const layout = new CacheLayout(cacheRoot);
  const text = JSON.stringify(report);
  await withStorageErrors(layout.root, () =>
    writeFileDurably(path.join(folder, REPORT_FILE), `${digestOf(text)}\n${text}\n`, layout.temporaryFolder()),
  );
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
