import { IsovecError } from '../shared/isovec-error.js';
import { EmbeddingBatch, type Precision, type PrecisionArrays, rowLength } from './embedding-batch.js';

/** Smallest and largest value of each dimension over a representative sample of vectors. */
export interface CalibrationRanges {
  readonly min: Float32Array;
  readonly max: Float32Array;
}

/** The ranges of a sample: take some thousand texts like those that will be stored. INPUT_INVALID if it is empty. */
export function calibrationRanges(sample: EmbeddingBatch): CalibrationRanges {
  if (sample.count === 0) {
    throw new IsovecError('INPUT_INVALID', 'Calibration ranges need at least one vector; the sample is empty.');
  }
  requireFinite(sample);
  const min = sample.row(0).slice();
  const max = sample.row(0).slice();
  for (const row of sample) {
    for (const [i, value] of row.entries()) {
      if (value < (min[i] ?? value)) min[i] = value;
      if (value > (max[i] ?? value)) max[i] = value;
    }
  }
  return { min, max };
}

/**
 * A batch in another precision, by the rules of `sentence_transformers.util.quantize_embeddings`.
 *
 * `uint8` is clip(floor((x - min) / ((max - min) / 255)), 0, 255) in float32 arithmetic, `int8` is that minus 128; a
 * constant dimension has step 1. `ubinary` packs the bits x > 0, first dimension in the highest bit, the last byte
 * filled with zeros; `binary` is that minus 128. CONFIG_INVALID for int8 or uint8 without ranges that fit;
 * INPUT_INVALID, naming the row, for a value that is not finite.
 */
export function quantizeEmbeddings<P extends Precision>(
  batch: EmbeddingBatch,
  precision: P,
  ranges?: CalibrationRanges,
): EmbeddingBatch<P> {
  requireFinite(batch);
  const { count, dimensions, tokens, truncated } = batch;
  return new EmbeddingBatch({
    precision,
    data: convert(batch, precision, ranges),
    count,
    dimensions,
    tokens,
    truncated,
  });
}

function convert<P extends Precision>(
  batch: EmbeddingBatch,
  precision: P,
  ranges: CalibrationRanges | undefined,
): PrecisionArrays[P] {
  // Only the entry of the wanted precision is computed; the table ties each precision to its kind of array.
  const converters: { readonly [Q in Precision]: () => PrecisionArrays[Q] } = {
    float32: () => batch.data.slice(),
    uint8: () => buckets(batch, 'uint8', ranges),
    int8: () => Int8Array.from(buckets(batch, 'int8', ranges), (bucket) => bucket - 128),
    ubinary: () => packedSigns(batch),
    binary: () => Int8Array.from(packedSigns(batch), (byte) => byte - 128),
  };
  if (!Object.hasOwn(converters, precision)) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `Unknown precision ${JSON.stringify(precision)}: it is one of ${Object.keys(converters).join(', ')}.`,
    );
  }
  return converters[precision]();
}

function buckets(batch: EmbeddingBatch, precision: string, ranges: CalibrationRanges | undefined): Uint8Array {
  const { min, max } = requireRanges(ranges, precision, batch.dimensions);
  // Each operation is rounded to float32, as numpy does: a value at the edge of a bucket must fall to the same side.
  const steps = max.map((value, i) => {
    const step = Math.fround(Math.fround(value - (min[i] ?? 0)) / 255);
    return step === 0 ? 1 : step;
  });
  const result = new Uint8Array(batch.data.length);
  for (let begin = 0; begin < result.length; begin += batch.dimensions) {
    for (let i = 0; i < batch.dimensions; i++) {
      const offset = Math.fround((batch.data[begin + i] ?? 0) - (min[i] ?? 0));
      const bucket = Math.floor(Math.fround(offset / (steps[i] ?? 1)));
      // Clamped before it is stored: storing alone would wrap 256 to 0.
      result[begin + i] = Math.min(Math.max(bucket, 0), 255);
    }
  }
  return result;
}

function packedSigns(batch: EmbeddingBatch): Uint8Array {
  const bytes = rowLength('ubinary', batch.dimensions);
  const result = new Uint8Array(batch.count * bytes);
  for (let row = 0; row < batch.count; row++) {
    for (let i = 0; i < batch.dimensions; i++) {
      if ((batch.data[row * batch.dimensions + i] ?? 0) > 0) {
        const at = row * bytes + (i >> 3);
        result[at] = (result[at] ?? 0) | (0x80 >> (i & 7));
      }
    }
  }
  return result;
}

function requireRanges(
  ranges: CalibrationRanges | undefined,
  precision: string,
  dimensions: number,
): CalibrationRanges {
  if (ranges === undefined) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `Precision ${precision} needs calibration ranges: embed a representative sample once, keep calibrationRanges(sample), and pass it each time. Ranges taken from the batch itself would make vectors of different batches incomparable.`,
    );
  }
  if (ranges.min.length !== dimensions || ranges.max.length !== dimensions) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `Calibration ranges are for ${ranges.min.length} and ${ranges.max.length} dimensions, the vectors have ${dimensions}.`,
    );
  }
  for (let i = 0; i < dimensions; i++) {
    const low = ranges.min[i] ?? Number.NaN;
    const high = ranges.max[i] ?? Number.NaN;
    if (!Number.isFinite(low) || !Number.isFinite(high) || low > high) {
      throw new IsovecError(
        'CONFIG_INVALID',
        `The calibration range of dimension ${i} is from ${low} to ${high}: it must be finite and in order.`,
        { data: { dimension: i } },
      );
    }
  }
  return ranges;
}

function requireFinite(batch: EmbeddingBatch): void {
  const at = batch.data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    const index = Math.floor(at / batch.dimensions);
    throw new IsovecError('INPUT_INVALID', `Row ${index} holds a value that is not finite; it cannot be quantised.`, {
      data: { index },
    });
  }
}
