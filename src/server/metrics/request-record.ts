import type { ErrorCode } from '../../shared/error-table.js';
import type { EmbedTimings } from '../embed-texts.js';
import type { Outcome } from './outcome.js';

/** How a request reached the server. */
export type Protocol = 'http' | 'grpc';

/** What was embedded for a request. */
export interface EmbeddedRecord {
  readonly texts: number;
  /** Before any cut. */
  readonly tokens: number;
  /** Texts that were cut. */
  readonly truncated: number;
  /** Milliseconds; queue and inference are means over the texts. */
  readonly timings: Pick<EmbedTimings, 'tokenize' | 'queue' | 'inference'>;
}

/**
 * A request that is over, as metrics count it. Nothing in it is a client's own word: whatever clients send, there are no
 * more label values than routes, models and codes.
 */
export interface RequestRecord {
  readonly protocol: Protocol;
  /** The route's pattern; empty where there is none. */
  readonly route: string;
  /** A model that is served; empty where the request did not get as far as one. */
  readonly model: string;
  readonly outcome: Outcome;
  /** Why it failed. */
  readonly code: ErrorCode | undefined;
  /** Whether it failed because vectors were not finite. */
  readonly notFinite: boolean;
  /** From its arrival until its answer was handed over, in milliseconds. */
  readonly milliseconds: number;
  /** What was embedded; undefined where nothing was. */
  readonly embedded: EmbeddedRecord | undefined;
}
