import { parquetMetadata, parquetSchema, type FileMetaData, type SchemaTree } from 'hyparquet';
import { errorMessage, IsovecError } from '../../../shared/isovec-error.js';
import { damaged, type ParquetBytes } from './parquet-bytes.js';

/** Longest footer: those of published files take a few MB; a broken length must not fill the memory (CWE-789). */
const MAX_FOOTER_BYTES = 256 * 1024 * 1024;
/** The length of the footer and the magic number. */
const TAIL_BYTES = 8;

/** What the footer of a file says. */
export interface ParquetFooter {
  readonly metadata: FileMetaData;
  readonly schema: SchemaTree;
  readonly rowCount: number;
}

/**
 * Reads and checks the footer. INPUT_INVALID for an empty and an encrypted file, FORMAT_INVALID for one that is not
 * Parquet or was cut short. Source: the Parquet format specification.
 */
export async function readParquetMetadata(bytes: ParquetBytes): Promise<ParquetFooter> {
  const { name, byteCount } = bytes;
  if (byteCount === 0) throw invalid(name, 'is empty: a Parquet file has a footer. Write it again.');
  const head = Buffer.from(await bytes.read(0, Math.min(4, byteCount)));
  if (head.toString('latin1') === 'PARE') throw encrypted(name);
  if (head.toString('latin1') !== 'PAR1' || byteCount < 4 + TAIL_BYTES) {
    throw new IsovecError(
      'FORMAT_INVALID',
      `${name} is not a Parquet file: it does not begin with PAR1. Say its format with --in-format; decompress it first if it is a compressed Parquet file.`,
      { data: { file: name } },
    );
  }
  const tail = Buffer.from(await bytes.read(byteCount - TAIL_BYTES, byteCount));
  const magic = tail.toString('latin1', 4);
  if (magic === 'PARE') throw encrypted(name);
  if (magic !== 'PAR1') throw damaged(name, 'it does not end with PAR1, so it was cut short');
  const length = tail.readUInt32LE(0);
  if (length > Math.min(MAX_FOOTER_BYTES, byteCount - 4 - TAIL_BYTES)) {
    throw damaged(name, `its footer cannot be ${length} bytes long`);
  }
  const footer = await bytes.read(byteCount - TAIL_BYTES - length, byteCount);
  try {
    const metadata = parquetMetadata(footer, { geoparquet: false });
    const schema = parquetSchema(metadata);
    const rowCount = Number(metadata.num_rows);
    const sum = metadata.row_groups.reduce((rows, group) => rows + Number(group.num_rows), 0);
    if (!Number.isSafeInteger(rowCount) || rowCount < 0 || sum !== rowCount) {
      throw new Error(`it says ${metadata.num_rows} rows, its row groups ${sum}`);
    }
    return { metadata, schema, rowCount };
  } catch (cause) {
    throw damaged(name, `its footer cannot be read (${errorMessage(cause)})`, cause);
  }
}

function encrypted(name: string): IsovecError {
  return invalid(name, 'is encrypted. Decrypt it first.');
}

function invalid(name: string, rule: string): IsovecError {
  return new IsovecError('INPUT_INVALID', `${name} ${rule}`, { data: { file: name } });
}
