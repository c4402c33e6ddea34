/** A key that one object of a JSON document spells twice. */
export interface DuplicateKey {
  readonly key: string;
  /** Keys that lead to the object; array elements add nothing. */
  readonly path: readonly string[];
}

interface OpenBracket {
  /** Keys seen so far, or undefined for an array. */
  readonly keys: Set<string> | undefined;
  latestKey: string | undefined;
}

/**
 * The first duplicate key of a JSON document, which JSON.parse would hide by keeping the last one. Two spellings of one
 * key ("a" and "\u0061") are duplicates. The text must be valid JSON: call this after JSON.parse.
 */
export function findDuplicateKey(json: string): DuplicateKey | undefined {
  const open: OpenBracket[] = [];
  let keyNext = false;
  for (let i = 0; i < json.length; i++) {
    const unit = json.charCodeAt(i);
    if (unit === 0x22) {
      const end = closingQuote(json, i);
      const inner = open.at(-1);
      if (keyNext && inner?.keys !== undefined) {
        const key = unescape(json.slice(i, end + 1));
        if (inner.keys.has(key)) return { key, path: pathOf(open) };
        inner.keys.add(key);
        inner.latestKey = key;
        keyNext = false;
      }
      i = end;
    } else if (unit === 0x7b) {
      open.push({ keys: new Set(), latestKey: undefined });
      keyNext = true;
    } else if (unit === 0x5b) {
      open.push({ keys: undefined, latestKey: undefined });
      keyNext = false;
    } else if (unit === 0x7d || unit === 0x5d) {
      open.pop();
      keyNext = false;
    } else if (unit === 0x2c) keyNext = open.at(-1)?.keys !== undefined;
  }
  return undefined;
}

function closingQuote(json: string, begin: number): number {
  for (let i = begin + 1; i < json.length; i++) {
    const unit = json.charCodeAt(i);
    if (unit === 0x5c) i++;
    else if (unit === 0x22) return i;
  }
  return json.length;
}

function unescape(literal: string): string {
  return literal.includes('\\') ? String(JSON.parse(literal)) : literal.slice(1, -1);
}

function pathOf(open: readonly OpenBracket[]): string[] {
  return open.slice(0, -1).flatMap((bracket) => (bracket.latestKey === undefined ? [] : [bracket.latestKey]));
}
