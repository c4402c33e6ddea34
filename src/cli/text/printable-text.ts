/**
 * Characters that would move the cursor, change colours, start a terminal's own commands or turn the direction of
 * what follows (CWE-150): C0 and C1 controls, line and paragraph separators, bidirectional overrides and isolates.
 */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A foreign text as one line that is safe on a terminal: what is not printable is written as an escape. */
export function printableText(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (unit) => SHORT_ESCAPES[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
