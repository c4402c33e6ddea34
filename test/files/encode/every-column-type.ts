import type { Column, ColumnValue } from '#src/files/column.js';
import type { SourceRow } from '#src/files/rows/row-source.js';
import type { VectorMetadata } from '#src/files/vectors/vector-metadata.js';
import { EmbeddingBatch, type Precision, rowLength } from '#src/vector/index.js';

/** A column of every type, timestamps as moments and as readings of a clock. */
export const EVERY_COLUMN: readonly Column[] = [
  { name: 'truth', type: 'boolean' },
  { name: 'small', type: 'int32' },
  { name: 'large', type: 'int64' },
  { name: 'single', type: 'float32' },
  { name: 'double', type: 'float64' },
  { name: 'text', type: 'string' },
  { name: 'constant', type: 'string' },
  { name: 'nothing', type: 'string' },
  { name: 'bytes', type: 'binary' },
  { name: 'day', type: 'date' },
  { name: 'ms', type: 'timestamp-ms' },
  { name: 'ms utc', type: 'timestamp-ms', utc: true },
  { name: 'us', type: 'timestamp-us' },
  { name: 'us utc', type: 'timestamp-us', utc: true },
  { name: 'ns', type: 'timestamp-ns' },
  { name: 'ns utc', type: 'timestamp-ns', utc: true },
  { name: 'json', type: 'json' },
];

const LARGE = [0n, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n, -1n, 7n];
const SMALL = [0, -(2 ** 31), 2 ** 31 - 1, 42, -1, 7];
const SINGLE = [0.1, -1.5, 1e-45, 3.4028234663852886e38, 0, 16777217].map(Math.fround);
const DOUBLE = [0.1, -0, Number.MIN_VALUE, Number.MAX_VALUE, 1 / 3, -1e-300];
const TEXT = ['', 'plain', 'ä€😀', 'line\nbreak "quoted" \\', 'x'.repeat(70), '\u{10ffff}'.repeat(6)];
const JSON_VALUES = [{ a: [1, null, 'ä'] }, [], 'text', 12.5, true, { nested: { deep: [{}] } }];
const NANOSECONDS = 1_000_000_000n;
/** Before 1970 the fraction of a second is easily got wrong. */
const SECONDS = [0n, -1n, 1_750_000_000n, -2_208_988_800n, 951_827_696n, 4_102_444_799n];

/** Values of row `index`; every seventh row is null throughout, and `nothing` in every row. */
function valuesOf(index: number): ColumnValue[] {
  if (index % 7 === 6) return EVERY_COLUMN.map(() => null);
  const at = index % 6;
  const seconds = SECONDS[at] ?? 0n;
  const fraction = BigInt((index * 123_456_789) % 1_000_000_000);
  const nanoseconds = seconds * NANOSECONDS + fraction;
  const microseconds = seconds * 1_000_000n + fraction / 1000n;
  const milliseconds = seconds * 1000n + fraction / 1_000_000n;
  return [
    index % 2 === 0,
    SMALL[at],
    LARGE[at],
    SINGLE[at],
    DOUBLE[at],
    TEXT[at],
    'the same',
    null,
    Uint8Array.of(index % 256, 0, 255).subarray(0, at % 4),
    (index - 3) * 10_000,
    milliseconds,
    milliseconds,
    microseconds,
    microseconds,
    nanoseconds,
    nanoseconds,
    JSON_VALUES[at],
  ];
}

/** Rows `first` to `first + count - 1`, with {@link EVERY_COLUMN}. */
export function sampleRows(first: number, count: number): SourceRow[] {
  return Array.from({ length: count }, (_, index) => ({
    number: first + index + 1,
    text: `text ${first + index}`,
    values: valuesOf(first + index),
  }));
}

/** Vectors for rows `first` to `first + count - 1`: reproducible, of very different sizes, with both zeros. */
export function sampleVectors(
  precision: Precision,
  dimensions: number,
  first: number,
  count: number,
): EmbeddingBatch<Precision> {
  const length = rowLength(precision, dimensions);
  const value = (index: number): number => {
    const at = first * length + index;
    if (precision !== 'float32') return (at * 37 + 11) % 256;
    if (at % 13 === 0) return at % 2 === 0 ? 0 : -0;
    return Math.sin(at + 1) * 10 ** ((at % 11) - 9);
  };
  const numbers = Array.from({ length: count * length }, (_, index) => value(index));
  const parts = { count, dimensions, tokens: new Uint32Array(count), truncated: new Uint8Array(count) };
  switch (precision) {
    case 'float32':
      return new EmbeddingBatch<Precision>({ ...parts, precision, data: Float32Array.from(numbers) });
    case 'int8':
    case 'binary':
      return new EmbeddingBatch<Precision>({ ...parts, precision, data: Int8Array.from(numbers) });
    case 'uint8':
    case 'ubinary':
      return new EmbeddingBatch<Precision>({ ...parts, precision, data: Uint8Array.from(numbers) });
  }
}

/** Metadata of a file of `rows` vectors. */
export function sampleMetadata(precision: Precision, dimensions: number, rows: number): VectorMetadata {
  return {
    format: 'isovec-vectors',
    version: 1,
    space: {
      fingerprint: 'f'.repeat(64),
      model: 'test/model',
      similarity: 'cosine',
      weightDtype: 'float32',
      checkpoint: 'c'.repeat(64),
      transformer: 't'.repeat(64),
      tokenizer: 'k'.repeat(64),
      pooling: ['mean'],
      includePrompt: true,
      head: [],
      normalized: true,
      dimensions,
      maxSequenceLength: 128,
      prompts: {},
      defaultPromptName: null,
    },
    dimensions,
    precision,
    normalized: true,
    prompt: '',
    rows,
    refused: 0,
    truncated: 0,
    tokens: 3 * rows,
    source: {
      file: 'texts.txt',
      format: 'text',
      column: 'text',
      header: true,
      maxRowBytes: 1 << 20,
      digest: 'd'.repeat(64),
    },
    job: 'j'.repeat(64),
    vectorColumn: 'embedding',
  };
}
