import { createHash, type Hash } from 'node:crypto';
import type { ColumnValue } from '../column.js';
import type { RowOutcome } from './row-source.js';

/** A digest over the rows of a source so far, whatever its format on disk: text, kept values, and which were refused. */
export class SourceDigest {
  readonly #hash: Hash = createHash('sha256');

  add(outcome: RowOutcome): void {
    if (!('text' in outcome)) {
      this.#part('refused', String(outcome.number));
      return;
    }
    this.#part('text', outcome.text);
    if (outcome.json !== undefined) this.#part('json', outcome.json);
    else for (const value of outcome.values) this.#value(value);
  }

  /** SHA-256 over the rows so far, hexadecimal. */
  value(): string {
    return this.#hash.copy().digest('hex');
  }

  /** With their lengths, parts cannot run into each other. */
  #part(kind: string, text: string): void {
    this.#hash.update(`${kind} ${text.length}\n${text}\n`);
  }

  #value(value: ColumnValue): void {
    if (value instanceof Uint8Array) {
      this.#hash.update(`binary ${value.byteLength}\n`).update(value);
    } else if (typeof value === 'object' && value !== null) {
      this.#part('json', JSON.stringify(value));
    } else {
      this.#part(typeof value, String(value));
    }
  }
}
