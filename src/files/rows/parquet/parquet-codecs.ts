import * as zlib from 'node:zlib';
import type { Compressors } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/** Decompression of pages. Node's own is used where it has one: it is faster, and checks the checksums of gzip. */
export const PARQUET_CODECS: Compressors = {
  ...compressors,
  GZIP: (bytes, length) => zlib.gunzipSync(bytes, limit(length)),
  BROTLI: (bytes, length) => zlib.brotliDecompressSync(bytes, limit(length)),
};

/** A page that unpacks to more than its header says is broken, and must not fill the memory (CWE-409). */
function limit(length: number): { readonly maxOutputLength: number } {
  return { maxOutputLength: Math.max(1, length) };
}
