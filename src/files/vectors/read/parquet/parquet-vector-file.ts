import { type ParquetReadOptions, parquetReadObjects } from 'hyparquet';
import { throwIfAborted } from '../../../../shared/abort.js';
import type { VectorBlock, VectorFile, VectorRecord } from '../../vector-file.js';
import type { VectorMetadata } from '../../vector-metadata.js';
import type { RecordReader } from '../source-records.js';
import { requireFinite, rowsPerBlock } from '../vector-blocks.js';
import type { VectorColumn } from './choose-vector-column.js';
import { orParquetFailure, type ParquetContents } from './parquet-contents.js';
import { rowGroupVectors } from './row-group-vectors.js';

/** What a {@link ParquetVectorFile} reads. */
export interface ParquetVectorPlan {
  readonly contents: ParquetContents;
  readonly column: VectorColumn;
  readonly dimensions: number;
  /** The column of the texts, if there is one. */
  readonly textColumn: string | undefined;
  /** Reads what lies beside the vectors from elsewhere. */
  readonly records: RecordReader | undefined;
}

/** Vectors in a column of a Parquet file, and the other columns beside them. */
export class ParquetVectorFile implements VectorFile {
  readonly format = 'parquet';
  readonly name: string;
  readonly rows: number;
  readonly dimensions: number;
  readonly metadata: VectorMetadata | undefined;
  readonly #plan: ParquetVectorPlan;

  /** Takes over the open file. */
  constructor(plan: ParquetVectorPlan) {
    this.name = plan.contents.bytes.name;
    this.rows = plan.contents.rows;
    this.dimensions = plan.dimensions;
    this.metadata = plan.contents.metadata;
    this.#plan = plan;
  }

  async *blocks(signal?: AbortSignal): AsyncGenerator<VectorBlock, void, undefined> {
    const { name, dimensions } = this;
    const { contents, column } = this.#plan;
    const buffer = new Float32Array(Math.min(rowsPerBlock(dimensions), this.rows) * dimensions);
    let first = 0;
    let filled = 0;
    const block = (): VectorBlock => {
      throwIfAborted(signal);
      const data = buffer.subarray(0, filled);
      requireFinite(name, data, first, dimensions);
      return { first, count: filled / dimensions, data };
    };
    let firstRow = 0;
    for (const group of contents.footer.row_groups) {
      for await (const values of rowGroupVectors({ contents, column, group, firstRow, dimensions })) {
        for (let taken = 0; taken < values.length;) {
          const part = values.subarray(taken, taken + buffer.length - filled);
          buffer.set(part, filled);
          filled += part.length;
          taken += part.length;
          if (filled < buffer.length) continue;
          yield block();
          first += filled / dimensions;
          filled = 0;
        }
      }
      firstRow += Number(group.num_rows);
    }
    if (filled > 0) yield block();
  }

  async records(indices: readonly number[], signal?: AbortSignal): Promise<ReadonlyMap<number, VectorRecord>> {
    const { contents, column, textColumn } = this.#plan;
    if (this.#plan.records !== undefined) return this.#plan.records(indices, signal);
    const records = new Map<number, VectorRecord>();
    const names = contents.schema.children.map(({ element }) => element.name).filter((name) => name !== column.name);
    if (names.length === 0) return records;
    const sorted = [...new Set(indices)].filter((index) => index < this.rows).sort((a, b) => a - b);
    let begin = 0;
    // Row group by row group, because each is read as a whole.
    for (const group of contents.footer.row_groups) {
      const end = begin + Number(group.num_rows);
      const wanted = sorted.filter((index) => index >= begin && index < end);
      const [least] = wanted;
      const last = wanted.at(-1);
      if (least !== undefined && last !== undefined) {
        throwIfAborted(signal);
        const read: Omit<ParquetReadOptions, 'onComplete'> = {
          file: contents.buffer,
          metadata: contents.footer,
          compressors: contents.compressors,
          columns: names,
          rowStart: least,
          rowEnd: last + 1,
        };
        const rows = await orParquetFailure(this.name, () => parquetReadObjects(read));
        for (const index of wanted) records.set(index, recordOf(rows[index - least] ?? {}, textColumn));
      }
      begin = end;
    }
    return records;
  }

  close(): Promise<void> {
    return this.#plan.contents.bytes.close();
  }
}

function recordOf(row: Readonly<Record<string, unknown>>, textColumn: string | undefined): VectorRecord {
  const text = textColumn === undefined ? undefined : row[textColumn];
  const values = Object.fromEntries(Object.entries(row).filter(([key]) => key !== textColumn));
  return typeof text === 'string' ? { text, values } : { values };
}
