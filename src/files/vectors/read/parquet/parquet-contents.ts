import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet';
import { IsovecError, isIsovecError } from '../../../../shared/isovec-error.js';
import type { VectorMetadata } from '../../vector-metadata.js';
import { parseVectorMetadata } from '../../parse-vector-metadata.js';
import type { FileBytes } from '../file-bytes.js';

/** Key of {@link VectorMetadata} among the key-value pairs of a Parquet file. */
const METADATA_KEY = 'isovec';

const MAGIC = [0x50, 0x41, 0x52, 0x31];

/** An open Parquet file: its bytes, and what its footer says. */
export interface ParquetContents {
  readonly bytes: FileBytes;
  /** The bytes as the library takes them. */
  readonly buffer: AsyncBuffer;
  readonly footer: FileMetaData;
  /** Its schema; the columns are the children. */
  readonly schema: SchemaTree;
  readonly rows: number;
  readonly compressors: Compressors;
  /** Undefined for files that other programs wrote. */
  readonly metadata: VectorMetadata | undefined;
}

/** Reads the footer. FORMAT_INVALID, naming the file, unless it is a Parquet file. */
export async function openParquetContents(bytes: FileBytes): Promise<ParquetContents> {
  const { name, size } = bytes;
  const head = await bytes.read(0, Math.min(MAGIC.length, size));
  if (MAGIC.some((byte, index) => head[index] !== byte)) {
    throw parquetFailure(name, new Error('it does not begin with PAR1'));
  }
  const buffer: AsyncBuffer = {
    byteLength: size,
    slice: async (begin, end = size) => {
      if (begin < 0 || end > size || begin > end) throw new Error(`no bytes ${begin} to ${end}`);
      const memory = new ArrayBuffer(end - begin);
      await bytes.fill(new Uint8Array(memory), begin);
      return memory;
    },
  };
  const footer = await orParquetFailure(name, () => parquetMetadataAsync(buffer, { geoparquet: false }));
  const schema = await orParquetFailure(name, () => parquetSchema(footer));
  const rows = footer.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  if (!Number.isSafeInteger(rows) || rows !== Number(footer.num_rows)) {
    throw parquetFailure(name, new Error(`its row groups have ${rows} rows, its footer says ${footer.num_rows}`));
  }
  const stored = footer.key_value_metadata?.find(({ key }) => key === METADATA_KEY)?.value;
  const metadata = stored === undefined ? undefined : parseVectorMetadata(Buffer.from(stored), `Metadata of ${name}`);
  const { compressors } = await import('hyparquet-compressors');
  return { bytes, buffer, footer, schema, rows, compressors, metadata };
}

/** Runs a call of the library, whose every failure means a broken file. */
export async function orParquetFailure<T>(name: string, call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw isIsovecError(error) ? error : parquetFailure(name, error);
  }
}

/** FORMAT_INVALID: a file is not what Parquet files are, or uses what is not read. */
function parquetFailure(name: string, cause: unknown): IsovecError {
  const reason = cause instanceof Error ? cause.message : 'unknown reason';
  return new IsovecError(
    'FORMAT_INVALID',
    `${name} is no Parquet file that can be read (${reason}). Write or fetch the file again.`,
    { cause, data: { file: name } },
  );
}
