import { IsovecError } from '../../../shared/isovec-error.js';

/** Where a server is, as its client wants it. */
export interface QdrantAddress {
  readonly host: string;
  readonly port: number;
  readonly https: boolean;
  /** Path before that of every request; '' if there is none. */
  readonly prefix: string;
}

/** The port of Qdrant's HTTP interface. */
const PORT = 6333;
const NAME = /^[A-Za-z0-9_-]{1,200}$/;

/** Reads an address such as `http://127.0.0.1:6333` or `https://example.org/qdrant`. CONFIG_INVALID. */
export function parseQdrantUrl(text: string): QdrantAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.search !== '') {
    throw new IsovecError(
      'CONFIG_INVALID',
      'The address of Qdrant must be http://HOST:PORT or https://HOST:PORT, without user and password; a key is given beside it.',
      { data: { option: 'url' } },
    );
  }
  // An explicit 80 or 443 reads as no port; those who mean it say so, and Qdrant is not there otherwise.
  const isDefault = new RegExp(`^https?://[^/]*:${url.protocol === 'https:' ? 443 : 80}(/|$)`).test(text);
  const port = url.port === '' ? (isDefault ? (url.protocol === 'https:' ? 443 : 80) : PORT) : Number(url.port);
  return { host: url.hostname, port, https: url.protocol === 'https:', prefix: url.pathname.replace(/\/+$/, '') };
}

/** A collection's name is made of letters, digits, `_` and `-`: CONFIG_INVALID. */
export function checkCollectionName(name: string): void {
  if (NAME.test(name)) return;
  throw new IsovecError(
    'CONFIG_INVALID',
    `A collection cannot be called ${JSON.stringify(name)}: up to 200 letters, digits, _ and -.`,
    { data: { option: 'collection' } },
  );
}
