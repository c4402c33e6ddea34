import type { ErrorCode } from '../../shared/error-table.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { RefusedRow } from './row-source.js';
import { LONE_SURROGATE } from '../../shared/lone-surrogate.js';

/** Row `number` of a source as refused; `rule` goes on after "Row 7 of data.csv", and ends with the way out. */
export function refuseRow(
  source: string,
  number: number,
  rule: string,
  options: { readonly code?: ErrorCode; readonly data?: Readonly<Record<string, unknown>> } = {},
): RefusedRow {
  const { code = 'INPUT_INVALID', data = {} } = options;
  return {
    number,
    refused: new IsovecError(code, `Row ${number} of ${source} ${rule}`, { data: { row: number, ...data } }),
  };
}

/** Why a row is refused whose bytes are too many. INPUT_TOO_LONG. */
export function refuseLongRow(source: string, number: number, byteLength: number, maxRowBytes: number): RefusedRow {
  return refuseRow(
    source,
    number,
    `is ${byteLength} bytes long; the limit is ${maxRowBytes}. Split it, or raise the limit with --max-row-bytes.`,
    { code: 'INPUT_TOO_LONG', data: { byteLength, maxRowBytes } },
  );
}

/** Why a text is no valid Unicode, as a rule for {@link refuseRow}; undefined if it is. */
export function surrogateRule(text: string, what: string): string | undefined {
  const offset = LONE_SURROGATE.exec(text)?.index;
  if (offset === undefined) return undefined;
  return `holds half a surrogate pair in ${what} at offset ${offset}, which no Unicode encoding has. Texts cut between the two halves of a character get one; cut them at code points.`;
}

/** Whether a text takes more bytes in UTF-8 than the limit. */
export function isLongerThan(text: string, maxBytes: number): boolean {
  // A UTF-16 code unit takes three bytes at most.
  return text.length > maxBytes / 3 && Buffer.byteLength(text) > maxBytes;
}
