import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Drain } from '../drain.js';
import type { ServedModel, ServedModels } from '../served-models.js';
import { EventLoopDelay } from './event-loop-delay.js';
import { registerModelMetrics } from './model-metrics.js';
import type { RequestRecord } from './request-record.js';
import { registerServerMetrics } from './server-state-metrics.js';

/** From tokenising a short query to a request that has waited long, in seconds. */
const SECONDS = [0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const TEXTS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048];
const TOKENS = [8, 16, 32, 64, 128, 256, 1024, 4096, 16_384, 65_536, 300_000];
/** Batches hold 256 tokens, or one longer text. */
const BATCH_TOKENS = [8, 16, 32, 64, 96, 128, 160, 192, 224, 256, 512, 1024, 2048, 8192];

/** A metric as the guide lists it. */
export interface MetricDescription {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labels: readonly string[];
}

/**
 * What a server tells Prometheus. Warm-up is over before the first request: it has a gauge of its own and counts nowhere
 * else. Labels hold models that are served, patterns of routes and codes of the error table, never what a client sent.
 */
export class ServerMetrics {
  readonly #registry = new Registry();
  readonly #eventLoop = new EventLoopDelay();
  readonly #stops: (() => void)[] = [];
  readonly #requests: Counter<'model' | 'protocol' | 'route' | 'outcome'>;
  readonly #failures: Counter<'model' | 'protocol' | 'code'>;
  readonly #seconds: Histogram<'model' | 'stage'>;
  readonly #texts: Histogram<'model'>;
  readonly #requestTokens: Histogram<'model'>;
  readonly #batchTexts: Histogram<'model'>;
  readonly #batchTokens: Histogram<'model'>;
  readonly #tokens: Counter<'model'>;
  readonly #truncated: Counter<'model'>;
  readonly #notFinite: Counter<'model'>;
  readonly #inFlight: Gauge<'model'>;

  /** Reads the state of the models whenever it is asked, and listens to their batches until it is closed. */
  constructor(models: Pick<ServedModels, 'list' | 'onReady'>, drain: Pick<Drain, 'draining'>) {
    const registers = [this.#registry];
    const counter = <L extends string>(name: string, help: string, labelNames: L[]): Counter<L> =>
      new Counter({ name, help, labelNames, registers });
    const histogram = <L extends string>(
      name: string,
      help: string,
      labelNames: L[],
      buckets: number[],
    ): Histogram<L> => new Histogram({ name, help, labelNames, buckets, registers });
    const labels: ('model' | 'protocol' | 'route' | 'outcome')[] = ['model', 'protocol', 'route', 'outcome'];
    this.#requests = counter('isovec_requests_total', 'Requests that were answered, by how they ended', labels);
    const codes = 'Requests that were answered with an error, by its code';
    this.#failures = counter('isovec_request_failures_total', codes, ['model', 'protocol', 'code']);
    const stages =
      'Time of requests that were answered with vectors, by stage: total is from arrival to answer, queue and inference are means over the texts';
    this.#seconds = histogram('isovec_request_duration_seconds', stages, ['model', 'stage'], SECONDS);
    this.#texts = histogram('isovec_request_texts', 'Texts of a request', ['model'], TEXTS);
    this.#requestTokens = histogram('isovec_request_tokens', 'Tokens of a request, before any cut', ['model'], TOKENS);
    this.#batchTexts = histogram('isovec_batch_texts', 'Texts of a batch that a worker ran', ['model'], TEXTS);
    this.#batchTokens = histogram(
      'isovec_batch_tokens',
      'Tokens of a batch that a worker ran',
      ['model'],
      BATCH_TOKENS,
    );
    this.#tokens = counter('isovec_tokens_total', 'Tokens of answered requests, before any cut', ['model']);
    this.#truncated = counter('isovec_truncated_texts_total', "Texts that were cut to the model's limit", ['model']);
    const notFinite = 'Requests that failed because a vector was not finite';
    this.#notFinite = counter('isovec_not_finite_total', notFinite, ['model']);
    this.#inFlight = new Gauge({
      name: 'isovec_requests_in_flight',
      help: 'Requests that a model is at work for',
      labelNames: ['model'],
      registers,
    });
    registerModelMetrics(this.#registry, models);
    registerServerMetrics(this.#registry, this.#eventLoop, () => isReady(models.list(), drain));
    models.onReady(({ name, embedder }) => {
      this.#begin(name, embedder);
    });
  }

  /** A request begins to work with a model; to be followed by {@link left}. */
  entered(model: string): void {
    this.#inFlight.inc({ model });
  }

  /** A request works with a model no more. */
  left(model: string): void {
    this.#inFlight.dec({ model });
  }

  /** Counts a request that is over. */
  record({ protocol, route, model, outcome, code, notFinite, milliseconds, embedded }: RequestRecord): void {
    this.#requests.inc({ model, protocol, route, outcome });
    if (code !== undefined) this.#failures.inc({ model, protocol, code });
    if (notFinite) this.#notFinite.inc({ model });
    if (outcome !== 'ok' || embedded === undefined) return;
    const { texts, tokens, truncated, timings } = embedded;
    this.#tokens.inc({ model }, tokens);
    this.#truncated.inc({ model }, truncated);
    this.#texts.observe({ model }, texts);
    this.#requestTokens.observe({ model }, tokens);
    for (const stage of ['tokenize', 'queue', 'inference'] as const) {
      this.#seconds.observe({ model, stage }, timings[stage] / 1000);
    }
    this.#seconds.observe({ model, stage: 'total' }, milliseconds / 1000);
  }

  /** The text that Prometheus reads, and its content type. */
  async exposition(): Promise<{ readonly text: string; readonly contentType: string }> {
    return { text: await this.#registry.metrics(), contentType: this.#registry.contentType };
  }

  /** All metrics, in the order of their names. */
  describe(): readonly MetricDescription[] {
    const all = this.#registry.getMetricsAsArray().map(describe);
    return all.sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** Listens to nothing any more. Idempotent. */
  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#eventLoop.close();
  }

  /** Counters begin at 0, so that the first increase is one; batches are counted from now on. */
  #begin(model: string, embedder: ServedModel['embedder']): void {
    for (const one of [this.#tokens, this.#truncated, this.#notFinite, this.#inFlight]) one.inc({ model }, 0);
    this.#stops.push(
      embedder.onBatch(({ texts, tokens }) => {
        this.#batchTexts.observe({ model }, texts);
        this.#batchTokens.observe({ model }, tokens);
      }),
    );
  }
}

function isReady(models: readonly ServedModel[], { draining }: Pick<Drain, 'draining'>): boolean {
  return !draining && models.every(({ embedder }) => embedder.health().status !== 'closed');
}

/** The declarations of the package leave the labels out. */
function describe(metric: { readonly name: string; readonly help: string; readonly type: unknown }): MetricDescription {
  const labels: unknown = 'labelNames' in metric ? metric.labelNames : [];
  const { name, help, type } = metric;
  return { name, help, type: String(type), labels: Array.isArray(labels) ? labels.map(String) : [] };
}
