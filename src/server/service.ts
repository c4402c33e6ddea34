import type { Drain } from './drain.js';
import { type EmbedRequest, type EmbedResult, embedTexts, type ServiceCall } from './embed-texts.js';
import type { ObservedRequest } from './observation/observed-request.js';
import type { ServerObserver } from './observation/server-observer.js';
import type { ServedModel, ServedModels } from './served-models.js';
import type { ServiceLimits } from './service-limits.js';
import type { EmbeddedFigures } from './memory/call-encoder.js';
import { noMemory, type ServedMemory } from './memory/served-memory.js';
import type { Memory } from '../memory/memory.js';

/** What a service works with. */
export interface ServiceParts {
  readonly models: ServedModels;
  /** Absent where none is served. */
  readonly memory?: ServedMemory | undefined;
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
  readonly memory: ServedMemory | undefined;
  readonly limits: ServiceLimits;
  readonly version: string;
  readonly observer: ServerObserver;
  readonly #drain: Drain;

  constructor({ models, memory, limits, drain, observer, version }: ServiceParts) {
    this.models = models;
    this.memory = memory;
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

  /**
   * Does some work with the memory that the end of the server waits for; what it embeds goes through the queue of its model.
   * NOT_FOUND where no memory is served.
   */
  async withMemory<T>(
    work: (memory: Memory) => Promise<T>,
    call: ServiceCall,
    observed?: ObservedRequest,
  ): Promise<{ readonly value: T; readonly embedded: EmbeddedFigures | undefined }> {
    const served = this.memory;
    if (served === undefined) throw noMemory();
    const { memory, encoder } = served.forCall(async (request) => {
      const model = await this.models.select(served.modelName);
      observed?.selected(model.name);
      return embedTexts(model, request, call, this.limits);
    });
    const value = await this.#drain.track(() => work(memory));
    const embedded = encoder.figures();
    if (embedded !== undefined) observed?.embedded(embedded);
    return { value, embedded };
  }
}
