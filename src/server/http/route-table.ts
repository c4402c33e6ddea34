import type { RouteOptions } from 'fastify';
import type { RouteFamily } from './error-shapes.js';

/** What is known of a path. */
interface KnownPath {
  readonly methods: Set<string>;
  readonly family: RouteFamily | 'by body' | undefined;
}

/** The routes of an app by path, for answers to requests that reach none of them. */
export class RouteTable {
  readonly #paths = new Map<string, KnownPath>();

  /** Takes note of a route. */
  add({ method, url, config }: Pick<RouteOptions, 'method' | 'url' | 'config'>): void {
    const known = this.#paths.get(url) ?? { methods: new Set(), family: config?.family };
    for (const one of [method].flat()) known.methods.add(one.toUpperCase());
    this.#paths.set(url, known);
  }

  /** Methods that a path takes, in the form of the Allow header; empty for a path that is unknown. */
  allowed(path: string): string {
    return [...(this.#find(path)?.methods ?? [])].sort().join(', ');
  }

  /** How a path tells of errors: as its route does, and by its beginning where there is none. */
  family(path: string): RouteFamily {
    const family = this.#find(path)?.family;
    // Whoever gets here has sent no body that says more.
    if (family === 'by body') return 'native';
    return family ?? (/^\/v1(\/|$)/.test(path) ? 'openai' : 'native');
  }

  #find(path: string): KnownPath | undefined {
    const exact = this.#paths.get(path);
    if (exact !== undefined) return exact;
    for (const [url, known] of this.#paths) {
      const prefix = url.endsWith('/*') ? url.slice(0, -1) : undefined;
      if (prefix !== undefined && path.length > prefix.length && path.startsWith(prefix)) return known;
    }
    return undefined;
  }
}
