import { parseJson } from '../formats/json/parse-json.js';

/** A value of a JSON lines file and where it stands. */
export interface JsonLine {
  readonly value: unknown;
  /** Counted from 1. */
  readonly line: number;
}

const LINE_FEED = 0x0a;
/** Space, tab and carriage return: what JSON allows around a value on one line. */
const BLANK: ReadonlySet<number> = new Set([0x20, 0x09, 0x0d]);

/** The values of a JSON lines file; blank lines are skipped. FORMAT_INVALID names the file and the line. */
export function parseJsonLines(bytes: Uint8Array, file: string): JsonLine[] {
  const lines: JsonLine[] = [];
  for (let begin = 0, line = 1; begin < bytes.length; line++) {
    const found = bytes.indexOf(LINE_FEED, begin);
    const end = found < 0 ? bytes.length : found;
    const content = bytes.subarray(begin, end);
    if (!content.every((byte) => BLANK.has(byte)))
      lines.push({ value: parseJson(content, `${file}, line ${line}`), line });
    begin = end + 1;
  }
  return lines;
}
