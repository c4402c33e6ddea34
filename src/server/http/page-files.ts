import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the playground as it is answered. */
export interface PageFile {
  /** Below the server's root; '/' is the page itself. */
  readonly url: string;
  readonly body: Buffer;
  readonly contentType: string;
  /** Strong: over the bytes (RFC 9110, 8.8.3). */
  readonly etag: string;
  /** Whether its name changes with its content, so that it may be kept for ever. */
  readonly immutable: boolean;
}

/** What the build of the page writes; src/ and dist/ lie equally deep. */
const FOLDER = fileURLToPath(new URL('../../../page/dist', import.meta.url));
const ASSETS = 'assets';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Reads the files of the playground, all of them: they are few and small, and a request then only selects among them, so
 * that no path of a request ever reaches the file system (CWE-22).
 */
export function readPageFiles(): readonly PageFile[] {
  const assets = readdirSync(path.join(FOLDER, ASSETS)).map((name) => `${ASSETS}/${name}`);
  return ['index.html', ...assets].map((name) => {
    const body = readFileSync(path.join(FOLDER, name));
    const contentType = CONTENT_TYPES[path.extname(name)];
    if (contentType === undefined) throw new Error(`The page has no content type for ${name}.`);
    return {
      url: name === 'index.html' ? '/' : `/${name}`,
      body,
      contentType,
      etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`,
      immutable: name !== 'index.html',
    };
  });
}
