import { crc32 } from 'node:zlib';
import type { ColumnChunk, ColumnMetaData, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { errorMessage, isIsovecError } from '../../../shared/isovec-error.js';
import { decodeDataPage, decodeDictionary, MAX_PAGE_BYTES, type PageDecoder } from './decode-page.js';
import { damaged, type ParquetBytes } from './parquet-bytes.js';
import type { ParquetColumn } from './parquet-schema.js';
import { valueReader } from './parquet-values.js';

/** A page header takes some dozen bytes, unless its statistics hold long strings. */
const HEADER_BYTES = 1024;

/**
 * The values of one flat column of a row group, page by page, so that memory is bounded by its pages and not by the
 * row group. FORMAT_INVALID, naming column and row group, for anything that does not fit together.
 */
export async function* readColumnPages(
  bytes: ParquetBytes,
  column: ParquetColumn,
  chunk: ColumnChunk | undefined,
  group: { readonly index: number; readonly rows: number },
): AsyncGenerator<readonly unknown[], void, undefined> {
  const where = `column ${JSON.stringify(column.name)}, row group ${group.index + 1}`;
  try {
    const metadata = checkedMetadata(column, chunk);
    const pages = new PageReader(bytes, column, metadata);
    for (let rows = 0; rows < group.rows;) {
      const values = await pages.next(group.rows - rows);
      if (values === undefined) throw new Error(`it ends after ${rows} of ${group.rows} rows`);
      rows += values.length;
      yield values;
    }
  } catch (error) {
    if (isIsovecError(error)) throw error;
    throw damaged(bytes.name, `${where}: ${errorMessage(error)}`, error);
  }
}

function checkedMetadata(column: ParquetColumn, chunk: ColumnChunk | undefined): ColumnMetaData {
  if (chunk?.crypto_metadata !== undefined) throw new Error('it is encrypted');
  if (chunk?.file_path !== undefined) throw new Error('its data lies in another file');
  const metadata = chunk?.meta_data;
  const path = metadata?.path_in_schema;
  if (
    metadata === undefined ||
    path?.length !== 1 ||
    path[0] !== column.name ||
    metadata.type !== column.element.type
  ) {
    throw new Error('it is not described as the schema has it');
  }
  return metadata;
}

class PageReader {
  readonly #bytes: ParquetBytes;
  readonly #decoder: PageDecoder;
  readonly #end: number;
  #offset: number;
  #dictionary: readonly unknown[] | undefined;

  constructor(bytes: ParquetBytes, column: ParquetColumn, metadata: ColumnMetaData) {
    this.#bytes = bytes;
    const { type, codec } = metadata;
    const { repetition_type: repetition, type_length: length } = column.element;
    this.#decoder = { type, length, codec, optional: repetition !== 'REQUIRED', read: valueReader(column) };
    const { dictionary_page_offset: dictionary, data_page_offset: data } = metadata;
    // Some writers say 0 for no dictionary.
    this.#offset = Number(dictionary !== undefined && dictionary > 0n && dictionary < data ? dictionary : data);
    this.#end = this.#offset + Number(metadata.total_compressed_size);
  }

  /** Values of the next data page, `maxValues` at most; undefined behind the last one. */
  async next(maxValues: number): Promise<readonly unknown[] | undefined> {
    while (this.#offset < this.#end) {
      const header = await this.#header();
      const page = await this.#page(header);
      if (header.type === 'DICTIONARY_PAGE') this.#dictionary = decodeDictionary(header, page, this.#decoder);
      else if (header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2') {
        return decodeDataPage(header, page, this.#decoder, this.#dictionary, maxValues);
      }
    }
    return undefined;
  }

  async #header(): Promise<PageHeader> {
    for (let length = HEADER_BYTES; ; length *= 8) {
      const end = Math.min(this.#offset + length, this.#end);
      const bytes = await this.#bytes.read(this.#offset, end);
      const reader = { view: new DataView(bytes.buffer), offset: 0 };
      try {
        const header = parquetHeader(reader);
        this.#advance(reader.offset);
        return header;
      } catch (error) {
        if (end === this.#end) throw error;
      }
    }
  }

  async #page(header: PageHeader): Promise<Uint8Array> {
    const { compressed_page_size: size, uncompressed_page_size: uncompressed, crc } = header;
    if (!(size >= 0 && uncompressed >= 0 && size <= this.#end - this.#offset && uncompressed <= MAX_PAGE_BYTES)) {
      throw new Error(`a page cannot have ${size} bytes, and ${uncompressed} uncompressed`);
    }
    const bytes = await this.#bytes.read(this.#offset, this.#offset + size);
    if (crc !== undefined && crc32(bytes) !== crc >>> 0)
      throw new Error(`the page at byte ${this.#offset} has another checksum`);
    this.#advance(size);
    return bytes;
  }

  #advance(count: number): void {
    this.#offset += count;
    this.#bytes.bytesRead += count;
  }
}
