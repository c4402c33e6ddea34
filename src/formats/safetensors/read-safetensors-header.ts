import type { ByteSource } from '../byte-source.js';
import { parseJsonObject } from '../json/parse-json.js';
import { quote } from '../quote.js';
import { checkTensorLayout } from './check-tensor-layout.js';
import { findDuplicateKey } from './duplicate-key.js';
import { parseTensorEntry } from './parse-tensor-entry.js';
import { safetensorsError } from './safetensors-error.js';
import type { TensorInfo } from './tensor-info.js';

/** What the header of a safetensors file declares. */
export interface SafetensorsHeader {
  /** By name, in the order of the header. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** The file's `__metadata__`, e.g. format: pt. */
  readonly metadata: ReadonlyMap<string, string>;
  /** First byte after the header, counted from the beginning of the file. */
  readonly dataBegin: number;
}

const LENGTH_BYTES = 8;

/** The limit of the reference reader; it bounds what a hostile length makes us allocate (CWE-789). */
const MAX_HEADER_BYTES = 100_000_000;

/** How every Git LFS pointer begins; which host the specification's address names differs between versions. */
const LFS_POINTER_START = 'version https://';

/**
 * The checked header of a safetensors file: after this, every tensor's byte range lies inside the file, fits its shape
 * and element type, and shares no byte with another tensor. Only the header is read. FORMAT_INVALID names the file, the
 * tensor and the broken rule. Source: https://huggingface.co/docs/safetensors, section Format.
 */
export async function readSafetensorsHeader(source: ByteSource): Promise<SafetensorsHeader> {
  const file = source.name;
  const headerBytes = await readHeaderBytes(source);
  const dataBegin = LENGTH_BYTES + headerBytes.byteLength;
  const header = parseJsonObject(headerBytes, `The header of ${file}`);
  // Decoding again cannot fail: parseJsonObject has checked the encoding.
  refuseDuplicates(new TextDecoder().decode(headerBytes), file);

  const dataBytes = source.size - dataBegin;
  const tensors = new Map<string, TensorInfo>();
  let metadata: ReadonlyMap<string, string> = new Map();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') metadata = parseMetadata(entry, file);
    else tensors.set(name, parseTensorEntry({ file, name, entry, dataBegin, dataBytes }));
  }
  checkTensorLayout(tensors.values(), { file, dataBegin, size: source.size });
  return { tensors, metadata, dataBegin };
}

async function readHeaderBytes(source: ByteSource): Promise<Uint8Array> {
  const { name: file, size } = source;
  if (size === 0) throw safetensorsError(file, 'is empty (0 bytes).');
  const start = await read(source, 0, Math.min(size, LFS_POINTER_START.length));
  if (isLfsPointer(start)) {
    throw safetensorsError(file, 'is a Git LFS pointer, not the file it points to: run "git lfs pull".');
  }
  if (size < LENGTH_BYTES) {
    throw safetensorsError(file, `is too short: ${size} bytes, and the header length alone takes ${LENGTH_BYTES}.`);
  }
  // A u64 is not exactly representable as a number, so it is compared as a bigint first (CWE-190).
  const declared = new DataView(start.buffer, start.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (declared > BigInt(MAX_HEADER_BYTES)) {
    throw safetensorsError(file, `has a header length of ${declared.toString()} bytes, above the limit of 100000000.`);
  }
  const length = Number(declared);
  if (length > size - LENGTH_BYTES) {
    const follow = size - LENGTH_BYTES;
    throw safetensorsError(file, `is truncated: its header length is ${length} bytes, but only ${follow} follow.`);
  }
  if (length === 0) throw safetensorsError(file, 'has a header length of 0; a header holds at least {}.');
  const bytes = await read(source, LENGTH_BYTES, LENGTH_BYTES + length);
  if (bytes[0] !== 0x7b) throw safetensorsError(file, 'has a header that is not JSON beginning with "{".');
  return bytes;
}

async function read(source: ByteSource, begin: number, end: number): Promise<Uint8Array> {
  const bytes = await source.read(begin, end);
  if (bytes.byteLength !== end - begin) {
    throw safetensorsError(source.name, `is truncated: bytes ${begin} to ${end} could not be read in full.`);
  }
  return bytes;
}

function isLfsPointer(start: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(start) === LFS_POINTER_START;
}

function refuseDuplicates(json: string, file: string): void {
  const duplicate = findDuplicateKey(json);
  if (duplicate === undefined) return;
  if (duplicate.path.length === 0) {
    throw safetensorsError(file, 'is declared twice: duplicate keys are forbidden.', duplicate.key);
  }
  throw safetensorsError(file, `declares the duplicate key ${quote(duplicate.key)}.`, duplicate.path[0]);
}

function parseMetadata(value: unknown, file: string): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw safetensorsError(file, 'has a __metadata__ that is not an object of strings.');
  }
  const metadata = new Map<string, string>();
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') {
      throw safetensorsError(file, `has a __metadata__ whose value of ${quote(key)} is not a string.`);
    }
    metadata.set(key, text);
  }
  return metadata;
}
