import { throwIfAborted } from '../../shared/abort.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { Column } from '../column.js';
import type { RowFormat, RowOutcome, RowSource } from './row-source.js';

/** What is known of a source once it is open. */
export interface OpenedFacts {
  readonly name: string;
  readonly format: RowFormat;
  readonly column: string;
  readonly columns: readonly Column[];
  readonly rowCount?: number;
  readonly signal: AbortSignal | undefined;
}

/** Where the bytes of a source come from. */
export interface OpenedBytes {
  readonly byteCount: number | undefined;
  readonly bytesRead: number;
  /** Idempotent. */
  close(): Promise<void>;
}

/** A {@link RowSource} of a generator of rows: reading it once, calling it off and closing it are the same for all. */
export class OpenedRows implements RowSource {
  readonly name: string;
  readonly format: RowFormat;
  readonly column: string;
  readonly columns: readonly Column[];
  readonly rowCount: number | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #bytes: OpenedBytes;
  readonly #read: () => AsyncGenerator<readonly RowOutcome[], void, undefined>;
  #state: 'unread' | 'reading' | 'closed' = 'unread';

  constructor(
    facts: OpenedFacts,
    bytes: OpenedBytes,
    read: () => AsyncGenerator<readonly RowOutcome[], void, undefined>,
  ) {
    this.name = facts.name;
    this.format = facts.format;
    this.column = facts.column;
    this.columns = facts.columns;
    this.rowCount = facts.rowCount;
    this.#signal = facts.signal;
    this.#bytes = bytes;
    this.#read = read;
  }

  get byteCount(): number | undefined {
    return this.#bytes.byteCount;
  }

  get bytesRead(): number {
    return this.#bytes.bytesRead;
  }

  async *rows(): AsyncGenerator<readonly RowOutcome[], void, undefined> {
    this.#assertOpen();
    if (this.#state === 'reading') {
      throw new IsovecError('CLOSED', `${this.name} is being read already. Open it again for a second reading.`);
    }
    this.#state = 'reading';
    try {
      throwIfAborted(this.#signal);
      for await (const run of this.#read()) {
        if (run.length > 0) yield run;
        throwIfAborted(this.#signal);
        this.#assertOpen();
      }
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    await this.#bytes.close();
  }

  #assertOpen(): void {
    if (this.#state === 'closed') throw new IsovecError('CLOSED', `${this.name} is closed. Open it again.`);
  }
}
