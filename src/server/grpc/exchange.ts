import type { Metadata } from '@grpc/grpc-js';
import type { EmbedRequest, EmbedResult, ServiceCall } from '../embed-texts.js';
import type { ObservedRequest } from '../observation/observed-request.js';
import { resultMetadata, tokenizedMetadata } from '../result-metadata.js';
import type { ServedModel } from '../served-models.js';
import type { Service } from '../service.js';

/** One request of a method on its way to its answer. What was measured goes into its account, and into the trailers. */
export class Exchange {
  readonly #service: Service;
  readonly #call: ServiceCall;
  readonly #observed: ObservedRequest;
  readonly #trailers: Metadata | undefined;

  /** Of a stream there are no trailers for one request. */
  constructor(service: Service, call: ServiceCall, observed: ObservedRequest, trailers?: Metadata) {
    this.#service = service;
    this.#call = call;
    this.#observed = observed;
    this.#trailers = trailers;
  }

  /** Embeds the inputs of the request. */
  async embed(modelName: string | undefined, wanted: EmbedRequest): Promise<EmbedResult> {
    const result = await this.#service.embed(modelName, wanted, this.#call, this.#observed);
    this.#tell(resultMetadata(result));
    return result;
  }

  /** Tokenises, or makes a text of tokens, with the first model: `tokens` tells how many there are. */
  async tokenize<T>(work: (model: ServedModel) => Promise<T>, tokens: (answer: T) => number): Promise<T> {
    return this.#service.work(
      undefined,
      async (model) => {
        const started = performance.now();
        const answer = await work(model);
        const record = { texts: 1, tokens: tokens(answer), milliseconds: performance.now() - started };
        this.#observed.tokenized(record);
        this.#tell(tokenizedMetadata(record));
        return answer;
      },
      this.#observed,
    );
  }

  #tell(values: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(values)) this.#trailers?.set(name, value);
  }
}
