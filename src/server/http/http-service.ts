import type { FastifyReply, FastifyRequest } from 'fastify';
import { IsovecError } from '../../shared/isovec-error.js';
import type { Drain } from '../drain.js';
import { checkCount, type EmbedRequest, type EmbedResult, embedTexts, type ServiceCall } from '../embed-texts.js';
import type { ServedModel, ServedModels } from '../served-models.js';
import type { ServiceLimits } from '../service-limits.js';
import type { TokenizedRecord } from '../observation/observed-request.js';
import { observedOf } from './observe-requests.js';
import { callOf } from './request-call.js';

/** What routes work with. */
export interface HttpServiceParts {
  readonly models: ServedModels;
  readonly limits: ServiceLimits;
  readonly drain: Drain;
}

/** The service as HTTP routes use it: deadlines and priorities from headers, what was done in headers of the answer. */
export class HttpService {
  readonly models: ServedModels;
  readonly limits: ServiceLimits;
  readonly #drain: Drain;

  constructor({ models, limits, drain }: HttpServiceParts) {
    this.models = models;
    this.limits = limits;
    this.#drain = drain;
  }

  /** Whether new work is refused. */
  get draining(): boolean {
    return this.#drain.draining;
  }

  /** Embeds the inputs of a request; a closed connection cancels what has not begun. */
  async embed(
    request: FastifyRequest,
    reply: FastifyReply,
    modelName: string | undefined,
    wanted: EmbedRequest,
  ): Promise<EmbedResult> {
    const result = await this.work(request, reply, modelName, (model, call) =>
      embedTexts(model, wanted, call, this.limits),
    );
    observedOf(request).embedded(result);
    const { tokens, truncated, timings } = result;
    reply.headers({
      'x-isovec-tokens': String(tokens.reduce((sum, count) => sum + count, 0)),
      'x-isovec-truncated': String(truncated.length),
      'x-isovec-tokenize-ms': milliseconds(timings.tokenize),
      'x-isovec-queue-ms': milliseconds(timings.queue),
      'x-isovec-inference-ms': milliseconds(timings.inference),
    });
    return result;
  }

  /** Says in headers what was tokenised for a request that embeds nothing; queue and inference have no part in it. */
  tokenized(request: FastifyRequest, reply: FastifyReply, record: TokenizedRecord): void {
    observedOf(request).tokenized(record);
    reply.headers({
      'x-isovec-tokens': String(record.tokens),
      'x-isovec-tokenize-ms': milliseconds(record.milliseconds),
    });
  }

  /** Does some work with a model that the end of the server waits for. */
  work<T>(
    request: FastifyRequest,
    reply: FastifyReply,
    modelName: string | undefined,
    work: (model: ServedModel, call: ServiceCall) => Promise<T>,
  ): Promise<T> {
    return this.#drain.track(async () => {
      const model = this.models.select(modelName);
      observedOf(request).selected(model.name);
      const gone = new AbortController();
      const onClose = (): void => {
        if (!reply.raw.writableEnded) gone.abort();
      };
      reply.raw.once('close', onClose);
      try {
        return await work(model, callOf(headersOf(request), Date.now(), gone.signal));
      } finally {
        reply.raw.off('close', onClose);
      }
    });
  }

  /** The list itself, unless it is longer than one request may be. BATCH_TOO_LARGE. */
  checkCount<T>(list: readonly T[]): readonly T[] {
    checkCount(list.length, this.limits);
    return list;
  }

  /** The length of vectors that a request asks for. INPUT_INVALID beyond the model's own. */
  dimensionsOf({ embedder, name }: ServedModel, asked: number | undefined): number {
    const { dimensions, maxDimensions } = embedder.info();
    if (asked === undefined) return dimensions;
    if (asked <= maxDimensions) return asked;
    throw new IsovecError('INPUT_INVALID', `dimensions is ${asked}; ${name} gives at most ${maxDimensions}.`, {
      data: { param: 'dimensions', limit: maxDimensions, received: asked },
    });
  }
}

function milliseconds(value: number): string {
  return value.toFixed(3);
}

function headersOf({ headers }: FastifyRequest): Parameters<typeof callOf>[0] {
  const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
  return { priority: one(headers['x-isovec-priority']), timeout: one(headers['x-request-timeout-ms']) };
}
