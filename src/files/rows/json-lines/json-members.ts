const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** A member of a JSON object: its name, and where its value stands in the source. */
export interface JsonMember {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

/** What {@link scanMembers} finds. */
export interface JsonScan {
  /** In the order of the source; a name may come twice. */
  readonly members: readonly JsonMember[];
  /** Levels of arrays and objects; 1 for a flat object. */
  readonly depth: number;
}

/**
 * Finds what JSON.parse drops: members of one name, their order, and the digits of their numbers. The source must be
 * a JSON object that JSON.parse takes.
 */
export function scanMembers(source: string): JsonScan {
  const members: JsonMember[] = [];
  let depth = 0;
  let deepest = 0;
  let name: string | undefined;
  let begin = 0;
  for (let i = 0; i < source.length; i++) {
    switch (source.charCodeAt(i)) {
      case QUOTE: {
        const end = stringEnd(source, i);
        if (depth === 1 && name === undefined) name = stringValue(source.slice(i, end));
        i = end - 1;
        break;
      }
      case 0x3a: // :
        if (depth === 1) begin = i + 1;
        break;
      case 0x2c: // ,
        if (depth === 1 && name !== undefined) {
          members.push({ name, begin, end: i });
          name = undefined;
        }
        break;
      case 0x7b: // {
      case 0x5b: // [
        deepest = Math.max(deepest, ++depth);
        break;
      case 0x7d: // }
      case 0x5d: // ]
        if (--depth === 0 && name !== undefined) members.push({ name, begin, end: i });
        break;
    }
  }
  return { members, depth: deepest };
}

/** Whether a part of a JSON text holds an integer that a double would round. */
export function hasLargeInteger(source: string, begin: number, end: number): boolean {
  for (let i = begin; i < end; i++) {
    const unit = source.charCodeAt(i);
    if (unit === QUOTE) i = stringEnd(source, i) - 1;
    else if (unit === 0x2d || isDigit(unit)) {
      let integer = true;
      const first = i;
      for (i++; i < end && isNumberPart(source.charCodeAt(i)); i++) integer &&= isDigit(source.charCodeAt(i));
      if (integer && !Number.isSafeInteger(Number(source.slice(first, i)))) return true;
    }
  }
  return false;
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function isNumberPart(unit: number): boolean {
  // . + - e E
  return isDigit(unit) || unit === 0x2e || unit === 0x2b || unit === 0x2d || unit === 0x65 || unit === 0x45;
}

/** Offset behind the string that begins at `begin`. */
function stringEnd(source: string, begin: number): number {
  for (let end = source.indexOf('"', begin + 1); end >= 0; end = source.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (source.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end + 1;
  }
  return source.length;
}

function stringValue(literal: string): string {
  return literal.includes('\\') ? String(JSON.parse(literal)) : literal.slice(1, -1);
}
