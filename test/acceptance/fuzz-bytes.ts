import { connect } from 'node:net';

import { seededRandom } from '#src/bench/seeded-random.js';
import { z } from 'zod';

/** A request that is right: the path or what is before its body, and the body. */
type Message = readonly [head: string, body: string];

const WELL_FORMED: readonly Message[] = [
  ['POST /v1/embeddings HTTP/1.1', '{"model":"tiny","input":["a","b"],"encoding_format":"base64"}'],
  ['POST /embed HTTP/1.1\r\nx-request-timeout-ms: 1000', '{"texts":["a","b"],"on_error":"partial"}'],
  ['POST /similarity HTTP/1.1\r\nx-isovec-priority: bulk', '{"a":["a"],"b":["b"]}'],
  ['POST /tokenize HTTP/1.1\r\nx-request-id: abc', '{"inputs":["a","caf\u00c3\u00a9"]}'],
  ['POST /decode HTTP/1.1', '{"ids":[[1,2],[3]]}'],
  ['GET /v1/models/tiny HTTP/1.1', ''],
];

/** Pieces that parsers of HTTP and of JSON take notice of. */
const PIECES: readonly string[] = [
  ...['\r\n', '\r\n\r\n', '\n', '\0', ' ', ':', '%', '%00', '..', '"', '\\', '\\ud800', '{', '[', ',', '-1', '1e999'],
  ...[
    'chunked',
    'transfer-encoding: chunked\r\n',
    'content-length: 99\r\n',
    'expect: 100-continue\r\n',
    '\u00ff\u00fe',
  ],
  ...[
    'connection: close\r\n',
    'HTTP/1.0',
    'ffffffffffffffff\r\n',
    '0\r\n\r\n',
    'content-encoding: br\r\n',
    '"__proto__":',
  ],
];

/** The shapes of errors. */
const anError = z.union([
  z.object({
    error: z.object({ message: z.string(), type: z.string(), param: z.string().nullable(), code: z.string() }),
  }),
  z.object({ error: z.string(), error_type: z.string() }),
  z.object({ title: z.string(), status: z.int(), detail: z.string(), code: z.string() }),
]);

/**
 * Sends damaged requests, each on a connection of its own: how many answers there were by status. Fails where an answer is
 * a fault of the server's, is no HTTP, or is an error in none of the shapes.
 */
export async function fuzzBytes(url: string, seed: number, count: number): Promise<Readonly<Record<string, number>>> {
  const random = seededRandom(seed);
  const counts: Record<string, number> = {};
  for (let at = 0; at < count; at += 16) {
    const batch = Array.from({ length: Math.min(16, count - at) }, () => damaged(random));
    const received = await Promise.all(batch.map((bytes) => exchange(url, bytes)));
    for (const [i, text] of received.entries()) {
      for (const status of statusesOf(text, batch[i] ?? Buffer.alloc(0))) counts[status] = (counts[status] ?? 0) + 1;
    }
  }
  return counts;
}

/** Noise, or a request that is changed in a few places: anywhere, or in its body alone, whose length is then right. */
function damaged(random: () => number): Buffer {
  const below = (most: number): number => Math.floor(random() * most);
  if (random() < 0.05) return Buffer.from(Array.from({ length: 1 + below(400) }, () => below(256)));
  const [head, body] = WELL_FORMED[below(WELL_FORMED.length)] ?? ['', ''];
  const intact = Buffer.from(body, 'latin1');
  if (random() < 0.5) return message(head, damage(intact, random), random() < 0.3);
  return damage(message(head, intact, random() < 0.3), random);
}

function message(head: string, body: Buffer, chunked: boolean): Buffer {
  const size = body.length.toString(16);
  const framed = chunked ? Buffer.concat([Buffer.from(`${size}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]) : body;
  const framing = chunked ? 'transfer-encoding: chunked' : `content-length: ${body.length}`;
  const lines = [head, 'host: a', 'content-type: application/json', framing];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), framed]);
}

/** One to four changes. */
function damage(intact: Buffer, random: () => number): Buffer {
  const below = (most: number): number => Math.floor(random() * most);
  let bytes = intact;
  for (let left = 1 + below(4); left > 0; left--) {
    const start = below(bytes.length + 1);
    const piece = Buffer.from(PIECES[below(PIECES.length)] ?? '', 'latin1');
    const added = [piece, Buffer.from([below(256)]), Buffer.alloc(0)][below(3)] ?? piece;
    const flood = random() < 0.02 ? Buffer.alloc(below(20_000), 'a') : Buffer.alloc(0);
    const removed = random() < 0.5 ? below(8) : 0;
    bytes = Buffer.concat([bytes.subarray(0, start), added, flood, bytes.subarray(start + removed)]);
  }
  return bytes;
}

/** What a server answers to some bytes, after which its client has nothing more to say. */
function exchange(url: string, bytes: Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('data', (part) => parts.push(part));
    // The server may cut the connection while it is still written to.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(Buffer.concat(parts).toString('latin1'));
    });
    socket.end(bytes);
  });
}

/** The statuses of some answers. */
function statusesOf(received: string, sent: Buffer): string[] {
  const statuses: string[] = [];
  let rest = received;
  while (rest !== '') {
    const [, status, head] = /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n/.exec(rest) ?? [];
    const fail = (why: string): never => {
      throw new Error(
        `${why}\nsent: ${JSON.stringify(sent.toString('latin1'))}\nreceived: ${JSON.stringify(received)}`,
      );
    };
    if (status === undefined || head === undefined) return fail('no HTTP');
    const length = Number(/^content-length: (\d+)\r$/im.exec(head)?.[1] ?? 0);
    const start = `HTTP/1.1 ${status} `.length + rest.slice(13).indexOf('\r\n\r\n') + 4;
    const body = rest.slice(start, start + length);
    if (status.startsWith('5') && status !== '504') return fail('a fault of the server');
    if (status.startsWith('4')) {
      if (!/^content-type: application\/(problem\+)?json/im.test(head)) return fail('an error in another type');
      if (!anError.safeParse(JSON.parse(body)).success) return fail('an error in another shape');
    }
    statuses.push(status);
    rest = rest.slice(start + length);
  }
  return statuses.length === 0 ? ['none'] : statuses;
}
