import { Metadata } from '@grpc/grpc-js';
import { ERROR_TABLE } from '../../shared/error-table.js';
import type { IsovecError } from '../../shared/isovec-error.js';
import { LONE_SURROGATE } from '../../shared/lone-surrogate.js';

/** An error as the framework takes it. */
export interface StatusError extends Error {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
}

/** Of a sentence and of a list, in bytes on the wire: clients of gRPC's core refuse trailers of more than 8 KiB in all. */
const MAX_TRAILER_BYTES = 3000;
/** Most bytes of one UTF-16 code unit in a trailer: three of UTF-8, with three characters for each. */
const BYTES_OF_UNIT = 9;

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
  if (Array.isArray(indices)) metadata.set('isovec-indices', listed(indices));
  const details = sentence(error.message);
  return Object.assign(new Error(details), { code: grpc, details, metadata });
}

/** The first indices, as many as fit. */
function listed(indices: readonly unknown[]): string {
  const all = indices.join(',');
  return all.length <= MAX_TRAILER_BYTES ? all : all.slice(0, all.lastIndexOf(',', MAX_TRAILER_BYTES));
}

/** As much of a message as fits: the framework encodes what is not ASCII, and cannot encode half a surrogate pair. */
function sentence(message: string): string {
  const whole = wellFormed(message);
  if (encodeURI(whole).length <= MAX_TRAILER_BYTES) return whole;
  return wellFormed(message.slice(0, Math.floor(MAX_TRAILER_BYTES / BYTES_OF_UNIT)));
}

function wellFormed(text: string): string {
  return text.replace(new RegExp(LONE_SURROGATE, 'gu'), '\u{fffd}');
}
