import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Embedder } from '../../engine/embedder.js';
import { loadModel } from '../../engine/load-model.js';
import { GRACE_MILLISECONDS, type RunningServer, startServer } from '../../server/start-server.js';
import { errorMessage, IsovecError } from '../../shared/isovec-error.js';
import type { CommandContext, OutputFlags } from '../command-context.js';
import type { ExitCode } from '../exit-codes.js';
import { DEFAULT_MODEL, loadOptionsOf, type ModelFlags } from '../model-flags.js';
import type { LogLevel } from './log-level.js';
import { openServeLog } from './serve-log.js';

/** Flags of `isovec serve`. */
export interface ServeFlags extends Omit<ModelFlags, 'model'>, OutputFlags {
  readonly host?: string;
  readonly port?: number;
  readonly grpcPort?: number;
  readonly grpc?: boolean;
  readonly apiKeyFile?: string;
  readonly allowAnonymous?: boolean;
  readonly maxInputs?: number;
  readonly maxRequestTokens?: number;
  readonly maxBodyBytes?: number;
  readonly maxPendingTokens?: number;
  /** Milliseconds. */
  readonly grace?: number;
  readonly logLevel?: LogLevel;
}

/** Work that may wait: beyond it requests are refused, while the last one accepted is still answered in bearable time. */
const MAX_PENDING_TOKENS = 1_000_000;
/** The customary port of gRPC. */
const GRPC_PORT = 50_051;
/** After the server's own grace: what is left to close sessions and threads. */
const CLOSING_MILLISECONDS = 5_000;

/** Loads models and serves them until a signal comes; ends when everything is answered that was accepted. */
export async function serve(names: readonly string[], flags: ServeFlags, context: CommandContext): Promise<ExitCode> {
  const { signal } = context;
  const grace = flags.grace ?? GRACE_MILLISECONDS;
  const apiKeys = flags.apiKeyFile === undefined ? [] : await readKeys(flags.apiKeyFile);
  const { logger, onProgress } = await openServeLog(context, flags);
  const models: Embedder[] = [];
  try {
    for (const name of names.length === 0 ? [DEFAULT_MODEL] : names) {
      models.push(
        await loadModel(name, {
          ...loadOptionsOf(flags, context),
          logger,
          onProgress,
          maxPendingTokens: flags.maxPendingTokens ?? MAX_PENDING_TOKENS,
        }),
      );
    }
    const server = await startServer(
      models.map((embedder) => ({ name: embedder.info().id, embedder })),
      {
        ...(flags.host === undefined ? {} : { host: flags.host }),
        ...(flags.port === undefined ? {} : { port: flags.port }),
        ...(flags.grpc === false ? {} : { grpcPort: flags.grpcPort ?? GRPC_PORT }),
        apiKeys,
        allowAnonymous: flags.allowAnonymous === true,
        logger,
        limits: {
          ...(flags.maxInputs === undefined ? {} : { maxInputs: flags.maxInputs }),
          ...(flags.maxRequestTokens === undefined ? {} : { maxTokens: flags.maxRequestTokens }),
          ...(flags.maxBodyBytes === undefined ? {} : { maxBodyBytes: flags.maxBodyBytes }),
        },
      },
    );
    context.allowGrace(grace + CLOSING_MILLISECONDS);
    await tellReady(server, context);
    if (!signal.aborted) await once(signal, 'abort');
    return (await server.close(grace)) ? 0 : 1;
  } finally {
    for (const model of models) await model.close();
  }
}

/** The address on standard output, for whoever started the server with port 0. */
async function tellReady({ url, grpcAddress }: RunningServer, { output, json, talk }: CommandContext): Promise<void> {
  talk.clear();
  if (json) await output.json({ event: 'ready', url, ...(grpcAddress === undefined ? {} : { grpc: grpcAddress }) });
  else await output.line(`Serving on ${url}${grpcAddress === undefined ? '' : `, gRPC on ${grpcAddress}`}`);
}

async function readKeys(file: string): Promise<readonly string[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new IsovecError('CONFIG_INVALID', `The file of API keys ${file} cannot be read: ${errorMessage(cause)}.`, {
      cause,
    });
  }
  const keys = text.split('\n').map((line) => line.trim());
  const found = keys.filter((key) => key !== '');
  const broken = found.find((key) => /\s/.test(key));
  if (found.length === 0 || broken !== undefined) {
    throw new IsovecError('CONFIG_INVALID', `The file of API keys ${file} must hold one key a line, without spaces.`);
  }
  return found;
}
