import { endianness } from 'node:os';

import { isJsonObject } from '../../formats/json/parse-json.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { RemoteKind } from './remote-options.js';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const BIG_ENDIAN = endianness() === 'BE';

/** Vectors of one request, in the order of its texts. */
export interface RemoteAnswer {
  /** All of one length. */
  readonly vectors: readonly Float32Array[];
  /** Tokens of all texts together, where the server says so. */
  readonly tokens: number | undefined;
}

/**
 * The vectors of an answer to `count` texts. PROVIDER_BAD_RESPONSE for text that is no JSON, for another number of
 * vectors, for indices that are not each of 0 to count - 1 once, for vectors of different lengths and for values that are
 * no finite float32. Messages hold no part of the answer. Pure.
 */
export function readAnswer(kind: RemoteKind, text: string, count: number): RemoteAnswer {
  const value = parse(text);
  const rows = kind === 'tei' ? teiRows(value, count) : openAiRows(value, count);
  const vectors = rows.map(readVector);
  const length = vectors[0]?.length ?? 0;
  vectors.forEach((vector, index) => {
    if (vector.length === length && length > 0) return;
    throw badResponse(`vector ${index} has ${vector.length} dimensions, and vector 0 has ${length}`);
  });
  return { vectors, tokens: kind === 'openai' ? usedTokens(value) : undefined };
}

/** PROVIDER_BAD_RESPONSE: what is wrong with an answer. */
export function badResponse(what: string, cause?: unknown): IsovecError {
  return new IsovecError(
    'PROVIDER_BAD_RESPONSE',
    `The remote server gave an answer that breaks its contract: ${what}. Check its address and its kind.`,
    cause === undefined ? {} : { cause },
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's own message quotes the text.
    throw badResponse(text.trimStart().startsWith('<') ? 'it is a page, not JSON' : 'it is not JSON');
  }
}

function teiRows(value: unknown, count: number): readonly unknown[] {
  if (!Array.isArray(value)) throw badResponse('it is not an array of vectors');
  checkCount(value.length, count);
  return value;
}

function openAiRows(value: unknown, count: number): readonly unknown[] {
  const data: unknown = isJsonObject(value) ? value['data'] : undefined;
  if (!Array.isArray(data)) throw badResponse('it holds no array named data');
  checkCount(data.length, count);
  const rows = new Map<number, unknown>();
  for (const [place, item] of data.entries()) {
    const index: unknown = isJsonObject(item) ? item['index'] : undefined;
    if (!isJsonObject(item) || typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= count) {
      throw badResponse(`item ${place} has no index of a text`);
    }
    if (rows.has(index)) throw badResponse(`index ${index} is there twice`);
    rows.set(index, item['embedding']);
  }
  return Array.from({ length: count }, (_, index) => rows.get(index));
}

function checkCount(received: number, count: number): void {
  if (received !== count) throw badResponse(`it holds ${received} vectors for ${count} texts`);
}

function readVector(row: unknown, index: number): Float32Array {
  if (typeof row !== 'string' && !Array.isArray(row)) throw badResponse(`vector ${index} is missing`);
  const vector = typeof row === 'string' ? fromBase64(row, index) : fromNumbers(row, index);
  if (!vector.every(Number.isFinite)) throw badResponse(`vector ${index} holds a value that is no finite float32`);
  return vector;
}

function fromNumbers(row: readonly unknown[], index: number): Float32Array {
  return Float32Array.from(row, (value) => {
    if (typeof value !== 'number') throw badResponse(`vector ${index} holds what is no number`);
    return value;
  });
}

function fromBase64(row: string, index: number): Float32Array {
  const bytes = Buffer.from(row, 'base64');
  // Buffer passes over what is no base64; the length tells whether it stopped early.
  if (!BASE64.test(row) || row.length % 4 !== 0 || bytes.length % 4 !== 0) {
    throw badResponse(`vector ${index} is no base64 of float32 values`);
  }
  if (BIG_ENDIAN) bytes.swap32();
  const vector = new Float32Array(bytes.length / 4);
  new Uint8Array(vector.buffer).set(bytes);
  return vector;
}

function usedTokens(value: unknown): number | undefined {
  const usage: unknown = isJsonObject(value) ? value['usage'] : undefined;
  if (!isJsonObject(usage)) return undefined;
  const tokens = usage['total_tokens'] ?? usage['prompt_tokens'];
  return typeof tokens === 'number' && Number.isSafeInteger(tokens) && tokens >= 0 ? tokens : undefined;
}
