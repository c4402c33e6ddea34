import { parseDocument } from 'yaml';
import { isJsonObject } from '../../../formats/json/parse-json.js';

/** What a Markdown file says of itself before its text. */
export interface FrontMatter {
  readonly title: string | undefined;
  readonly tags: readonly string[];
  /** Milliseconds since 1970. */
  readonly date: number | undefined;
  /** Lines that it takes; 0 if there is none. */
  readonly lineCount: number;
}

const NONE: FrontMatter = { title: undefined, tags: [], date: undefined, lineCount: 0 };

/** Longest that is read, in UTF-16 code units: it is written by hand. */
const MAX_LENGTH = 16_384;
/**
 * Deepest nesting: brackets in all, columns of indentation, entries that begin on one line. The parser is recursive, and an
 * exhausted stack may end the process rather than throw (CWE-674).
 */
const MAX_BRACKETS = 100;
const MAX_INDENT = 40;
const MAX_ENTRIES = 20;
const MAX_TAGS = 64;
/** Longest title and tag, as headings. */
const MAX_NAME = 200;
/** Escapes of YAML can write control characters and halves of surrogate pairs, which no name has. */
const UNWRITABLE = /[\p{Cc}\p{Surrogate}]/u;

/** Date, then perhaps a time of day and an offset. ECMAScript would take a time without offset for local. */
const DATE = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?) ?(Z|[+-]\d\d:\d\d)?)?$/;

/**
 * Reads the front matter of a Markdown file: YAML with members between a first line `---` and a line `---` or `...`. What is
 * none of this is text: two thematic breaks may stand there for themselves. Members of an unexpected shape are passed over.
 */
export function readFrontMatter(lines: readonly string[]): FrontMatter {
  if (lines[0]?.trimEnd() !== '---') return NONE;
  let length = 0;
  for (let at = 1; at < lines.length && length <= MAX_LENGTH; at++) {
    const line = lines[at] ?? '';
    if (/^(?:---|\.\.\.)[ \t]*$/.test(line)) return readMembers(lines.slice(1, at).join('\n'), at + 1);
    length += line.length + 1;
  }
  return NONE;
}

function readMembers(text: string, lineCount: number): FrontMatter {
  const members = parseYaml(text);
  if (!isJsonObject(members)) return NONE;
  const { title, tags, date } = members;
  return { title: nameOf(title), tags: tagsOf(tags), date: dateOf(date), lineCount };
}

function parseYaml(text: string): unknown {
  if (isDeep(text)) return undefined;
  try {
    const document = parseDocument(text, { logLevel: 'silent' });
    return document.errors.length === 0 ? document.toJS({ maxAliasCount: 100 }) : undefined;
  } catch {
    // Aliases beyond the bound: whatever the parser cannot read is no front matter, but text.
    return undefined;
  }
}

/** Whether a text may nest deeply. Keys that are collections (`?`) count as deep: they take the parser cubic time. */
function isDeep(text: string): boolean {
  const lineIsDeep = (line: string): boolean =>
    line.search(/\S/) > MAX_INDENT || /^[\s-]*\?(?:\s|$)/.test(line) || countOf(line, /(?<!\S)-(?!\S)/g) > MAX_ENTRIES;
  return countOf(text, /[[{]/g) > MAX_BRACKETS || text.split('\n').some(lineIsDeep);
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

function nameOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const name = String(value).replaceAll(/\s+/g, ' ').trim();
  return name === '' || name.length > MAX_NAME || UNWRITABLE.test(name) ? undefined : name;
}

/** A list, or one text with commas. */
function tagsOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
  const names = list.slice(0, MAX_TAGS).map((tag) => nameOf(tag)?.replace(/^#/, ''));
  return [...new Set(names.filter((name) => name !== undefined && name !== ''))] as string[];
}

function dateOf(value: unknown): number | undefined {
  const [, day, time, zone] = (typeof value === 'string' ? DATE.exec(value.trim()) : null) ?? [];
  if (day === undefined) return undefined;
  const instant = Date.parse(`${day}T${time ?? '00:00'}${zone ?? 'Z'}`);
  return Number.isNaN(instant) ? undefined : instant;
}
