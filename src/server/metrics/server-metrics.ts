import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ErrorCode } from '../../shared/error-table.js';
import type { EmbedResult } from '../embed-texts.js';
import type { ServedModels } from '../served-models.js';

/** From a short query to a request that has waited long, in seconds. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const TEXTS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048];
const TOKENS = [8, 16, 32, 64, 128, 256, 1024, 4096, 16_384, 65_536, 300_000];

/** What a server tells Prometheus. Warm-up is over before the first request, and counts nowhere. */
export class ServerMetrics {
  readonly #registry = new Registry();
  readonly #requests: Counter<'model'>;
  readonly #failures: Counter<'code'>;
  readonly #seconds: Histogram<'model' | 'stage'>;
  readonly #texts: Histogram<'model'>;
  readonly #requestTokens: Histogram<'model'>;
  readonly #tokens: Counter<'model'>;
  readonly #truncated: Counter<'model'>;

  /** Reads the state of the models whenever it is asked. */
  constructor(models: ServedModels) {
    const registers = [this.#registry];
    // Of the process: event loop delay, resident memory, processor time.
    collectDefaultMetrics({ register: this.#registry });
    const counter = <L extends string>(name: string, help: string, labelNames: L[]): Counter<L> =>
      new Counter({ name, help, labelNames, registers });
    const histogram = <L extends string>(
      name: string,
      help: string,
      labelNames: L[],
      buckets: number[],
    ): Histogram<L> => new Histogram({ name, help, labelNames, buckets, registers });
    this.#requests = counter('isovec_requests_total', 'Requests that were answered with vectors', ['model']);
    this.#failures = counter('isovec_request_failures_total', 'Requests that failed, by error code', ['code']);
    this.#tokens = counter('isovec_tokens_total', 'Tokens of answered requests, before any cut', ['model']);
    this.#truncated = counter('isovec_truncated_texts_total', "Texts that were cut to the model's limit", ['model']);
    const stages = 'Time of answered requests by stage; queue and inference are means over their texts';
    this.#seconds = histogram('isovec_request_seconds', stages, ['model', 'stage'], SECONDS);
    this.#texts = histogram('isovec_request_texts', 'Texts of answered requests', ['model'], TEXTS);
    this.#requestTokens = histogram('isovec_request_tokens', 'Tokens of answered requests', ['model'], TOKENS);
    this.#watch(models);
  }

  /** A request that was answered. */
  answered({ model: { name: model }, rows, tokens, truncated, timings }: EmbedResult): void {
    const total = tokens.reduce((sum, count) => sum + count, 0);
    this.#requests.inc({ model });
    this.#tokens.inc({ model }, total);
    this.#truncated.inc({ model }, truncated.length);
    this.#texts.observe({ model }, rows.length);
    this.#requestTokens.observe({ model }, total);
    for (const stage of ['tokenize', 'queue', 'inference', 'total'] as const) {
      this.#seconds.observe({ model, stage }, timings[stage] / 1000);
    }
  }

  /** A request that was answered with an error. */
  failed(code: ErrorCode): void {
    this.#failures.inc({ code });
  }

  /** The text that Prometheus reads, and its content type. */
  async exposition(): Promise<{ readonly text: string; readonly contentType: string }> {
    return { text: await this.#registry.metrics(), contentType: this.#registry.contentType };
  }

  /** State that is read when Prometheus asks. */
  #watch(models: ServedModels): void {
    const gauges: readonly (readonly [name: string, help: string, read: (health: Health) => number])[] = [
      ['isovec_pending_texts', 'Texts that wait or run', (health) => health.pendingTexts],
      ['isovec_pending_tokens', 'Tokens that wait or run', (health) => health.pendingTokens],
      ['isovec_workers', 'Worker threads', (health) => health.workers],
      ['isovec_workers_ready', 'Worker threads that can take work', (health) => health.readyWorkers],
      ['isovec_workers_busy', 'Worker threads that run a batch', (health) => health.busyWorkers],
      ['isovec_workers_replaced', 'Worker threads that died and were replaced', (health) => health.replacedWorkers],
    ];
    for (const [name, help, read] of gauges) {
      new Gauge({
        name,
        help,
        labelNames: ['model'],
        registers: [this.#registry],
        collect() {
          for (const { name: model, embedder } of models.list()) this.set({ model }, read(embedder.health()));
        },
      });
    }
  }
}

type Health = ReturnType<ReturnType<ServedModels['list']>[number]['embedder']['health']>;
