import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** A connection on which a test writes bytes that no client would. */
export class RawConnection {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #ended = false;
  #wake = (): void => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#wake();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    // A server that cuts the connection is one of the things to be seen.
    socket.on('close', end).on('error', end);
  }

  /** Connects to a server; the connection is cut after the test. */
  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    const connection = new RawConnection(socket);
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    return connection;
  }

  /** Writes; resolves when it is handed to the system, or the connection is gone. */
  write(bytes: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (this.#ended) resolve();
      else {
        this.socket.write(bytes, () => {
          resolve();
        });
      }
    });
  }

  /** Whether the server has closed. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Resolves when the server has closed. */
  async end(): Promise<void> {
    if (!this.#ended) await once(this.socket, 'close');
  }

  /** The next whole answer; undefined if the connection ends before there is one. */
  async answer(): Promise<RawAnswer | undefined> {
    for (;;) {
      const found = parseAnswer(this.#received);
      if (found !== undefined) {
        this.#received = this.#received.subarray(found.length);
        // RFC 9110, 15.2: an interim answer is not the answer.
        if (found.answer.status >= 200) return found.answer;
      } else if (this.#ended) return undefined;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** The first answer of some bytes, and how many of them it is; undefined where it is not whole. */
function parseAnswer(bytes: Buffer): { readonly answer: RawAnswer; readonly length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1]);
  if (Number.isNaN(status)) throw new Error(`no status line: ${first}`);
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const length = Number(headers.get('content-length') ?? '0');
  const start = end + 4;
  if (bytes.length < start + length) return undefined;
  return { answer: { status, headers, body: bytes.toString('utf8', start, start + length) }, length: start + length };
}

/** A request as bytes; its length is counted unless headers say otherwise. */
export function rawRequest(path: string, body: string | Buffer, headers: readonly string[] = []): Buffer {
  const bytes = Buffer.from(body);
  const lines = [`POST ${path} HTTP/1.1`, 'host: test', 'content-type: application/json', ...headers];
  if (!headers.some((line) => /^(content-length|transfer-encoding):/i.test(line))) {
    lines.push(`content-length: ${bytes.length}`);
  }
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), bytes]);
}

/** A body in chunks of so many bytes. */
export function chunked(body: string | Buffer, size = 512): Buffer {
  const bytes = Buffer.from(body);
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}
