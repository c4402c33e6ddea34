import type { Attributes } from '@opentelemetry/api';
import type { Protocol } from '../metrics/request-record.js';

/** A request as it arrives, on any transport. */
export interface RequestArrival {
  readonly protocol: Protocol;
  /** The route's pattern or the method's full name, never what the client wrote; empty where there is none. */
  readonly route: string;
  /** GET, or the kind of call. */
  readonly method: string;
  /** For log lines and for the sender. */
  readonly requestId: string;
  /** Name of the span, by the conventions of the transport. */
  readonly spanName: string;
  /** Where the trace context is found. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** Of the span, by the conventions of the transport. */
  readonly attributes: Attributes;
}
