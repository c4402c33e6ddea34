import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Memory } from '../../memory/memory.js';
import { checkCount, type EmbedRequest, type EmbedResult, type ServiceCall } from '../embed-texts.js';
import { callOf } from '../request-call.js';
import type { TokenizedRecord } from '../observation/observed-request.js';
import { resultMetadata, tokenizedMetadata } from '../result-metadata.js';
import type { ServedModel, ServedModels } from '../served-models.js';
import type { Service } from '../service.js';
import type { ServiceLimits } from '../service-limits.js';
import type { ServedMemory } from '../memory/served-memory.js';
import { observedOf } from './observe-requests.js';

/** The service as HTTP routes use it: deadlines and priorities from headers, what was done in headers of the answer. */
export class HttpService {
  readonly models: ServedModels;
  readonly limits: ServiceLimits;
  readonly #service: Service;

  constructor(service: Service) {
    this.models = service.models;
    this.limits = service.limits;
    this.#service = service;
  }

  /** The memory that is served; undefined if none is. */
  get memory(): ServedMemory | undefined {
    return this.#service.memory;
  }

  /** Whether new work is refused. */
  get draining(): boolean {
    return this.#service.draining;
  }

  /** Embeds the inputs of a request; a closed connection cancels what has not begun. */
  async embed(
    request: FastifyRequest,
    reply: FastifyReply,
    modelName: string | undefined,
    wanted: EmbedRequest,
  ): Promise<EmbedResult> {
    const result = await whileConnected(request, reply, (call) =>
      this.#service.embed(modelName, wanted, call, observedOf(request)),
    );
    reply.headers(resultMetadata(result));
    return result;
  }

  /** Does some work with the first model that the end of the server waits for. */
  work<T>(request: FastifyRequest, work: (model: ServedModel) => Promise<T>): Promise<T> {
    return this.#service.work(undefined, work, observedOf(request));
  }

  /** Does some work with the memory that the end of the server waits for; a closed connection cancels it. NOT_FOUND without one. */
  async withMemory<T>(
    request: FastifyRequest,
    reply: FastifyReply,
    work: (memory: Memory, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { value, embedded } = await whileConnected(request, reply, ({ signal, ...call }) =>
      this.#service.withMemory((memory) => work(memory, signal), { signal, ...call }, observedOf(request)),
    );
    if (embedded !== undefined) reply.headers(resultMetadata(embedded));
    return value;
  }

  /** Says in headers what was tokenised for a request that embeds nothing; queue and inference have no part in it. */
  tokenized(request: FastifyRequest, reply: FastifyReply, record: TokenizedRecord): void {
    observedOf(request)?.tokenized(record);
    reply.headers(tokenizedMetadata(record));
  }

  /** The list itself, unless it is longer than one request may be. BATCH_TOO_LARGE. */
  checkCount<T>(list: readonly T[]): readonly T[] {
    checkCount(list.length, this.limits);
    return list;
  }
}

async function whileConnected<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  work: (call: ServiceCall & { readonly signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const gone = new AbortController();
  const onClose = (): void => {
    if (!reply.raw.writableEnded) gone.abort();
  };
  reply.raw.once('close', onClose);
  try {
    return await work({ ...callOf(headersOf(request), Date.now(), gone.signal), signal: gone.signal });
  } finally {
    reply.raw.off('close', onClose);
  }
}

function headersOf({ headers }: FastifyRequest): Parameters<typeof callOf>[0] {
  const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
  return { priority: one(headers['x-isovec-priority']), timeout: one(headers['x-request-timeout-ms']) };
}
