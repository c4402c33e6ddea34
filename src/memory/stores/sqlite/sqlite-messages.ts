import type { EmbeddingSpace } from '../../../models/embedding-space.js';
import type { SerializedError } from '../../../shared/isovec-error.js';
import type { OutboxDatabase } from './outbox-database.js';
import type { SpaceChange } from './space-change.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** What a thread does with its file: serves it, gives all memories vectors of another space, or keeps what another side lacks. */
export type FileRole = 'store' | 'change' | 'outbox';

/** What the thread of a file starts with. */
export interface SqliteStart {
  readonly file: string;
  readonly space: EmbeddingSpace | undefined;
  /** What is done with the file. */
  readonly role: FileRole;
}

/** Methods that are called over the border of the thread. */
export type SqliteMethod = Exclude<keyof SqliteDatabase | keyof SpaceChange | keyof OutboxDatabase, 'space'>;

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
