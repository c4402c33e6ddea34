import type { MemoryConnection } from '../memory-record.js';
import type { MemoryInput } from '../memory-input.js';

/** A memory of a source: its id stays the same when the source is read again. */
export type SourceMemory = MemoryInput & { readonly id: string };

/** A connection of a source; it is made when it is stored. */
export type SourceConnection = Omit<MemoryConnection, 'createdAt'>;

/** What a source tells: memories with ids that stay the same when it is read again, and their connections. */
export interface SourceContent {
  /** As {@link MemoryInput.source} of every memory. */
  readonly source: { readonly path: string; readonly type: string };
  readonly memories: readonly SourceMemory[];
  readonly connections: readonly SourceConnection[];
}
