import type { ColumnMetaData, Compressors, Encoding } from 'hyparquet';
import { decompressPage } from 'hyparquet/src/datapage.js';
import type { ColumnPage } from './column-pages.js';

/** A data page of a list column, taken apart and decompressed. */
export interface PageParts {
  /** Values and the nulls and empty lists in their places. */
  readonly count: number;
  /** Levels in the RLE / bit-packing hybrid. */
  readonly repetitionLevels: Uint8Array;
  readonly definitionLevels: Uint8Array;
  readonly encoding: Encoding;
  readonly values: Uint8Array;
}

/** How the pages of a column chunk are made. */
export interface PageKind {
  readonly codec: ColumnMetaData['codec'];
  readonly compressors: Compressors;
  /** Whether values can be missing, so that there are definition levels. */
  readonly hasDefinitionLevels: boolean;
}

/** The parts of a data page of either version. Throws if they do not fit into the page. */
export function pageParts({ header, body }: ColumnPage, kind: PageKind): PageParts {
  const first = header.data_page_header;
  const second = header.data_page_header_v2;
  if (second !== undefined) {
    // Of the second version, levels are never compressed, and their lengths are in the header.
    const levels = second.repetition_levels_byte_length;
    const begin = levels + second.definition_levels_byte_length;
    if (levels < 0 || begin < levels || begin > body.byteLength) throw new Error('the levels of a page are too long');
    const raw = body.subarray(begin);
    return {
      count: second.num_values,
      repetitionLevels: body.subarray(0, levels),
      definitionLevels: body.subarray(levels, begin),
      encoding: second.encoding,
      values: second.is_compressed === false ? raw : unpack(raw, header.uncompressed_page_size - begin, kind),
    };
  }
  if (first === undefined) throw new Error(`a page has the type ${header.type}`);
  if (
    first.repetition_level_encoding !== 'RLE' ||
    (kind.hasDefinitionLevels && first.definition_level_encoding !== 'RLE')
  ) {
    throw new Error('the levels of a page are not encoded as RLE');
  }
  const page = unpack(body, header.uncompressed_page_size, kind);
  const repetitionLevels = lengthPrefixed(page, 0);
  let begin = 4 + repetitionLevels.byteLength;
  const definitionLevels = kind.hasDefinitionLevels ? lengthPrefixed(page, begin) : new Uint8Array(0);
  if (kind.hasDefinitionLevels) begin += 4 + definitionLevels.byteLength;
  return {
    count: first.num_values,
    repetitionLevels,
    definitionLevels,
    encoding: first.encoding,
    values: page.subarray(begin),
  };
}

/** The bytes of a page or dictionary, decompressed. Throws unless they are as many as the header says. */
export function unpack(bytes: Uint8Array, length: number, { codec, compressors }: PageKind): Uint8Array {
  return decompressPage(bytes, length, codec, compressors);
}

function lengthPrefixed(page: Uint8Array, at: number): Uint8Array {
  if (at + 4 > page.byteLength) throw new Error('a page ends before its levels');
  const length = new DataView(page.buffer, page.byteOffset).getUint32(at, true);
  if (length > page.byteLength - at - 4) throw new Error('the levels of a page are too long');
  return page.subarray(at + 4, at + 4 + length);
}
