import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import {
  type Deadline,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleUnaryCall,
  Metadata,
  type ServerDuplexStream,
  type ServerReadableStream,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import { throwIfAborted } from '../../shared/abort.js';
import { toIsovecError } from '../../shared/isovec-error.js';
import type { ApiKeys } from '../authentication.js';
import { checkCount, type ServiceCall } from '../embed-texts.js';
import type { ObservedRequest } from '../observation/observed-request.js';
import { callOf } from '../request-call.js';
import type { Service } from '../service.js';
import { Exchange } from './exchange.js';
import { inOrder } from './in-order.js';
import { readRequests } from './read-requests.js';
import { statusOf, type StatusError } from './status.js';
import { UnsentAnswers } from './unsent-answers.js';

/** Requests of one stream that are worked on at once: enough to fill batches, few enough to leave room for others. */
const STREAM_WINDOW = 256;

/** What every kind of call has. */
interface Call {
  readonly metadata: Metadata;
  readonly getDeadline: () => Deadline;
  readonly getPath: () => string;
  readonly on: (event: 'cancelled', listener: () => void) => unknown;
  readonly off: (event: 'cancelled', listener: () => void) => unknown;
}

/** One request of a method to its answer. */
export type Method<T, R> = (request: T, exchange: Exchange) => Promise<R>;

/**
 * The service as gRPC methods use it: keys, deadlines and priorities from the call, errors as its status. A cancelled
 * call, and one whose deadline has passed, leaves the queue. Each request of a stream has an account of its own.
 */
export class GrpcService {
  readonly service: Service;
  /** Answers that clients are still owed. */
  readonly unsent: UnsentAnswers = new UnsentAnswers();
  readonly #keys: ApiKeys;

  constructor(service: Service, keys: ApiKeys) {
    this.service = service;
    this.#keys = keys;
  }

  /** A method with one request and one answer. */
  unary<T, R>(method: Method<T, R>): UntypedHandleCall {
    const handle: handleUnaryCall<T, R> = (call, callback) => {
      const trailers = new Metadata();
      const work = (own: ServiceCall, observed: ObservedRequest): Promise<R> =>
        method(call.request, new Exchange(this.service, own, observed, trailers));
      this.#accounted(call, 'unary', (observed) => this.#within(call, (own) => work(own, observed))).then(
        (answer) => {
          this.unsent.begin(call);
          callback(null, answer, trailers);
        },
        (error: unknown) => {
          callback(failed(error));
        },
      );
    };
    return handle as UntypedHandleCall;
  }

  /** A method whose requests are answered one by one, in their order; the first error ends it. */
  ordered<T, R>(method: Method<T, R>): UntypedHandleCall {
    const handle: handleBidiStreamingCall<T, R> = (stream) => {
      const answer = (request: T, own: ServiceCall): Promise<R> => {
        this.unsent.begin(stream);
        return this.#accounted(stream, 'stream', (observed) =>
          method(request, new Exchange(this.service, own, observed)),
        );
      };
      this.#within(stream, (own) => this.#answerInOrder<T, R>(stream, (request) => answer(request, own))).then(
        () => {
          stream.end();
        },
        (error: unknown) => {
          stream.emit('error', failed(error));
        },
      );
    };
    return handle as UntypedHandleCall;
  }

  /** A method whose requests are answered together. */
  gathered<T, R>(method: Method<readonly T[], R>): UntypedHandleCall {
    const handle: handleClientStreamingCall<T, R> = (stream, callback) => {
      const work = async (own: ServiceCall, observed: ObservedRequest): Promise<R> =>
        method(await this.#gather(stream), new Exchange(this.service, own, observed));
      this.#accounted(stream, 'stream', (observed) => this.#within(stream, (own) => work(own, observed))).then(
        (answer) => {
          this.unsent.begin(stream);
          callback(null, answer);
        },
        (error: unknown) => {
          callback(failed(error));
        },
      );
    };
    return handle as UntypedHandleCall;
  }

  async #answerInOrder<T, R>(stream: ServerDuplexStream<T, R>, work: (request: T) => Promise<R>): Promise<void> {
    for await (const answer of inOrder<T, R>(readRequests(stream), work, STREAM_WINDOW)) {
      const wantsMore = stream.write(answer, () => {
        this.unsent.sent(stream);
      });
      // A client that does not read its answers is not sent more, and so sends no more requests.
      if (!wantsMore) await drained(stream);
    }
  }

  async #gather<T>(stream: ServerReadableStream<T, unknown>): Promise<readonly T[]> {
    const requests: T[] = [];
    for await (const request of readRequests(stream)) {
      requests.push(request);
      checkCount(requests.length, this.service.limits);
    }
    return requests;
  }

  async #within<R>(call: Call, work: (own: ServiceCall) => Promise<R>): Promise<R> {
    const ended = new AbortController();
    // All requests of a stream that are worked on listen to it: more than Node takes for a leak.
    setMaxListeners(0, ended.signal);
    const onCancelled = (): void => {
      ended.abort();
    };
    call.on('cancelled', onCancelled);
    try {
      this.#keys.check(one(call.metadata, 'authorization'), one(call.metadata, 'x-api-key'));
      throwIfAborted(ended.signal);
      const headers = { priority: one(call.metadata, 'x-isovec-priority'), timeout: undefined };
      return await work({ ...callOf(headers, Date.now(), ended.signal), deadline: deadlineOf(call) });
    } finally {
      call.off('cancelled', onCancelled);
      // Of a stream that ends early, what is still waiting.
      ended.abort();
    }
  }

  async #accounted<R>(call: Call, kind: string, work: (observed: ObservedRequest) => Promise<R>): Promise<R> {
    const route = call.getPath();
    const [service = '', method = ''] = route.slice(1).split('/');
    const observed = this.service.observer.begin({
      protocol: 'grpc',
      route,
      method: kind,
      requestId: one(call.metadata, 'x-request-id')?.slice(0, 128) ?? randomUUID(),
      spanName: route.slice(1),
      headers: call.metadata.getMap(),
      attributes: { 'rpc.system': 'grpc', 'rpc.service': service, 'rpc.method': method },
    });
    try {
      return await work(observed);
    } catch (error) {
      observed.failed(toIsovecError(error));
      throw error;
    } finally {
      observed.end();
    }
  }
}

function failed(error: unknown): StatusError {
  return statusOf(toIsovecError(error));
}

function one(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return value === undefined ? undefined : String(value);
}

/** In milliseconds since 1970; none is an infinite one. */
function deadlineOf(call: Call): number | undefined {
  const deadline = Number(call.getDeadline());
  return Number.isFinite(deadline) ? deadline : undefined;
}

async function drained(stream: ServerDuplexStream<unknown, unknown>): Promise<void> {
  if (stream.cancelled) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      stream.off('drain', go).off('cancelled', go).off('close', go);
      resolve();
    };
    stream.on('drain', go).on('cancelled', go).on('close', go);
  });
}
