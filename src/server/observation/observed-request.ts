import type { Attributes } from '@opentelemetry/api';
import { ERROR_TABLE } from '../../shared/error-table.js';
import type { IsovecError } from '../../shared/isovec-error.js';
import type { EmbedResult } from '../embed-texts.js';
import { outcomeOf } from '../metrics/outcome.js';
import type { EmbeddedRecord } from '../metrics/request-record.js';
import type { ServerMetrics } from '../metrics/server-metrics.js';
import type { RequestArrival } from './request-arrival.js';
import type { RequestLog } from './request-log.js';
import { RequestSpan } from './request-span.js';

/** What was tokenised for a request that embeds nothing. */
export interface TokenizedRecord {
  readonly texts: number;
  readonly tokens: number;
  readonly milliseconds: number;
}

/**
 * The account of one request, from its arrival to its answer. A transport says what happens; metrics, span and log lines
 * follow when it ends. Texts, keys and headers never come here.
 */
export class ObservedRequest {
  readonly #arrival: RequestArrival;
  readonly #metrics: ServerMetrics;
  readonly #log: RequestLog;
  readonly #span: RequestSpan;
  readonly #begun = performance.now();
  #model = '';
  #embedded: EmbeddedRecord | undefined;
  #tokenized: TokenizedRecord | undefined;
  #error: IsovecError | undefined;
  #ended = false;

  constructor(arrival: RequestArrival, metrics: ServerMetrics, log: RequestLog) {
    this.#arrival = arrival;
    this.#metrics = metrics;
    this.#log = log;
    this.#span = new RequestSpan(arrival);
  }

  /** A model that is served does the work. */
  selected(model: string): void {
    if (this.#model !== '') this.#metrics.left(this.#model);
    this.#model = model;
    this.#metrics.entered(model);
  }

  /** Texts were embedded. Only figures are kept. */
  embedded({ rows, tokens, truncated, timings }: Pick<EmbedResult, 'rows' | 'tokens' | 'truncated' | 'timings'>): void {
    this.#embedded = {
      texts: rows.length,
      tokens: tokens.reduce((sum, count) => sum + count, 0),
      truncated: truncated.length,
      timings,
    };
  }

  /** Texts were tokenised, or made of tokens, and nothing more. */
  tokenized(record: TokenizedRecord): void {
    this.#tokenized = record;
  }

  /** The answer is an error. */
  failed(error: IsovecError): void {
    this.#error = error;
  }

  /** The answer is handed over, with this status of HTTP; without one it is what the error table says. Idempotent. */
  end(status?: number): void {
    if (this.#ended) return;
    this.#ended = true;
    const error = this.#error;
    const code = error?.code;
    const shown = status ?? (code === undefined ? 200 : ERROR_TABLE[code].http);
    const outcome = outcomeOf(shown, code);
    const milliseconds = performance.now() - this.#begun;
    const { protocol, route, method, requestId } = this.#arrival;
    const embedded = this.#embedded;
    const model = this.#model;
    if (model !== '') this.#metrics.left(model);
    const notFinite = error?.data['reason'] === 'not finite';
    this.#metrics.record({ protocol, route, model, outcome, code, notFinite, milliseconds, embedded });
    const work = workOf(embedded, this.#tokenized);
    // Those of a span are stricter: a server that is overloaded failed (OpenTelemetry, HTTP spans, status).
    const isFailure = shown >= 500;
    this.#span.end(
      {
        ...named('isovec.', { model: model === '' ? undefined : model, ...work }),
        ...(code === undefined ? {} : { 'isovec.error_code': code }),
        ...(isFailure ? { 'error.type': code ?? String(shown) } : {}),
        ...(protocol === 'http' ? { 'http.response.status_code': shown } : {}),
      },
      isFailure,
    );
    this.#log.tell(
      {
        requestId,
        traceId: this.#span.traceId,
        protocol,
        method,
        route,
        status: shown,
        outcome,
        model: model === '' ? undefined : model,
        code,
        ...work,
        totalMs: rounded(milliseconds),
      },
      error,
    );
  }
}

/** What was done, as log lines and spans call it. */
function workOf(
  embedded: EmbeddedRecord | undefined,
  tokenized: TokenizedRecord | undefined,
): Readonly<Record<string, number>> {
  if (embedded !== undefined) {
    const { texts, tokens, truncated, timings } = embedded;
    return {
      texts,
      tokens,
      truncated,
      tokenizeMs: rounded(timings.tokenize),
      queueMs: rounded(timings.queue),
      inferenceMs: rounded(timings.inference),
    };
  }
  if (tokenized === undefined) return {};
  const { texts, tokens, milliseconds } = tokenized;
  return { texts, tokens, tokenizeMs: rounded(milliseconds) };
}

/** Names of attributes are in lower case with underscores (OpenTelemetry, attribute naming). */
function named(prefix: string, values: Readonly<Record<string, string | number | undefined>>): Attributes {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      prefix + name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}

/** Microseconds are enough. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
