import * as zlib from 'node:zlib';

import { IsovecError } from '../../shared/isovec-error.js';
import type { Compression } from '../rows/compression.js';
import type { VectorEncoder } from './vector-encoder.js';
import { assertCompressible } from './vector-format.js';

type Compress = (bytes: Uint8Array) => Uint8Array;

/** The usual level 6 takes three times as long to save a twentieth: digits of floats are nearly random. */
const GZIP_LEVEL = 4;

/** Place of the operating system in the header of a gzip member, and its value "unknown" (RFC 1952, 2.3.1). */
const GZIP_SYSTEM = 9;
const UNKNOWN_SYSTEM = 255;

/** ZSTD_c_checksumFlag: without it a damaged file can go unnoticed. Node's older types lack the name. */
const ZSTD_CHECKSUM_FLAG = 201;

/**
 * An encoder whose bytes are compressed: every segment is a gzip member or a zstd frame of its own, so that a job can go
 * on after any of them; both formats say that such a file is one (RFC 1952, 2.2; RFC 8878, 3). No time and no system
 * goes into the bytes. CONFIG_INVALID for .npy and .parquet, and for zstd where this Node lacks it.
 */
export function compressEncoder(encoder: VectorEncoder, compression: Compression): VectorEncoder {
  assertCompressible(encoder.format, compression);
  const compress = compression === 'gzip' ? gzip : requireZstd();
  // Nothing stays nothing: careless readers take an empty member for the end of the file.
  const compressParts = (parts: readonly Uint8Array[]): readonly Uint8Array[] => {
    const bytes = Buffer.concat(parts);
    return bytes.byteLength === 0 ? [] : [compress(bytes)];
  };
  return {
    format: encoder.format,
    begin: () => Buffer.concat(compressParts([encoder.begin()])),
    segment: (segment) => {
      const { bytes, note } = encoder.segment(segment);
      return { bytes: compressParts(bytes), note };
    },
    end: (metadata) => {
      const { tail, head } = encoder.end(metadata);
      if (head !== undefined) {
        throw new IsovecError('INTERNAL', `A compressed .${encoder.format} file cannot replace its beginning.`);
      }
      // A file of no bytes at all is no archive.
      return { tail: metadata.rows === 0 ? compress(tail) : Buffer.concat(compressParts([tail])) };
    },
  };
}

function gzip(bytes: Uint8Array): Uint8Array {
  const member = zlib.gzipSync(bytes, { level: GZIP_LEVEL });
  member[GZIP_SYSTEM] = UNKNOWN_SYSTEM;
  return member;
}

function requireZstd(): Compress {
  const zstd: unknown = Reflect.get(zlib, 'zstdCompressSync');
  if (!isZstd(zstd)) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `Node ${process.versions.node} has no zstd; Node 22.15 and later have it. Let the name end in .gz instead of .zst.`,
    );
  }
  return (bytes) => zstd(bytes, { params: { [ZSTD_CHECKSUM_FLAG]: 1 } });
}

function isZstd(
  value: unknown,
): value is (bytes: Uint8Array, options: { params: Record<number, number> }) => Uint8Array {
  return typeof value === 'function';
}
