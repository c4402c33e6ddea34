import type { EmbeddingSpace } from '../../../models/embedding-space.js';
import type { SerializedError } from '../../../shared/isovec-error.js';
import type { SpaceChange } from './space-change.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** What the thread of a file starts with. */
export interface SqliteStart {
  readonly file: string;
  readonly space: EmbeddingSpace | undefined;
  /** Whether all memories are given vectors of the space, rather than served. */
  readonly isChange?: true;
}

/** Methods that are called over the border of the thread. */
export type SqliteMethod = Exclude<keyof SqliteDatabase | keyof SpaceChange, 'space'>;

/** From the store to the thread. */
export interface SqliteRequest {
  readonly id: number;
  readonly method: SqliteMethod;
  readonly args: readonly unknown[];
}

/** From the thread to the store: it has opened the file, or an answer to a request. */
export type SqliteReply =
  | { readonly type: 'opened'; readonly space: EmbeddingSpace }
  | { readonly type: 'refused'; readonly error: SerializedError }
  | { readonly type: 'done'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly error: SerializedError };
