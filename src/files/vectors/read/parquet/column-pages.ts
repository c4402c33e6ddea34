import type { PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import type { FileBytes } from '../file-bytes.js';

/** Bytes that hold the header of nearly every page; headers with long statistics take more. */
const HEADER_BYTES = 256;
const MAX_HEADER_BYTES = 1 << 20;

/** Largest page that is read: writers make pages of about a megabyte, and a broken one must not take the memory (CWE-789). */
const MAX_PAGE_BYTES = 1 << 30;

/** A page of a column chunk as it lies in the file. */
export interface ColumnPage {
  readonly header: PageHeader;
  /** What follows the header; the next page may use its memory again. */
  readonly body: Uint8Array;
}

/** The pages of a file between two offsets, one at a time. Throws for a page that does not fit between them. */
export async function* columnPages(
  file: FileBytes,
  begin: number,
  end: number,
): AsyncGenerator<ColumnPage, void, undefined> {
  let memory = new Uint8Array(0);
  for (let at = begin; at < end;) {
    const { header, length } = await readHeader(file, at, end);
    const size = header.compressed_page_size;
    at += length;
    if (!(size >= 0 && size <= end - at)) throw new Error(`the page at byte ${at} is longer than its column`);
    if (Math.max(size, header.uncompressed_page_size) > MAX_PAGE_BYTES) {
      throw new Error(`the page at byte ${at} is larger than ${MAX_PAGE_BYTES} bytes`);
    }
    if (memory.byteLength < size) memory = new Uint8Array(size);
    const body = memory.subarray(0, size);
    await file.fill(body, at);
    at += size;
    yield { header, body };
  }
}

async function readHeader(
  file: FileBytes,
  at: number,
  end: number,
): Promise<{ readonly header: PageHeader; readonly length: number }> {
  for (let ahead = HEADER_BYTES; ; ahead *= 16) {
    const bytes = await file.read(at, Math.min(at + ahead, end));
    const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
    try {
      return { header: parquetHeader(reader), length: reader.offset };
    } catch (error) {
      if (at + ahead >= end || ahead >= MAX_HEADER_BYTES) throw error;
    }
  }
}
