/** One line of RECORD: a name, quoted if it holds commas or quotes, a digest that may be absent, a length. */
const LINE = /^(?:"((?:[^"]|"")*)"|([^",]*)),(?:sha256=([A-Za-z0-9_-]{43}))?/;

/**
 * Hexadecimal SHA-256 by file, from a wheel's RECORD: CSV with digests in unpadded base64url. Source: the binary
 * distribution format of PyPA (PEP 427, PEP 376). Lines without a SHA-256, as RECORD's own, are left out.
 */
export function readRecord(text: string): ReadonlyMap<string, string> {
  const digests = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, quoted, plain, digest] = LINE.exec(line) ?? [];
    const name = quoted?.replaceAll('""', '"') ?? plain;
    if (name !== undefined && digest !== undefined) digests.set(name, Buffer.from(digest, 'base64url').toString('hex'));
  }
  return digests;
}
