import type { ColumnMetaData, PageHeader } from 'hyparquet';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { PARQUET_CODECS } from './parquet-codecs.js';
import { readHybrid } from './read-hybrid.js';
import { readPhysicalValues, type PhysicalType } from './read-physical-values.js';

/** Largest page, packed or not: writers make them of about 1 MB; a broken size must not fill the memory (CWE-789). */
export const MAX_PAGE_BYTES: number = 1024 * 1024 * 1024;
/** Most values of a page: writers stop far below; equal ones take next to no bytes. */
const MAX_PAGE_VALUES = 16 * 1024 * 1024;

/** How the pages of a flat column are read. */
export interface PageDecoder extends PhysicalType {
  readonly codec: ColumnMetaData['codec'];
  /** Whether there may be nulls. */
  readonly optional: boolean;
  /** A stored value as its column has it. */
  readonly read: (value: unknown) => unknown;
}

/** The values of a dictionary page. */
export function decodeDictionary(header: PageHeader, page: Uint8Array, decoder: PageDecoder): readonly unknown[] {
  const count = header.dictionary_page_header?.num_values ?? -1;
  // Every value takes a byte at least.
  if (!(count >= 0 && count <= header.uncompressed_page_size))
    throw new Error(`a dictionary cannot have ${count} values`);
  const bytes = decompress(page, header.uncompressed_page_size, decoder);
  return readPhysicalValues(bytes, 'PLAIN', decoder, count, MAX_PAGE_BYTES).map(decoder.read);
}

/** The values of a data page of either version, nulls included: `maxValues` at most. Throws if anything does not fit. */
export function decodeDataPage(
  header: PageHeader,
  page: Uint8Array,
  decoder: PageDecoder,
  dictionary: readonly unknown[] | undefined,
  maxValues: number,
): readonly unknown[] {
  const { num_values: count = -1, encoding } = header.data_page_header ?? header.data_page_header_v2 ?? {};
  if (!(count >= 0 && count <= Math.min(maxValues, MAX_PAGE_VALUES)))
    throw new Error(`a page cannot have ${count} values`);
  const { levels, body } = splitPage(header, page, decoder);
  const defined = levels === undefined ? undefined : readHybrid(levels, 1, count);
  const present = defined === undefined ? count : defined.reduce((sum, level) => sum + level, 0);
  const values =
    encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY'
      ? readIndexed(body, dictionary, present)
      : readPhysicalValues(body, encoding, decoder, present, MAX_PAGE_BYTES).map(decoder.read);
  if (values.length !== present) throw new Error(`a page has ${values.length} values instead of ${present}`);
  if (defined === undefined || present === count) return values;
  let next = 0;
  return Array.from(defined, (level) => (level === 1 ? values[next++] : null));
}

/** The definition levels of a page, where there are any, and its values, unpacked. */
function splitPage(
  header: PageHeader,
  page: Uint8Array,
  decoder: PageDecoder,
): { readonly levels: Uint8Array | undefined; readonly body: Uint8Array } {
  const { data_page_header_v2: v2, uncompressed_page_size: size } = header;
  if (v2 !== undefined) {
    const begin = v2.repetition_levels_byte_length;
    const end = begin + v2.definition_levels_byte_length;
    if (!(begin >= 0 && end >= begin && end <= Math.min(page.length, size)))
      throw new Error('the levels of a page lie outside it');
    const rest = page.subarray(end);
    const body = v2.is_compressed === false ? rest : decompress(rest, size - end, decoder);
    return { levels: decoder.optional ? page.subarray(begin, end) : undefined, body };
  }
  const body = decompress(page, size, decoder);
  if (!decoder.optional) return { levels: undefined, body };
  if (header.data_page_header?.definition_level_encoding !== 'RLE')
    throw new Error('the encoding of its levels is not known');
  const end = 4 + new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(0, true);
  if (end > body.length) throw new Error('the levels of a page lie outside it');
  return { levels: body.subarray(4, end), body: body.subarray(end) };
}

function decompress(bytes: Uint8Array, size: number, { codec }: PageDecoder): Uint8Array {
  // Some writers leave out what compresses nothing.
  if (size === 0) return new Uint8Array(0);
  const page = decompressPage(bytes, size, codec, PARQUET_CODECS);
  // In an ArrayBuffer of its own, so that a broken length cannot reach beyond the page.
  return codec === 'UNCOMPRESSED' || page.byteLength === page.buffer.byteLength ? page : Uint8Array.from(page);
}

function readIndexed(body: Uint8Array, dictionary: readonly unknown[] | undefined, count: number): unknown[] {
  if (count === 0) return [];
  if (dictionary === undefined) throw new Error('a page needs a dictionary that is missing');
  const [width] = body;
  if (width === undefined) throw new Error('a page ends before its indices');
  const indices = width === 0 ? new Uint32Array(count) : readHybrid(body.subarray(1), width, count);
  return Array.from(indices, (index) => {
    if (index >= dictionary.length) throw new Error(`index ${index} is outside a dictionary of ${dictionary.length}`);
    return dictionary[index];
  });
}
