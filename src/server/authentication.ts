import { createHash, timingSafeEqual } from 'node:crypto';
import { IsovecError } from '../shared/isovec-error.js';

/** The keys that a server takes. Only their hashes are kept, and comparing takes as long whichever key is meant. */
export class ApiKeys {
  readonly #hashes: readonly Buffer[];

  /** Without a key every request passes. */
  constructor(keys: readonly string[]) {
    this.#hashes = keys.map(hashed);
  }

  /** Whether requests need a key. */
  get wanted(): boolean {
    return this.#hashes.length > 0;
  }

  /** UNAUTHORIZED unless the value of an Authorization header, or a bare key, is one of them. */
  check(authorization: string | undefined, bareKey?: string): void {
    if (!this.wanted) return;
    const key = bareKey ?? /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (key === undefined) {
      throw new IsovecError('UNAUTHORIZED', 'This server wants an API key: send it as "Authorization: Bearer KEY".');
    }
    const hash = hashed(key);
    let known = false;
    for (const other of this.#hashes) known = timingSafeEqual(hash, other) || known;
    if (!known) throw new IsovecError('UNAUTHORIZED', 'The API key of the request is not one of this server.');
  }
}

function hashed(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
