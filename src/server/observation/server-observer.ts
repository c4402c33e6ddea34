import { type Logger, silentLogger } from '../../shared/log.js';
import type { ServerMetrics } from '../metrics/server-metrics.js';
import { ObservedRequest } from './observed-request.js';
import type { RequestArrival } from './request-arrival.js';
import { RequestLog } from './request-log.js';

/** Where requests are seen from all sides: metrics, spans and log lines come of one account of each request. */
export class ServerObserver {
  readonly #metrics: ServerMetrics;
  readonly #log: RequestLog;

  constructor(metrics: ServerMetrics, logger: Logger = silentLogger) {
    this.#metrics = metrics;
    this.#log = new RequestLog(logger);
  }

  /** Begins the account of a request. */
  begin(arrival: RequestArrival): ObservedRequest {
    return new ObservedRequest(arrival, this.#metrics, this.#log);
  }

  /** Tells of what was not told yet. Idempotent. */
  close(): void {
    this.#log.close();
  }
}
