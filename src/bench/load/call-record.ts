import { type IsovecError, toIsovecError } from '../../shared/isovec-error.js';
import { LatencyRecord } from '../measure/latency-record.js';
import type { TargetAnswer } from '../targets/target.js';

/** Calls that failed in one way. */
export interface FailedCalls {
  /** An error code, and the HTTP status where a server gave one: "PROVIDER_UNAVAILABLE, HTTP 503". */
  readonly kind: string;
  readonly count: number;
  /** What the first of them said. */
  readonly message: string;
}

/** What became of the calls of a measurement. Its memory does not grow with their number. */
export class CallRecord {
  readonly latencies: LatencyRecord = new LatencyRecord();
  readonly #failures = new Map<string, { count: number; message: string }>();
  #calls = 0;
  #texts = 0;
  #tokens = 0;
  #tokensKnown = true;

  /** Calls that were answered. */
  get answered(): number {
    return this.#calls;
  }

  /** Texts of the answered calls. */
  get texts(): number {
    return this.#texts;
  }

  /** Tokens of the answered calls; undefined if one of the answers did not say. */
  get tokens(): number | undefined {
    return this.#tokensKnown ? this.#tokens : undefined;
  }

  get failed(): number {
    return this.failures.reduce((sum, { count }) => sum + count, 0);
  }

  /** The most frequent first. */
  get failures(): readonly FailedCalls[] {
    return [...this.#failures]
      .map(([kind, { count, message }]) => ({ kind, count, message }))
      .sort((left, right) => right.count - left.count);
  }

  answer(latency: number, texts: number, { tokens }: TargetAnswer): void {
    this.latencies.add(latency);
    this.#calls++;
    this.#texts += texts;
    if (tokens === undefined) this.#tokensKnown = false;
    else this.#tokens += tokens;
  }

  /** Counts a failed call. Throws on what ends the whole run: ABORTED, and INTERNAL, which is a defect. */
  fail(thrown: unknown): void {
    const error = toIsovecError(thrown);
    if (error.code === 'ABORTED' || error.code === 'INTERNAL') throw error;
    const kind = kindOf(error);
    const known = this.#failures.get(kind);
    if (known === undefined) this.#failures.set(kind, { count: 1, message: error.message });
    else known.count++;
  }
}

function kindOf({ code, data }: IsovecError): string {
  return typeof data['status'] === 'number' ? `${code}, HTTP ${data['status']}` : code;
}
