import { type Client, type ClientDuplexStream, type ServiceError, status } from '@grpc/grpc-js';

import { metadataOf } from './grpc-client.js';

/** How a stream went. */
export interface StreamOutcome {
  /** Vectors that came, in their order. */
  readonly vectors: readonly Float32Array[];
  /** How it ended, if not well. */
  readonly error: ServiceError | undefined;
}

/** Options of {@link streamTexts}. */
export interface StreamOptions {
  /** Cancels the stream when so many vectors are there. */
  readonly cancelAfter?: number;
  /** Hears of every vector. */
  readonly onVector?: (count: number) => void;
}

type Stream = ClientDuplexStream<object, { readonly embeddings: readonly number[] }>;

/** A stream of tei.v1.Embed that the caller writes and reads. */
export function openStream(
  client: Client & Record<string, (...args: readonly unknown[]) => unknown>,
  method: 'EmbedStream' | 'EmbedAllStream' = 'EmbedStream',
): Stream {
  return client[method]?.(metadataOf()) as Stream;
}

/** Sends texts through tei.v1.Embed/EmbedStream as fast as the server takes them, and reads to the end. */
export async function streamTexts(
  client: Client & Record<string, (...args: readonly unknown[]) => unknown>,
  texts: Iterable<string>,
  { cancelAfter = Infinity, onVector }: StreamOptions = {},
): Promise<StreamOutcome> {
  const stream = openStream(client);
  const vectors: Float32Array[] = [];
  let error: ServiceError | undefined;
  const ended = new Promise<void>((resolve) => {
    stream.on('error', (cause: ServiceError) => {
      error = cause;
    });
    stream.on('status', () => {
      setImmediate(resolve);
    });
  });
  stream.on('data', ({ embeddings }: { readonly embeddings: readonly number[] }) => {
    vectors.push(Float32Array.from(embeddings));
    onVector?.(vectors.length);
    if (vectors.length === cancelAfter) stream.cancel();
  });
  for (const inputs of texts) {
    if (error !== undefined || vectors.length >= cancelAfter) break;
    if (!stream.write({ inputs, truncate: true })) await Promise.race([drained(stream), ended]);
  }
  stream.end();
  await ended;
  return { vectors, error };
}

/** Whether a stream ended because its client cancelled it. */
export function isCancelled({ error }: StreamOutcome): boolean {
  return error?.code === status.CANCELLED;
}

async function drained(stream: Stream): Promise<void> {
  await new Promise<void>((resolve) => {
    stream.once('drain', resolve);
  });
}
