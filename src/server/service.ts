import type { IsovecError } from '../shared/isovec-error.js';
import type { Drain } from './drain.js';
import { type EmbedRequest, type EmbedResult, embedTexts, type ServiceCall } from './embed-texts.js';
import type { ServerMetrics } from './metrics/server-metrics.js';
import type { ServedModel, ServedModels } from './served-models.js';
import type { ServiceLimits } from './service-limits.js';

/** What a service works with. */
export interface ServiceParts {
  readonly models: ServedModels;
  readonly limits: ServiceLimits;
  readonly drain: Drain;
  readonly metrics: ServerMetrics;
  /** Version of the package. */
  readonly version: string;
}

/** What a server does, on whatever transport it is asked. Throws errors of the table only; transports translate them. */
export class Service {
  readonly models: ServedModels;
  readonly limits: ServiceLimits;
  readonly version: string;
  readonly #drain: Drain;
  readonly #metrics: ServerMetrics;

  constructor({ models, limits, drain, metrics, version }: ServiceParts) {
    this.models = models;
    this.limits = limits;
    this.version = version;
    this.#drain = drain;
    this.#metrics = metrics;
  }

  /** Whether new work is refused. */
  get draining(): boolean {
    return this.#drain.draining;
  }

  /** Embeds the inputs of a request, and counts it. */
  async embed(modelName: string | undefined, wanted: EmbedRequest, call: ServiceCall): Promise<EmbedResult> {
    const result = await this.work(modelName, (model) => embedTexts(model, wanted, call, this.limits));
    this.#metrics.answered(result);
    return result;
  }

  /** Does some work with a model that the end of the server waits for. */
  work<T>(modelName: string | undefined, work: (model: ServedModel) => Promise<T>): Promise<T> {
    return this.#drain.track(async () => work(this.models.select(modelName)));
  }

  /** Counts a request that was answered with an error. */
  failed(error: IsovecError): void {
    this.#metrics.failed(error.code);
  }
}
