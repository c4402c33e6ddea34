import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

import { throwIfAborted } from '../../shared/abort.js';
import type { ExpectedContent } from '../sources/source.js';

/** What content turned out to be. */
export interface FoundContent {
  readonly size: number;
  readonly sha256: string;
  /** Present if the expectation names one. */
  readonly gitOid?: string;
}

/** Computes, as bytes pass, the digests that an expectation can be held against. */
export class ContentDigest {
  readonly #sha256: Hash = createHash('sha256');
  readonly #git: Hash | undefined;
  #size = 0;

  constructor(expected: ExpectedContent) {
    // Git hashes a header with the length before the bytes, so the length must be known from the start.
    this.#git = expected.gitOid === undefined ? undefined : createHash('sha1').update(`blob ${expected.size}\0`);
  }

  get size(): number {
    return this.#size;
  }

  update(bytes: Uint8Array): void {
    this.#sha256.update(bytes);
    this.#git?.update(bytes);
    this.#size += bytes.byteLength;
  }

  /** The result; to be called once, at the end. */
  found(): FoundContent {
    const sha256 = this.#sha256.digest('hex');
    const size = this.#size;
    return this.#git === undefined ? { size, sha256 } : { size, sha256, gitOid: this.#git.digest('hex') };
  }
}

/** Whether content is what was expected, in everything that the expectation names. */
export function matches(found: FoundContent, expected: ExpectedContent): boolean {
  return (
    found.size === expected.size &&
    (expected.sha256 === undefined || found.sha256 === expected.sha256) &&
    (expected.gitOid === undefined || found.gitOid === expected.gitOid)
  );
}

/** Reads a file and says what it holds. */
export async function digestFile(
  file: string,
  expected: ExpectedContent,
  options: { signal?: AbortSignal | undefined; onBytes?: ((done: number) => void) | undefined } = {},
): Promise<FoundContent> {
  const digest = new ContentDigest(expected);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>) {
    throwIfAborted(options.signal);
    digest.update(chunk);
    options.onBytes?.(digest.size);
  }
  return digest.found();
}

/** Digest and length as messages show them. */
export function describeContent(content: ExpectedContent | FoundContent): string {
  const digest = content.sha256 === undefined ? `git ${content.gitOid ?? 'unknown'}` : `sha256 ${content.sha256}`;
  return `${digest}, ${content.size} bytes`;
}
