import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

/** The built site. */
export const SITE: string = path.resolve(import.meta.dirname, '../../.cache/site');

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
};

/** The site on this machine, as any server of files would have it. */
export interface SiteServer {
  readonly url: string;
  readonly close: () => void;
}

/** Serves the files of the built site, and nothing else. */
export async function serveSite(): Promise<SiteServer> {
  const server = createServer((request, response) => {
    const asked = decodeURIComponent(new URL(request.url ?? '/', 'http://site').pathname);
    const file = path.join(SITE, asked.endsWith('/') ? `${asked}index.html` : asked);
    readFile(file).then(
      (bytes) => {
        response.writeHead(200, { 'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream' }).end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
