import type { Drain } from './drain.js';
import { type EmbedRequest, type EmbedResult, embedTexts, type ServiceCall } from './embed-texts.js';
import type { ObservedRequest } from './observation/observed-request.js';
import type { ServerObserver } from './observation/server-observer.js';
import type { ServedModel, ServedModels } from './served-models.js';
import type { ServiceLimits } from './service-limits.js';

/** What a service works with. */
export interface ServiceParts {
  readonly models: ServedModels;
  readonly limits: ServiceLimits;
  readonly drain: Drain;
  /** Begins the account of each request; a transport hands the account on to what it calls. */
  readonly observer: ServerObserver;
  /** Version of the package. */
  readonly version: string;
}

/** What a server does, on whatever transport it is asked. Throws errors of the table only; transports translate them. */
export class Service {
  readonly models: ServedModels;
  readonly limits: ServiceLimits;
  readonly version: string;
  readonly observer: ServerObserver;
  readonly #drain: Drain;

  constructor({ models, limits, drain, observer, version }: ServiceParts) {
    this.models = models;
    this.limits = limits;
    this.version = version;
    this.#drain = drain;
    this.observer = observer;
  }

  /** Whether new work is refused. */
  get draining(): boolean {
    return this.#drain.draining;
  }

  /** Embeds the inputs of a request. */
  async embed(
    modelName: string | undefined,
    wanted: EmbedRequest,
    call: ServiceCall,
    observed?: ObservedRequest,
  ): Promise<EmbedResult> {
    const embed = (model: ServedModel): Promise<EmbedResult> => embedTexts(model, wanted, call, this.limits);
    const result = await this.work(modelName, embed, observed);
    observed?.embedded(result);
    return result;
  }

  /** Does some work with a model that the end of the server waits for. */
  work<T>(
    modelName: string | undefined,
    work: (model: ServedModel) => Promise<T>,
    observed?: ObservedRequest,
  ): Promise<T> {
    return this.#drain.track(async () => {
      const model = await this.models.select(modelName);
      observed?.selected(model.name);
      return work(model);
    });
  }
}
