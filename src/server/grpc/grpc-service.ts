import {
  type Deadline,
  Metadata,
  type ServerDuplexStream,
  type ServerReadableStream,
  type UntypedHandleCall,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleUnaryCall,
} from '@grpc/grpc-js';
import { throwIfAborted } from '../../shared/abort.js';
import { toIsovecError } from '../../shared/isovec-error.js';
import type { ApiKeys } from '../authentication.js';
import { checkCount, type EmbedResult, type ServiceCall } from '../embed-texts.js';
import { callOf } from '../request-call.js';
import { resultMetadata } from '../result-metadata.js';
import type { Service } from '../service.js';
import { inOrder } from './in-order.js';
import { readRequests } from './read-requests.js';
import { statusOf, type StatusError } from './status.js';

/** Requests of one stream that are worked on at once: enough to fill batches, few enough that other clients are not held up. */
const STREAM_WINDOW = 256;

/** What every kind of call has. */
interface Call {
  readonly metadata: Metadata;
  readonly getDeadline: () => Deadline;
  readonly on: (event: 'cancelled', listener: () => void) => unknown;
  readonly off: (event: 'cancelled', listener: () => void) => unknown;
}

/** One request of a method, and who sent it. `answered` sends what was measured along in the trailers. */
export type Method<T, R> = (request: T, call: ServiceCall, answered: (result: EmbedResult) => void) => Promise<R>;

/**
 * The service as gRPC methods use it: keys, deadlines and priorities from the call, errors as its status. A cancelled
 * call, and one whose deadline has passed, leaves the queue.
 */
export class GrpcService {
  readonly service: Service;
  readonly #keys: ApiKeys;

  constructor(service: Service, keys: ApiKeys) {
    this.service = service;
    this.#keys = keys;
  }

  /** A method with one request and one answer. */
  unary<T, R>(method: Method<T, R>): UntypedHandleCall {
    const handle: handleUnaryCall<T, R> = (call, callback) => {
      const trailers = new Metadata();
      const answered = (result: EmbedResult): void => {
        for (const [name, value] of Object.entries(resultMetadata(result))) trailers.set(name, value);
      };
      this.#within(call, (own) => method(call.request, own, answered)).then(
        (answer) => {
          callback(null, answer, trailers);
        },
        (error: unknown) => {
          callback(this.#failed(error));
        },
      );
    };
    return handle as UntypedHandleCall;
  }

  /** A method whose requests are answered one by one, in their order; the first error ends it. */
  ordered<T, R>(method: Method<T, R>): UntypedHandleCall {
    const handle: handleBidiStreamingCall<T, R> = (stream) => {
      this.#within(stream, (own) =>
        this.#answerInOrder(stream, (request) => method(request, own, () => undefined)),
      ).then(
        () => {
          stream.end();
        },
        (error: unknown) => {
          stream.emit('error', this.#failed(error));
        },
      );
    };
    return handle as UntypedHandleCall;
  }

  /** A method whose requests are answered together. */
  gathered<T, R>(method: Method<readonly T[], R>): UntypedHandleCall {
    const handle: handleClientStreamingCall<T, R> = (stream, callback) => {
      this.#within(stream, async (own) => method(await this.#gather(stream), own, () => undefined)).then(
        (answer) => {
          callback(null, answer);
        },
        (error: unknown) => {
          callback(this.#failed(error));
        },
      );
    };
    return handle as UntypedHandleCall;
  }

  async #answerInOrder<T, R>(stream: ServerDuplexStream<T, R>, work: (request: T) => Promise<R>): Promise<void> {
    for await (const answer of inOrder<T, R>(readRequests(stream), work, STREAM_WINDOW)) {
      // A client that does not read its answers is not sent more, and so sends no more requests.
      if (!stream.write(answer)) await drained(stream);
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

  #failed(thrown: unknown): StatusError {
    const error = toIsovecError(thrown);
    this.service.failed(error);
    return statusOf(error);
  }
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
