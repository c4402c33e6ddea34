import { isJsonObject, type JsonObject } from '../../../formats/json/parse-json.js';
import { refuseRow } from '../refuse-row.js';
import type { RefusedRow } from '../row-source.js';
import { scanMembers, type JsonMember } from './json-members.js';

/** Deepest nesting of a row: what is written again must not exhaust the stack (CWE-674). */
const MAX_DEPTH = 256;

/** A line of JSON Lines. */
export interface JsonRow {
  readonly number: number;
  readonly source: string;
  readonly object: JsonObject;
  /** Members as the source has them: in its order, doubles included. */
  readonly members: readonly JsonMember[];
}

/** The object of a line, or why its row is refused. */
export function parseJsonRow(line: string, number: number, name: string): JsonRow | RefusedRow {
  if (line.trim() === '') return refuseRow(name, number, 'is blank. Each line must hold a JSON object; delete it.');
  let object: unknown;
  try {
    object = JSON.parse(line);
  } catch (error) {
    // The engine's message repeats the text; only the place may be told.
    const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
    const place = position === undefined ? '' : ` at character ${position}`;
    return refuseRow(name, number, `is not valid JSON${place}. Each line must hold one JSON object.`);
  }
  if (!isJsonObject(object)) {
    return refuseRow(name, number, `is ${jsonKind(object)}. Each line must hold one JSON object.`);
  }
  const { members, depth } = scanMembers(line);
  if (depth > MAX_DEPTH) {
    return refuseRow(name, number, `nests arrays or objects ${depth} levels deep; ${MAX_DEPTH} are read.`);
  }
  return { number, source: line, object, members };
}

/** What a JSON value is, as messages name it. */
export function jsonKind(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
