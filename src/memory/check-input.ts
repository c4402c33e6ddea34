import { IsovecError } from '../shared/isovec-error.js';
import { LONE_SURROGATE } from '../shared/lone-surrogate.js';
import { isCognitiveDimension } from './cognitive/cognitive-dimensions.js';
import type { MemoryInput } from './memory-input.js';

/** Longest content: far beyond what a model reads of it, and small enough for one message (CWE-770). */
export const MOST_CONTENT_CHARACTERS = 100_000;
/** An id is the name of a record, not a place for content. */
const MOST_ID_CHARACTERS = 256;
/** Of a path, systems allow no more. */
const MOST_PATH_CHARACTERS = 4096;
const MOST_TAGS = 100;
const NAME_RULE = `must be a text of 1 to ${MOST_ID_CHARACTERS} characters without control characters`;

/** Checks what is to be remembered: INPUT_INVALID names its index, the field and the rule. */
export function checkInput(input: MemoryInput, index: number): void {
  const fail = (field: string, rule: string): never => {
    throw new IsovecError('INPUT_INVALID', `Memory ${index}: ${field} ${rule}.`, { data: { index, field } });
  };
  const {
    content,
    id,
    level,
    kind,
    importance,
    strength,
    tags = [],
    sourceAt,
    dimensions = {},
    source,
    parentId,
  } = input;
  if (typeof content !== 'string' || content.trim() === '') fail('content', 'must be a text that is not blank');
  if (content.length > MOST_CONTENT_CHARACTERS) {
    fail('content', `has ${content.length} characters, and may have ${MOST_CONTENT_CHARACTERS}; remember it in parts`);
  }
  if (LONE_SURROGATE.test(content)) fail('content', 'must not hold half a surrogate pair');
  // Texts of SQLite end there, and PostgreSQL refuses it.
  if (content.includes('\0')) fail('content', 'must not hold the character U+0000');
  for (const [field, value] of Object.entries({ id, parentId, 'source.type': source?.type })) {
    if (value !== undefined && !isName(value)) fail(field, NAME_RULE);
  }
  // Addresses of memories would lose them: URLs drop such segments even when they are percent-encoded (WHATWG URL, 4.4).
  if (id === '.' || id === '..') fail('id', 'must not be . or ..');
  if (source !== undefined && !isName(source.path, MOST_PATH_CHARACTERS)) fail('source.path', 'must be a path');
  if (level !== undefined && ![0, 1, 2].includes(level))
    fail('level', 'must be 0 (concept), 1 (context) or 2 (episode)');
  if (kind !== undefined && !['episodic', 'semantic'].includes(kind)) fail('kind', "must be 'episodic' or 'semantic'");
  for (const [field, value] of Object.entries({ importance, strength })) {
    if (value !== undefined && !isShare(value)) fail(field, 'must be a number from 0 to 1');
  }
  if (!Array.isArray(tags) || tags.length > MOST_TAGS) fail('tags', `must be a list of at most ${MOST_TAGS} texts`);
  if (!tags.every((tag) => isName(tag))) fail('tags', `each ${NAME_RULE}`);
  if (sourceAt !== undefined && !isMoment(sourceAt)) fail('sourceAt', 'must be whole milliseconds since 1970');
  for (const [name, value] of Object.entries(dimensions)) {
    if (!isCognitiveDimension(name)) fail('dimensions', `has no ${JSON.stringify(name.slice(0, 40))}`);
    if (!isShare(value)) fail(`dimensions.${name}`, 'must be a number from 0 to 1');
  }
}

/** Whether a value is a number from 0 to 1. */
export function isShare(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 1;
}

/** Whether a value is an instant in whole milliseconds that a Date can hold. */
export function isMoment(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && !Number.isNaN(new Date(value).getTime());
}

function isName(value: unknown, most: number = MOST_ID_CHARACTERS): boolean {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= most &&
    !/[\u0000-\u001f\u007f]/.test(value) &&
    !LONE_SURROGATE.test(value)
  );
}
