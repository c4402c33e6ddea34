import { pipeline, Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { IsovecError } from '../../shared/isovec-error.js';
import { decompressFrames } from './zstd-frames.js';

/** What a compressed file begins with. None of them can begin a file of UTF-8. */
const MAGIC: Readonly<Record<Compression, Buffer>> = {
  gzip: Buffer.from([0x1f, 0x8b]),
  zstd: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
};

/** Bytes of uncompressed data at a time. */
const CHUNK_BYTES = 128 * 1024;

/** How the data of a file was made smaller. */
export type Compression = 'gzip' | 'zstd';

/** How the data is compressed, by its first bytes; 'unknown' while they are too few to tell. */
export function compressionOf(head: Buffer): Compression | 'none' | 'unknown' {
  let tooFew = head.length === 0;
  for (const compression of ['gzip', 'zstd'] as const) {
    const magic = MAGIC[compression];
    if (head.subarray(0, magic.length).equals(magic)) return compression;
    tooFew ||= head.length < magic.length && magic.subarray(0, head.length).equals(head);
  }
  return tooFew ? 'unknown' : 'none';
}

/**
 * Undoes a compression. INPUT_INVALID for zstd where this Node.js has none; errors of the source and of the
 * decompressor are thrown as they are.
 */
export async function* decompress(
  compression: Compression,
  source: AsyncGenerator<Buffer, void, undefined>,
  name: string,
): AsyncGenerator<Buffer, void, undefined> {
  if (compression === 'zstd') yield* decompressFrames(source, zstdDecompressor(name));
  else {
    // Members of gzip that follow each other are one file (RFC 1952, 2.2); Node.js reads them so.
    const gunzip = zlib.createGunzip({ chunkSize: CHUNK_BYTES });
    // Each end destroys the other; an error of either is thrown by the loop.
    pipeline(Readable.from(source, { highWaterMark: 1 }), gunzip, () => undefined);
    for await (const chunk of gunzip) yield Buffer.from(chunk as Uint8Array);
  }
}

/** Whether an error comes from broken compressed data rather than from reading it. */
export function isCompressionError(code: string): boolean {
  return code.startsWith('Z_') || code.startsWith('ZSTD_');
}

function zstdDecompressor(name: string): () => Transform {
  // A variable: the types of the oldest Node.js that is supported do not have it.
  const module: object = zlib;
  if (hasZstd(module)) return () => module.createZstdDecompress({ chunkSize: CHUNK_BYTES });
  throw new IsovecError(
    'INPUT_INVALID',
    `${name} is compressed with zstd, which Node.js reads from version 22.15 on; this is ${process.version}. Use a newer Node.js, or decompress it first: zstd -d`,
    { data: { file: name } },
  );
}

interface ZstdModule {
  createZstdDecompress(options: { readonly chunkSize: number }): Transform;
}

function hasZstd(module: object): module is ZstdModule {
  return 'createZstdDecompress' in module && typeof module.createZstdDecompress === 'function';
}
