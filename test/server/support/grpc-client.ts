import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type ChannelCredentials,
  type Client,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath } from 'grpc-health-check';
import { onTestFinished } from 'vitest';

/** What a unary call came to. */
export interface GrpcOutcome {
  readonly answer: Record<string, unknown> | undefined;
  readonly error: ServiceError | undefined;
  readonly trailers: Metadata;
}

/** Options of one call. */
export interface GrpcCallOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly deadline?: number;
}

const require = createRequire(import.meta.url);
const REFLECTION = path.join(path.dirname(require.resolve('@grpc/reflection')), '../proto/grpc/reflection');
/** The published contracts, and those of the standard services as their packages bring them. */
const FILES = [
  ...['akidb/embedding/v1/embedding.proto', 'tei/v1/tei.proto'].map((file) =>
    fileURLToPath(new URL(`../../../proto/${file}`, import.meta.url)),
  ),
  protoPath,
  path.join(REFLECTION, 'v1/reflection.proto'),
  path.join(REFLECTION, 'v1alpha/reflection.proto'),
];
const LOADED = FILES.map((file) =>
  loadPackageDefinition(loadSync(file, { keepCase: true, enums: String, longs: Number, defaults: true, oneofs: true })),
);

type Call = (...args: readonly unknown[]) => unknown;

/** A client of one service by its full name, made from the published contracts. It is closed after the test. */
export function grpcClient(
  address: string,
  service: string,
  channel: ChannelCredentials = credentials.createInsecure(),
): Client & Record<string, Call> {
  const found = LOADED.map((contract) =>
    service
      .split('.')
      .reduce<unknown>((scope, name) => (scope as Record<string, unknown> | undefined)?.[name], contract),
  );
  const constructor = found.find((one) => one !== undefined) as new (
    address: string,
    channel: unknown,
  ) => Client & Record<string, Call>;
  const client = new constructor(address, channel);
  onTestFinished(() => {
    client.close();
  });
  return client;
}

/** Headers of a call. */
export function metadataOf(values: Readonly<Record<string, string>> = {}): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(values)) metadata.set(name, value);
  return metadata;
}

/** Calls a method with one request and one answer. */
export async function callUnary(
  client: Client & Record<string, Call>,
  method: string,
  request: object,
  { metadata, deadline }: GrpcCallOptions = {},
): Promise<GrpcOutcome> {
  return new Promise((resolve) => {
    let trailers = new Metadata();
    let outcome: Omit<GrpcOutcome, 'trailers'> | undefined;
    const finish = (): void => {
      if (outcome !== undefined) resolve({ ...outcome, trailers });
    };
    const call = client[method]?.(
      request,
      metadataOf(metadata),
      deadline === undefined ? {} : { deadline },
      (error: ServiceError | null, answer: Record<string, unknown>) => {
        outcome = { error: error ?? undefined, answer };
        setImmediate(finish);
      },
    ) as { on: (event: 'status', listener: (status: { metadata: Metadata }) => void) => void };
    call.on('status', ({ metadata: last }) => {
      trailers = last;
    });
  });
}
