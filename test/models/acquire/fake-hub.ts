import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

/** How one request for a file's bytes is answered; without one, as a hub does. */
export type Behaviour =
  | { readonly kind: 'status'; readonly status: number }
  /** Sends so many bytes and cuts the connection. */
  | { readonly kind: 'cut'; readonly after: number }
  /** Sends so many bytes and then nothing more. */
  | { readonly kind: 'hold'; readonly after: number }
  /** Sends these bytes instead of the file's. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Sends the whole file whatever range was asked for. */
  | { readonly kind: 'ignore-range' };

export interface Repository {
  readonly commit: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The name under which the hub lists it, where it was renamed. */
  readonly canonical?: string;
}

interface RequestRecord {
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

const PAGE = 4;

/** A server that speaks as much of the hub's interface as is used: revision, tree in pages, resolve with ranges. */
export class FakeHub {
  readonly repositories: Map<string, Repository> = new Map();
  readonly requests: RequestRecord[] = [];
  /** Answers of the coming requests for a file, first one first. */
  readonly plan: Map<string, Behaviour[]> = new Map();
  /** Status of every request for metadata instead of an answer. */
  metadataStatus: number | undefined;
  /** Where bytes are redirected to, as to a network of caches. */
  redirectTo: string | undefined;
  readonly #server: Server;
  #held: () => void = () => undefined;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response);
    });
  }

  static async start(): Promise<FakeHub> {
    const hub = new FakeHub();
    hub.#server.listen(0, '127.0.0.1');
    await once(hub.#server, 'listening');
    onTestFinished(() => hub.stop());
    return hub;
  }

  get endpoint(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Resolves when the next transfer is held. */
  whenHeld(): Promise<void> {
    return new Promise((resolve) => {
      this.#held = resolve;
    });
  }

  fileRequests(name: string): readonly RequestRecord[] {
    return this.requests.filter(
      ({ path }) => path.split('/').slice(5).join('/') === name && path.includes('/resolve/'),
    );
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.endpoint);
    const { range, authorization } = request.headers;
    this.requests.push({ path: url.pathname, range, authorization });
    if (url.pathname.startsWith('/api/models/')) this.#metadata(url, response);
    else this.#file(url, range, response);
  }

  #metadata(url: URL, response: ServerResponse): void {
    if (this.metadataStatus !== undefined) {
      response.writeHead(this.metadataStatus).end('no');
      return;
    }
    const match = /^\/api\/models\/(.+?)\/(revision|tree)\/([^/]+)$/.exec(url.pathname);
    const repository = this.repositories.get(match?.[1] ?? '');
    const revision = match?.[3];
    if (repository === undefined || (revision !== 'main' && revision !== repository.commit)) {
      const code = repository === undefined ? 'RepoNotFound' : 'RevisionNotFound';
      response.writeHead(404, { 'x-error-code': code }).end('not found');
      return;
    }
    response.setHeader('content-type', 'application/json');
    if (match?.[2] === 'revision') {
      response.end(JSON.stringify({ _id: '1', id: repository.canonical ?? match[1], sha: repository.commit }));
      return;
    }
    const entries = [...repository.files].map(([path, bytes]) => listing(path, bytes));
    const from = Number(url.searchParams.get('cursor') ?? '0');
    if (from + PAGE < entries.length) {
      url.searchParams.set('cursor', String(from + PAGE));
      response.setHeader('link', `<${url.href}>; rel="next"`);
    }
    response.end(JSON.stringify(entries.slice(from, from + PAGE)));
  }

  #file(url: URL, range: string | undefined, response: ServerResponse): void {
    const match = /^\/(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(decodeURIComponent(url.pathname));
    const repository = this.repositories.get(match?.[1] ?? '');
    const name = match?.[3] ?? '';
    const file = repository?.commit === match?.[2] ? repository?.files.get(name) : undefined;
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    if (this.redirectTo !== undefined) {
      response.writeHead(302, { location: this.redirectTo + url.pathname }).end();
      return;
    }
    const behaviour = this.plan.get(name)?.shift();
    if (behaviour?.kind === 'status') {
      response.writeHead(behaviour.status).end();
      return;
    }
    const whole = behaviour?.kind === 'bytes' ? behaviour.bytes : file;
    const begin = behaviour?.kind === 'ignore-range' ? 0 : Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? '0');
    if (begin > 0 && begin >= whole.byteLength) {
      response.writeHead(416).end();
      return;
    }
    const bytes = whole.subarray(begin);
    const headers = { 'content-length': bytes.byteLength };
    if (begin === 0) response.writeHead(200, headers);
    else {
      const contentRange = `bytes ${begin}-${whole.byteLength - 1}/${whole.byteLength}`;
      response.writeHead(206, { ...headers, 'content-range': contentRange });
    }
    if (behaviour?.kind === 'cut' || behaviour?.kind === 'hold') {
      response.write(bytes.subarray(0, behaviour.after), () => {
        if (behaviour.kind === 'cut') response.destroy();
        else this.#held();
      });
    } else response.end(bytes);
  }
}

function listing(path: string, bytes: Uint8Array): object {
  const size = bytes.byteLength;
  const pointer = createHash('sha1').update(path).digest('hex');
  if (/\.(safetensors|bin|onnx)$/.test(path)) {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { type: 'file', path, size, oid: pointer, lfs: { oid: sha256, size, pointerSize: 130 } };
  }
  const oid = createHash('sha1').update(`blob ${size}\0`).update(bytes).digest('hex');
  return { type: 'file', path, size, oid };
}
