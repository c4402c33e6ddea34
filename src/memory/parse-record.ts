import { isJsonObject } from '../formats/json/parse-json.js';
import { isIsovecError } from '../shared/isovec-error.js';
import { checkInput, isMoment, isShare } from './check-input.js';
import { COGNITIVE_DIMENSIONS } from './cognitive/cognitive-dimensions.js';
import type { MemoryInput } from './memory-input.js';
import type { MemoryConnection, MemoryRecord } from './memory-record.js';

/** Whether a value that was read from JSON is a whole memory, which breaks no rule of what may be remembered. */
export function isMemoryRecord(value: unknown): value is MemoryRecord {
  if (!isJsonObject(value) || typeof value['content'] !== 'string' || typeof value['id'] !== 'string') return false;
  const { dimensions, metadata, accessCount, createdAt, modifiedAt, sourceAt, accessedAt, level, kind } = value;
  try {
    checkInput(value as unknown as MemoryInput, 0);
  } catch (error) {
    if (isIsovecError(error)) return false;
    throw error;
  }
  return (
    level !== undefined &&
    kind !== undefined &&
    [value['importance'], value['strength']].every(isShare) &&
    isJsonObject(dimensions) &&
    COGNITIVE_DIMENSIONS.every((name) => isShare(dimensions[name])) &&
    isJsonObject(metadata) &&
    Array.isArray(value['tags']) &&
    Number.isSafeInteger(accessCount) &&
    Number(accessCount) >= 0 &&
    isMoment(createdAt) &&
    isMoment(modifiedAt) &&
    [sourceAt, accessedAt].every((moment) => moment === undefined || isMoment(moment))
  );
}

/** Whether a value that was read from JSON is a whole connection. */
export function isMemoryConnection(value: unknown): value is MemoryConnection {
  return (
    isJsonObject(value) &&
    ['from', 'to', 'type'].every((key) => typeof value[key] === 'string' && value[key] !== '') &&
    isShare(value['weight']) &&
    typeof value['bidirectional'] === 'boolean' &&
    isMoment(value['createdAt'])
  );
}
