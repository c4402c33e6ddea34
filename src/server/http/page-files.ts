import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the playground or of the API reference as it is answered. */
export interface PageFile {
  /** Below the server's root; '/' is the playground, '/docs' the reference. */
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
/** The addresses of the documents. */
const DOCUMENTS: Readonly<Record<string, string>> = { 'index.html': '/', 'docs.html': '/docs' };

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Reads the files of both pages, all of them: they are few and small, and a request then only selects among them, so that
 * no path of a request ever reaches the file system (CWE-22).
 */
export function readPageFiles(): readonly PageFile[] {
  const assets = readdirSync(path.join(FOLDER, ASSETS)).map((name) => `${ASSETS}/${name}`);
  return [...Object.keys(DOCUMENTS), ...assets].map((name) => {
    const body = readFileSync(path.join(FOLDER, name));
    const contentType = CONTENT_TYPES[path.extname(name)];
    if (contentType === undefined) throw new Error(`The page has no content type for ${name}.`);
    return {
      url: DOCUMENTS[name] ?? `/${name}`,
      body,
      contentType,
      etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`,
      immutable: !(name in DOCUMENTS),
    };
  });
}
