import { IsovecError } from '../../shared/isovec-error.js';

/** A JSON object whose members have not been checked yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Deepest nesting that is read. Published files nest less than ten levels; the limit keeps recursive readers of the
 * parsed value from exhausting the stack (CWE-674).
 */
const MAX_DEPTH = 256;

/**
 * The value of a JSON file. A UTF-8 byte order mark is skipped; bytes that are not UTF-8, text that is not JSON and
 * nesting beyond 256 levels are FORMAT_INVALID, naming the file.
 */
export function parseJson(bytes: Uint8Array, file: string): unknown {
  if (bytes.byteLength === 0) {
    throw new IsovecError('FORMAT_INVALID', `${file} is empty: a JSON document was expected. Fetch the file again.`, {
      data: { file },
    });
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new IsovecError('FORMAT_INVALID', `${file} is not valid UTF-8.`, { cause, data: { file } });
  }
  if (nestingDepth(text) > MAX_DEPTH) {
    throw new IsovecError('FORMAT_INVALID', `${file} nests arrays or objects deeper than ${MAX_DEPTH} levels.`, {
      data: { file },
    });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : 'unreadable';
    throw new IsovecError('FORMAT_INVALID', `${file} is not valid JSON (${detail}).`, { cause, data: { file } });
  }
}

/** As {@link parseJson}, for files whose document must be an object. */
export function parseJsonObject(bytes: Uint8Array, file: string): JsonObject {
  const value = parseJson(bytes, file);
  if (!isJsonObject(value)) {
    const kind = Array.isArray(value) ? 'an array' : value === null ? 'null' : `a ${typeof value}`;
    throw new IsovecError('FORMAT_INVALID', `${file} must hold a JSON object, not ${kind}.`, { data: { file } });
  }
  return value;
}

/** Whether a parsed value is an object rather than an array, null or a primitive. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Deepest nesting of brackets outside strings; linear, and independent of whether the text is valid. */
function nestingDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (inString) {
      if (unit === 0x5c) i++;
      else if (unit === 0x22) inString = false;
    } else if (unit === 0x22) inString = true;
    else if (unit === 0x7b || unit === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (unit === 0x7d || unit === 0x5d) depth--;
  }
  return deepest;
}
