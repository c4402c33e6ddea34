import path from 'node:path';
import process from 'node:process';
import type { MemoryRecord } from '../../memory/memory-record.js';

/** Hexadecimal digits that tell commits apart for a person. */
const SHORT_HASH = 10;

/**
 * Where a memory was read from, as a person would look for it: file and line, from the working folder if it is in there, or a
 * commit with its author. The id of a memory without a source, by which it is forgotten.
 */
export function memoryPlace({ id, source, metadata }: Pick<MemoryRecord, 'id' | 'source' | 'metadata'>): string {
  if (source === undefined) return id;
  const { file, firstLine, hash, author } = metadata;
  if (typeof file === 'string') {
    // The source of one file is that file.
    const whole = path.basename(source.path) === file ? source.path : path.join(source.path, file);
    return typeof firstLine === 'number' ? `${shortPath(whole)}:${firstLine}` : shortPath(whole);
  }
  if (typeof hash === 'string') {
    const by = typeof author === 'string' ? ` by ${author}` : '';
    return `commit ${hash.slice(0, SHORT_HASH)}${by}`;
  }
  return shortPath(source.path);
}

/** A path from the working folder if it is in there, else as it is. */
export function shortPath(location: string): string {
  if (!path.isAbsolute(location)) return location;
  const relative = path.relative(process.cwd(), location);
  if (relative === '') return '.';
  return relative.startsWith('..') || path.isAbsolute(relative) ? location : relative;
}
