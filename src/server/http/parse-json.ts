import { IsovecError } from '../../shared/isovec-error.js';

/** Deeper than any body of ours by far, and shallow enough for every recursive reader (CWE-674). */
const DEEPEST = 16;

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** The value of a JSON body. INPUT_INVALID for bytes that are not UTF-8, not JSON, or nested beyond all reason. */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) throw new IsovecError('INPUT_INVALID', 'The body is empty; send JSON.');
  if (isTooDeep(bytes)) {
    throw new IsovecError('INPUT_INVALID', `The JSON body is nested more than ${DEEPEST} levels deep.`);
  }
  let text: string;
  try {
    text = UTF_8.decode(bytes);
  } catch (cause) {
    throw new IsovecError('INPUT_INVALID', 'The body is not valid UTF-8.', { cause });
  }
  try {
    return MAY_HOLD_PROTOTYPE.test(text) ? JSON.parse(text, refusePrototypes) : JSON.parse(text);
  } catch (cause) {
    if (cause instanceof IsovecError) throw cause;
    // The parser's own message quotes the body, which may hold what nobody should see in a log.
    throw new IsovecError('INPUT_INVALID', 'The body is not valid JSON.', { cause });
  }
}

/** Counts brackets outside of strings, byte by byte: a byte of a longer UTF-8 sequence is never one of these. */
function isTooDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inString) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) {
      if (++depth > DEEPEST) return true;
    } else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) depth--;
  }
  return false;
}

const [QUOTE, BACKSLASH, OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = new TextEncoder().encode('"\\[]{}');

/** The key as it is, or an escape that may be a part of it: looking at every key and number costs more than all else. */
const MAY_HOLD_PROTOTYPE = /__proto__|\\u00/;

/** Keys that would reach an object's prototype in careless code (CWE-1321). */
function refusePrototypes(key: string, value: unknown): unknown {
  if (key !== '__proto__') return value;
  throw new IsovecError('INPUT_INVALID', 'The body holds the key __proto__.');
}
