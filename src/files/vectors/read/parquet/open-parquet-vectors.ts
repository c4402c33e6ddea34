import { IsovecError } from '../../../../shared/isovec-error.js';
import { silentLogger } from '../../../../shared/log.js';
import type { VectorFile } from '../../vector-file.js';
import { chooseRecordText } from '../choose-record-text.js';
import type { FileBytes } from '../file-bytes.js';
import type { OpenVectorFileOptions } from '../vector-file-options.js';
import { sourceRecords } from '../source-records.js';
import { requireDimensions } from '../vector-blocks.js';
import { requireAgreement, requireFloat32 } from '../vector-sidecars.js';
import { chooseVectorColumn, type VectorColumn } from './choose-vector-column.js';
import { openParquetContents, type ParquetContents } from './parquet-contents.js';
import { ParquetVectorFile } from './parquet-vector-file.js';
import { firstVectorLength } from './row-group-vectors.js';

/** Opens the vectors of a Parquet file; takes the open file over. Errors: `openVectorFile`. */
export async function openParquetVectors(bytes: FileBytes, options: OpenVectorFileOptions): Promise<VectorFile> {
  const contents = await openParquetContents(bytes);
  const { metadata, rows } = contents;
  requireFloat32(bytes.name, metadata);
  const column = chooseVectorColumn(bytes.name, contents.schema, options.vectorColumn ?? metadata?.vectorColumn);
  const dimensions = await dimensionsOf(contents, column, options.dimensions);
  requireDimensions(bytes.name, dimensions);
  if (metadata !== undefined) requireAgreement(bytes.name, metadata, { dimensions, rows });
  const { texts, textColumn: asked, logger = silentLogger } = options;
  return new ParquetVectorFile({
    contents,
    column,
    dimensions,
    textColumn:
      texts === undefined
        ? chooseRecordText(bytes.name, stringColumns(contents), asked, metadata?.source.column)
        : undefined,
    records:
      texts === undefined
        ? undefined
        : sourceRecords({
            vectors: bytes.name,
            countRows: () => Promise.resolve(rows),
            metadata,
            texts,
            textColumn: asked,
            logger,
          }),
  });
}

/** Dimensions by the metadata, else by the first vector; of a file without rows, by the option. */
async function dimensionsOf(
  contents: ParquetContents,
  column: VectorColumn,
  asked: number | undefined,
): Promise<number> {
  const { metadata, footer, bytes } = contents;
  if (metadata !== undefined) return metadata.dimensions;
  const group = footer.row_groups.find(({ num_rows: rows }) => rows > 0n);
  if (group !== undefined) return firstVectorLength(contents, column, group);
  if (asked !== undefined) return asked;
  throw new IsovecError('INPUT_INVALID', `${bytes.name} has no rows. Name a file with vectors.`, {
    data: { file: bytes.name },
  });
}

function stringColumns({ schema }: ParquetContents): string[] {
  return schema.children
    .filter(({ element: { type, converted_type: converted, logical_type: logical }, children }) => {
      const isText = converted === 'UTF8' || logical?.type === 'STRING';
      return children.length === 0 && type === 'BYTE_ARRAY' && isText;
    })
    .map(({ element }) => element.name);
}
