import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { IsovecError } from '../../shared/isovec-error.js';
import { errorAnswer, type RouteFamily } from './error-shapes.js';
import { refused } from './refused.js';

/** Time for a client to read why it is turned away, before its connection is cut. */
const LINGER_MILLISECONDS = 1_000;

/** How errors are told that the framework never sees. */
export interface ClientErrorOptions {
  readonly familyOf: (path: string) => RouteFamily;
  readonly onFailure: (error: IsovecError, status: number) => void;
}

/**
 * Answers what is no HTTP, or comes too slowly or too large, in the shapes of all other errors. Never writes into the middle
 * of another answer, and lets one that is owed be given first.
 */
export class ClientErrors {
  readonly #options: ClientErrorOptions;
  readonly #responses = new WeakMap<Duplex, readonly ServerResponse[]>();
  readonly #told = new WeakSet<Duplex>();

  constructor(options: ClientErrorOptions) {
    this.#options = options;
  }

  /** Hears of requests as they come, and of expectations (RFC 9110, 10.1.1) other than 100-continue. */
  watch(server: Server): void {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#responses.set(request.socket, [...this.#open(request.socket), response]);
    });
    server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
      const refusal = refused(417, 'The only expectation that this server can meet is 100-continue.');
      const { status, headers, json } = this.#answer(refusal, request.url);
      response.writeHead(status, headers).end(json);
    });
  }

  /** For the event of the same name. */
  readonly handle = (error: ConnectionError, socket: Duplex): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed || this.#told.has(socket)) return;
    const [response, ...more] = this.#open(socket);
    if (!socket.writable || response?.headersSent === true || more.length > 0) {
      socket.destroy();
      return;
    }
    this.#told.add(socket);
    if (response?.req.complete === true) {
      response.once('finish', () => {
        endSoon(socket);
      });
      return;
    }
    const url = response?.req.url ?? urlIn(error.rawPacket);
    const { status, headers, json } = this.#answer(refusalOf(error), url);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    endSoon(socket, `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${json}`);
  };

  /** Responses that are not finished, or whose request still arrives. */
  #open(socket: Duplex): readonly ServerResponse[] {
    const responses = this.#responses.get(socket) ?? [];
    return responses.filter(({ writableFinished, req }) => !(writableFinished && req.complete));
  }

  #answer(error: IsovecError, url = '/'): RawAnswer {
    const { status, contentType, body } = errorAnswer(error, this.#options.familyOf(url.split('?', 1)[0] ?? url));
    this.#options.onFailure(error, status);
    const json = JSON.stringify(body);
    const headers = {
      'content-type': contentType,
      'content-length': String(Buffer.byteLength(json)),
      'x-request-id': randomUUID(),
      connection: 'close',
    };
    return { status, headers, json };
  }
}

/** An answer that does not pass through the framework. */
interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: string;
}

/** An error as Node tells of it. */
interface ConnectionError extends Error {
  readonly code?: string | undefined;
  /** Bytes in which it was found, which begin with the request line if it is the first part of a request. */
  readonly rawPacket?: unknown;
}

function urlIn(packet: unknown): string | undefined {
  return Buffer.isBuffer(packet) ? /^[A-Z]+ (\S+) HTTP\//.exec(packet.toString('latin1'))?.[1] : undefined;
}

function refusalOf({ code }: ConnectionError): IsovecError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return refused(408, 'The request did not arrive in time.');
  if (code === 'HPE_HEADER_OVERFLOW') return refused(431, 'The headers are larger than this server takes.');
  return refused(400, 'The request is not valid HTTP.');
}

/** Ends a connection, at the latest after a moment, although its client goes on sending. */
function endSoon(socket: Duplex, last = ''): void {
  socket.end(last);
  const timer = setTimeout(() => socket.destroy(), LINGER_MILLISECONDS).unref();
  socket.once('close', () => {
    clearTimeout(timer);
  });
}
