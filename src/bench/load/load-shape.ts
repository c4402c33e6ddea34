/** Calls one after another, so many at a time: what a program with so many workers does. */
export interface ClosedLoad {
  readonly kind: 'closed';
  readonly concurrency: number;
}

/**
 * Calls at a constant rate, whether or not earlier ones are done: what users do. A latency counts from the moment at
 * which the call was due, so that a server that stands still cannot hide the calls that wait for it.
 */
export interface OpenLoad {
  readonly kind: 'open';
  readonly callsPerSecond: number;
  /** Most calls in flight; what is due beyond it is dropped, and counted as failed with OVERLOADED. */
  readonly maxPending: number;
}

/** In which way calls are sent. */
export type LoadShape = ClosedLoad | OpenLoad;

/** When a measurement ends: after so many calls, or after so long. */
export type LoadEnd = { readonly calls: number } | { readonly milliseconds: number };

/** A load in a few words, for tables and plots. */
export function describeLoad(load: LoadShape): string {
  return load.kind === 'closed' ? `${load.concurrency} at a time` : `${load.callsPerSecond}/s`;
}
