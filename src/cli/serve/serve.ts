import { once } from 'node:events';
import { GRACE_MILLISECONDS } from '../../server/drain.js';
import type { RunningServer, ServerOptions } from '../../server/start-server.js';
import type { EmbeddingSpace } from '../../models/embedding-space.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { CommandContext, OutputFlags } from '../command-context.js';
import type { ExitCode } from '../exit-codes.js';
import { DEFAULT_MODEL, loadOptionsOf, type ModelFlags } from '../model-flags.js';
import type { LogLevel } from './log-level.js';
import { type ModelEntry, readModelsFile } from './models-file.js';
import { offerModels } from './offer-models.js';
import { readApiKeys, readTls } from './read-secrets.js';
import { openServeLog } from './serve-log.js';
import { openMemory } from './serve-memory.js';

/** Flags of `isovec serve`. */
export interface ServeFlags extends Omit<ModelFlags, 'model'>, OutputFlags {
  readonly host?: string;
  readonly port?: number;
  readonly grpcPort?: number;
  readonly grpc?: boolean;
  readonly apiKeyFile?: string;
  readonly allowAnonymous?: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly corsOrigin?: readonly string[];
  readonly modelsFile?: string;
  readonly lazy?: boolean;
  readonly withMemory?: boolean;
  readonly store?: string;
  readonly qdrant?: string;
  readonly maxInputs?: number;
  readonly maxRequestTokens?: number;
  readonly maxBodyBytes?: number;
  readonly maxPendingTokens?: number;
  /** Milliseconds. */
  readonly grace?: number;
  readonly logLevel?: LogLevel;
}

/** Work that may wait: beyond it requests are refused, while the last one accepted is still answered in bearable time. */
export const MAX_PENDING_TOKENS = 1_000_000;
/** The customary port of gRPC. */
export const GRPC_PORT = 50_051;
/** After the server's own grace: what is left to close sessions and threads. */
export const CLOSING_MILLISECONDS = 5_000;

/** Loads models and serves them until a signal comes; ends when everything is answered that was accepted. */
export async function serve(names: readonly string[], flags: ServeFlags, context: CommandContext): Promise<ExitCode> {
  const apiKeys = await readApiKeys(flags.apiKeyFile);
  const tls = await readTls(flags.tlsCert, flags.tlsKey);
  const memory = flags.withMemory === true ? await openMemory(flags, context) : undefined;
  try {
    const entries = await entriesOf(names, flags, memory?.space);
    const options = {
      ...(flags.host === undefined ? {} : { host: flags.host }),
      ...(flags.port === undefined ? {} : { port: flags.port }),
      ...(flags.grpc === false ? {} : { grpcPort: flags.grpcPort ?? GRPC_PORT }),
      ...(tls === undefined ? {} : { tls }),
      ...(flags.corsOrigin === undefined ? {} : { corsOrigins: flags.corsOrigin }),
      ...(memory === undefined ? {} : { memory: memory.options }),
      apiKeys,
      allowAnonymous: flags.allowAnonymous === true,
      limits: {
        ...(flags.maxInputs === undefined ? {} : { maxInputs: flags.maxInputs }),
        ...(flags.maxRequestTokens === undefined ? {} : { maxTokens: flags.maxRequestTokens }),
        ...(flags.maxBodyBytes === undefined ? {} : { maxBodyBytes: flags.maxBodyBytes }),
      },
    };
    return await serveEntries(entries, options, flags, context);
  } finally {
    await memory?.close();
  }
}

async function serveEntries(
  entries: readonly ModelEntry[],
  options: ServerOptions,
  flags: ServeFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const { signal } = context;
  const grace = flags.grace ?? GRACE_MILLISECONDS;
  const { logger, onProgress } = await openServeLog(context, flags);
  const loading = {
    ...loadOptionsOf(flags, context),
    logger,
    onProgress,
    maxPendingTokens: flags.maxPendingTokens ?? MAX_PENDING_TOKENS,
  };
  // The server's modules are read while the engine and its sessions start on other threads.
  const [offer, { startServer }] = await Promise.all([
    offerModels(entries, loading, context.settings),
    import('../../server/start-server.js'),
  ]);
  try {
    const server = await startServer(offer.models, { ...options, logger });
    context.allowGrace(grace + CLOSING_MILLISECONDS);
    await tellReady(server, context);
    if (!signal.aborted) await once(signal, 'abort');
    return (await server.close(grace)) ? 0 : 1;
  } finally {
    await offer.close();
  }
}

/**
 * The models of the command line, or those of a file; if neither names any, the one that made the vectors of the memory, or
 * the usual one.
 */
async function entriesOf(
  names: readonly string[],
  { modelsFile, lazy, dtype }: ServeFlags,
  space: EmbeddingSpace | undefined,
): Promise<readonly ModelEntry[]> {
  if (modelsFile !== undefined && names.length > 0) {
    throw new IsovecError('CONFIG_INVALID', 'Name the models on the command line or in --models-file, not in both.');
  }
  const listed = modelsFile === undefined ? undefined : await readModelsFile(modelsFile);
  const usual =
    space === undefined ? { model: DEFAULT_MODEL } : { model: space.model, dtype: dtype ?? space.weightDtype };
  const entries = listed ?? (names.length === 0 ? [usual] : names.map((model) => ({ model })));
  return lazy === true ? entries.map((entry) => ({ lazy, ...entry })) : entries;
}

/** The address on standard output, for whoever started the server with port 0. */
async function tellReady({ url, grpcAddress }: RunningServer, { output, json, talk }: CommandContext): Promise<void> {
  talk.clear();
  if (json) await output.json({ event: 'ready', url, ...(grpcAddress === undefined ? {} : { grpc: grpcAddress }) });
  else await output.line(`Serving on ${url}${grpcAddress === undefined ? '' : `, gRPC on ${grpcAddress}`}`);
}
