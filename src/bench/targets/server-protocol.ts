import type { TargetAnswer } from './target.js';

/** How a kind of server is spoken to. */
export interface ServerProtocol {
  /** The address of the endpoint, for the address that a user gave. */
  endpoint(base: URL): URL;
  /** What is sent. */
  request(texts: readonly string[], model: string): unknown;
  /** The vectors as the server sent them, in its order, and tokens; undefined for an answer of another shape. */
  read(body: unknown, headers: Headers): ProtocolAnswer | undefined;
}

/** An answer that has the shape of its protocol; its vectors are not checked yet. */
export interface ProtocolAnswer {
  readonly vectors: readonly unknown[];
  readonly tokens: TargetAnswer['tokens'];
}
