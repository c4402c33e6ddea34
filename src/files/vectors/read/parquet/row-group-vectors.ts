import type { RowGroup } from 'hyparquet';
import { IsovecError } from '../../../../shared/isovec-error.js';
import { columnPages } from './column-pages.js';
import type { VectorColumn } from './choose-vector-column.js';
import { visitLevelRuns } from './level-runs.js';
import { pageFloats, plainFloats } from './page-floats.js';
import { type PageKind, type PageParts, pageParts, unpack } from './page-parts.js';
import { orParquetFailure, type ParquetContents } from './parquet-contents.js';

/** Which vectors of a file are read. */
export interface RowGroupPlan {
  readonly contents: ParquetContents;
  readonly column: VectorColumn;
  readonly group: RowGroup;
  /** Rows of the file before this group. */
  readonly firstRow: number;
  readonly dimensions: number;
}

/**
 * The values of a row group's vectors in order, page by page: a page may end inside a vector. Bytes of uncompressed PLAIN
 * pages are looked at where they lie, so an array is valid until the next one. FORMAT_INVALID, naming the row, unless every
 * row has a vector of so many dimensions; naming the file for a broken page.
 */
export async function* rowGroupVectors(plan: RowGroupPlan): AsyncGenerator<Float32Array, void, undefined> {
  const { contents, column, group, firstRow, dimensions } = plan;
  const { name } = contents.bytes;
  const expected = Number(group.num_rows) * dimensions;
  let position = 0;
  for await (const { parts, dictionary } of dataPages(contents, column, group)) {
    const floats = await orParquetFailure(name, () => {
      const fault = misplacedLevel(parts, column.definitionLevel, dimensions, position);
      if (fault !== undefined || position + parts.count > expected) {
        throw unevenRow(plan, firstRow + Math.floor((fault ?? expected) / dimensions) + 1);
      }
      return pageFloats(parts, dictionary);
    });
    position += parts.count;
    yield floats;
  }
  if (position !== expected) throw unevenRow(plan, firstRow + Math.floor(position / dimensions) + 1);
}

/** Values of the first vector of a row group, of whatever length the others are. */
export async function firstVectorLength(
  contents: ParquetContents,
  column: VectorColumn,
  group: RowGroup,
): Promise<number> {
  let length = 0;
  for await (const { parts } of dataPages(contents, column, group)) {
    const { name } = contents.bytes;
    const ended = await orParquetFailure(
      name,
      () =>
        !visitLevelRuns(parts.repetitionLevels, 1, parts.count, (level, run) => {
          // The level 0 begins a row (Parquet, nested encoding).
          if (level === 0 && length > 0) return false;
          length += level === 0 ? 1 : run;
          return level !== 0 || run === 1;
        }),
    );
    if (ended) break;
  }
  return length;
}

interface DataPage {
  readonly parts: PageParts;
  readonly dictionary: Float32Array | undefined;
}

async function* dataPages(
  { bytes, compressors }: ParquetContents,
  { path, definitionLevel }: VectorColumn,
  group: RowGroup,
): AsyncGenerator<DataPage, void, undefined> {
  const wanted = path.join('\0');
  const chunk = group.columns.find(({ meta_data: meta }) => meta?.path_in_schema.join('\0') === wanted)?.meta_data;
  try {
    if (chunk === undefined) throw new Error('a row group has no column of vectors that is not encrypted');
    const begin = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset);
    const end = begin + Number(chunk.total_compressed_size);
    if (!(begin >= 0 && end <= bytes.size)) throw new Error('a column lies beyond the end of the file');
    const kind: PageKind = { codec: chunk.codec, compressors, hasDefinitionLevels: definitionLevel > 0 };
    let dictionary: Float32Array | undefined;
    for await (const page of columnPages(bytes, begin, end)) {
      const { header, body } = page;
      if (header.type === 'INDEX_PAGE') continue;
      if (header.type === 'DICTIONARY_PAGE') {
        const count = header.dictionary_page_header?.num_values ?? 0;
        // A copy, because the next page uses the memory.
        dictionary = plainFloats(unpack(body, header.uncompressed_page_size, kind), count).slice();
      } else {
        yield { parts: pageParts(page, kind), dictionary };
      }
    }
  } catch (error) {
    await orParquetFailure(bytes.name, () => Promise.reject(error instanceof Error ? error : new Error(String(error))));
  }
}

/** Place of the first level that does not belong to rows of one length without nulls; undefined if all do. */
function misplacedLevel(
  { count, repetitionLevels, definitionLevels }: PageParts,
  definitionLevel: number,
  dimensions: number,
  begin: number,
): number | undefined {
  let position = begin;
  const regular = visitLevelRuns(repetitionLevels, 1, count, (level, length) => {
    const place = position % dimensions;
    // Zeros begin rows and ones go on with them, so a run ends with its row; of one dimension there are zeros only.
    const fits =
      level === 0 ? place === 0 && (length === 1 || dimensions === 1) : place > 0 && place + length <= dimensions;
    if (fits) position += length;
    // A row that goes on where the next should begin is too long itself.
    else if (place === 0 && level !== 0) position--;
    return fits;
  });
  if (!regular) return position;
  position = begin;
  const complete = visitLevelRuns(
    definitionLevels,
    32 - Math.clz32(definitionLevel),
    definitionLevel > 0 ? count : 0,
    (level, length) => {
      if (level === definitionLevel) position += length;
      return level === definitionLevel;
    },
  );
  return complete ? undefined : position;
}

function unevenRow({ contents, column, dimensions }: RowGroupPlan, row: number): IsovecError {
  const file = contents.bytes.name;
  return new IsovecError(
    'FORMAT_INVALID',
    `Row ${row} of ${file} holds no vector of ${dimensions} dimensions in its column ${column.name}: it is of another length, or a value is null. Leave the row out, and write the file again.`,
    { data: { file, row } },
  );
}
