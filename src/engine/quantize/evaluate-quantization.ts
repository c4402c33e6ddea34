import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { IsovecError } from '../../shared/isovec-error.js';
import { throwIfAborted } from '../../shared/abort.js';
import type { ProgressListener } from '../../shared/progress.js';
import { compareVectors } from '../../vector/compare-vectors.js';
import type { EmbeddingBatch, SimilarityMatrix } from '../../vector/index.js';
import { topK } from '../../vector/top-k.js';
import type { Embedder } from '../embedder.js';
import { notifyProgress } from '../notify-progress.js';
import { readCalibrationTexts } from './calibration-file.js';
import type { QuantizationReport } from './quantization-report.js';

/** What is measured on two loaded forms of a model. */
export type QuantizationFigures = Pick<QuantizationReport, 'texts' | 'cosine' | 'neighbours' | 'bytes' | 'speed'>;

/** Whom an evaluation tells, and what ends it. */
export interface EvaluationCall {
  readonly signal?: AbortSignal | undefined;
  /** Hears of phase 'evaluate'. */
  readonly onProgress?: ProgressListener | undefined;
}

/** None of them is among the built-in calibration texts. */
const EVALUATION_TEXTS = fileURLToPath(new URL('../../../data/int8/evaluation.jsonl', import.meta.url));
/** After one round that is not counted. */
const TIMED_ROUNDS = 5;
const NEIGHBOURS = 10;

/**
 * Measures the int8 form of a model against its float32 form, both loaded with as many threads: how near the vectors
 * are on the evaluation texts, how large and how fast. Rejects as `encodeBatch`.
 */
export async function evaluateQuantization(
  int8: Embedder,
  float32: Embedder,
  { signal, onProgress }: EvaluationCall = {},
): Promise<QuantizationFigures> {
  const texts = await readCalibrationTexts(EVALUATION_TEXTS, signal);
  const total = texts.length * 2 * (TIMED_ROUNDS + 1);
  let done = 0;
  const progress = (): void => {
    notifyProgress(onProgress, { phase: 'evaluate', subject: int8.info().id, done, total, unit: 'texts' });
  };
  const embed = async (model: Embedder): Promise<{ batch: EmbeddingBatch; milliseconds: number }> => {
    const started = performance.now();
    const batch = await model.encodeBatch(texts, signal === undefined ? {} : { signal });
    const milliseconds = performance.now() - started;
    done += texts.length;
    progress();
    return { batch, milliseconds };
  };
  progress();
  const { batch: exact } = await embed(float32);
  const { batch: near } = await embed(int8);
  const milliseconds = { int8: [] as number[], float32: [] as number[] };
  for (let round = 0; round < TIMED_ROUNDS; round++) {
    milliseconds.float32.push((await embed(float32)).milliseconds);
    milliseconds.int8.push((await embed(int8)).milliseconds);
  }
  const rate = (times: readonly number[]): number => (texts.length * 1000) / median(times);
  return {
    texts: texts.length,
    cosine: cosines(near, exact),
    neighbours: await neighbourOverlaps(float32, near, exact, signal),
    bytes: { int8: bytesOf(int8), float32: bytesOf(float32) },
    speed: {
      ratio: rate(milliseconds.int8) / rate(milliseconds.float32),
      int8TextsPerSecond: rate(milliseconds.int8),
      float32TextsPerSecond: rate(milliseconds.float32),
      threads: int8.info().threads,
    },
  };
}

function cosines(near: EmbeddingBatch, exact: EmbeddingBatch): QuantizationReport['cosine'] {
  const rows = (batch: EmbeddingBatch): Float32Array[] =>
    Array.from({ length: batch.count }, (_, index) => batch.row(index));
  const sorted = compareVectors(rows(near), rows(exact))
    .rows.map(({ cosine }) => cosine)
    .sort((left, right) => left - right);
  return {
    mean: sorted.reduce((sum, cosine) => sum + cosine, 0) / sorted.length,
    p1: sorted[Math.floor(sorted.length / 100)] ?? Number.NaN,
    min: sorted[0] ?? Number.NaN,
  };
}

/** One matrix of scores at a time, with a pause for the caller's other work between them. */
async function neighbourOverlaps(
  model: Embedder,
  near: EmbeddingBatch,
  exact: EmbeddingBatch,
  signal: AbortSignal | undefined,
): Promise<QuantizationReport['neighbours']> {
  const nearest = async (queries: EmbeddingBatch, corpus: EmbeddingBatch): Promise<ReadonlySet<number>[]> => {
    await setImmediate();
    throwIfAborted(signal);
    return neighbours(model.similarity(queries, corpus));
  };
  const expected = await nearest(exact, exact);
  const overlap = (found: readonly ReadonlySet<number>[]): number => {
    const shared = found.flatMap((set, query) => [...set].filter((index) => expected[query]?.has(index)));
    return shared.length / (found.length * NEIGHBOURS);
  };
  return {
    count: NEIGHBOURS,
    int8: overlap(await nearest(near, near)),
    queries: overlap(await nearest(near, exact)),
  };
}

/** The nearest of each text among the others. */
function neighbours({ data, rows, columns }: SimilarityMatrix): ReadonlySet<number>[] {
  return Array.from({ length: rows }, (_, query) => {
    const best = topK(data.subarray(query * columns, (query + 1) * columns), NEIGHBOURS + 1);
    const others = best.map(({ index }) => index).filter((index) => index !== query);
    return new Set(others.slice(0, NEIGHBOURS));
  });
}

function bytesOf(model: Embedder): number {
  const { conversion } = model.info();
  if (conversion === undefined) throw new IsovecError('INTERNAL', 'A model that runs elsewhere was evaluated.');
  return conversion.graphBytes + conversion.weightBytesInPlace + conversion.weightBytesConverted;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
