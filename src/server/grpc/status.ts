import { Metadata } from '@grpc/grpc-js';
import { ERROR_TABLE } from '../../shared/error-table.js';
import type { IsovecError } from '../../shared/isovec-error.js';

/** An error as the framework takes it. */
export interface StatusError extends Error {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
}

/**
 * The status of an error, by the error table, with our code in the trailers. A client that may try again learns when
 * by the header that gRPC's own retries obey (gRFC A6, "pushback").
 */
export function statusOf(error: IsovecError): StatusError {
  const { grpc, retryable } = ERROR_TABLE[error.code];
  const metadata = new Metadata();
  metadata.set('isovec-code', error.code);
  const { retryAfterMilliseconds: wait, indices } = error.data;
  if (retryable && typeof wait === 'number') metadata.set('grpc-retry-pushback-ms', String(Math.ceil(wait)));
  if (Array.isArray(indices)) metadata.set('isovec-indices', indices.join(','));
  // Trailers are HTTP headers: what is not ASCII is encoded by the framework, and all of it must stay short.
  const details = error.message.slice(0, 4000);
  return Object.assign(new Error(details), { code: grpc, details, metadata });
}
