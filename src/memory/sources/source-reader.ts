import type { MemoryConnection } from '../memory-record.js';
import type { MemoryInput } from '../memory-input.js';

/** What a source tells: memories with ids that stay the same when it is read again, and their connections. */
export interface SourceContent {
  /** As {@link MemoryInput.source} of every memory. */
  readonly source: { readonly path: string; readonly type: string };
  readonly memories: readonly (MemoryInput & { readonly id: string })[];
  readonly connections: readonly Omit<MemoryConnection, 'createdAt'>[];
}
