import type { EmbeddingSpace } from '../../models/embedding-space.js';
import { checkTexts } from '../../runtime/check-texts.js';
import { IsovecError, toIsovecError } from '../../shared/isovec-error.js';
import { BaseProvider } from '../base-provider.js';
import type {
  Provider,
  ProviderBatch,
  ProviderCallOptions,
  ProviderCapabilities,
  ProviderHealth,
  ProviderInfo,
} from '../provider.js';
import { CallScope } from '../call-scope.js';
import { completedByInfo, probeRemote } from './probe-remote.js';
import { badResponse } from './read-answer.js';
import { RemoteClient, type RemoteCounters } from './remote-client.js';
import { RemoteEndpoint } from './remote-endpoint.js';
import type { RemoteProviderOptions } from './remote-options.js';
import { remoteSettings } from './remote-settings.js';

/** What a remote provider is. */
export interface RemoteInfo extends ProviderInfo {
  /** Scheme, host and port of the server. */
  readonly origin: string;
  /** Most texts in one request. */
  readonly maxTexts: number;
}

/** Whether a remote provider can serve, 'degraded' while its last request went without an answer; with its counters. */
export interface RemoteHealth extends ProviderHealth, RemoteCounters {}

/** The programs at both ends take so many requests to be about as fast as later; they cost some ten tokens each. */
const WARM_UP_REQUESTS = 8;
const WARM_UP_TEXT = 'A short text to warm up with.';

/**
 * Vectors of a server. Made by {@link createRemoteProvider}. Beside what every provider rejects with: UNAUTHORIZED,
 * PROVIDER_UNAVAILABLE, PROVIDER_REJECTED and PROVIDER_BAD_RESPONSE.
 */
class RemoteProvider extends BaseProvider implements Provider {
  readonly capabilities: ProviderCapabilities = { tokenCounts: false, local: false };
  readonly #client: RemoteClient;
  readonly #open = new Set<CallScope>();
  #closed = false;

  constructor(client: RemoteClient) {
    super();
    this.#client = client;
  }

  get space(): EmbeddingSpace {
    return this.#client.settings.space;
  }

  async encodeBatch(texts: readonly string[], options: ProviderCallOptions = {}): Promise<ProviderBatch> {
    if (this.#closed) throw closedError();
    const scope = new CallScope('encodeBatch', options);
    this.#open.add(scope);
    try {
      return await this.#embed(checkTexts(texts), scope);
    } catch (error) {
      throw toIsovecError(error);
    } finally {
      this.#open.delete(scope);
      scope.release();
    }
  }

  info(): RemoteInfo {
    const { kind, model, space, maxTexts } = this.#client.settings;
    return {
      id: model,
      provider: `remote/${kind}`,
      device: 'remote',
      dimensions: space.dimensions,
      space,
      attempts: [],
      origin: this.#client.origin,
      maxTexts,
    };
  }

  /**
   * Sends a few short requests one after another: connection, both programs and the model are then warm. Rejects as
   * {@link encodeBatch}.
   */
  async warmUp(): Promise<void> {
    for (let request = 0; request < WARM_UP_REQUESTS; request++) await this.encodeBatch([WARM_UP_TEXT]);
  }

  health(): RemoteHealth {
    const status = this.#client.answering ? 'ok' : 'degraded';
    return { status: this.#closed ? 'closed' : status, ...this.#client.counters };
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const scope of this.#open) scope.fail(closedError());
    return Promise.resolve();
  }

  async #embed(texts: readonly string[], scope: CallScope): Promise<ProviderBatch> {
    const { dimensions } = this;
    const data = new Float32Array(texts.length * dimensions);
    await this.#client.embed(texts, scope, (begin, vectors) => {
      vectors.forEach((vector, i) => {
        if (vector.length !== dimensions) {
          throw badResponse(`a vector has ${vector.length} dimensions, and the space has ${dimensions}`);
        }
        data.set(vector, (begin + i) * dimensions);
      });
    });
    return { data, count: texts.length, dimensions };
  }
}

function closedError(): IsovecError {
  return new IsovecError('CLOSED', 'The remote provider was closed.');
}

/** A {@link Provider} whose info and health tell what a server's have beside. */
export interface RemoteEmbedder extends Provider {
  info(): RemoteInfo;
  health(): RemoteHealth;
}

/**
 * Asks a server for vectors: any that has OpenAI's interface or text-embeddings-inference's. A few texts are embedded first,
 * to see whether the vectors are of the space that was declared: SPACE_MISMATCH otherwise. CONFIG_INVALID for options;
 * PROVIDER_UNAVAILABLE for a server that does not answer; UNAUTHORIZED, PROVIDER_REJECTED, PROVIDER_BAD_RESPONSE,
 * OVERLOADED; ABORTED.
 */
export async function createRemoteProvider(options: RemoteProviderOptions): Promise<RemoteEmbedder> {
  const settings = remoteSettings(options);
  const endpoint = new RemoteEndpoint(options);
  const { signal, logger } = options;
  const scope = new CallScope('createRemoteProvider', signal === undefined ? {} : { signal });
  try {
    let client = new RemoteClient(endpoint, settings, logger);
    if (settings.kind === 'tei') {
      const info = await client.info(scope);
      client = new RemoteClient(endpoint, completedByInfo(settings, info, endpoint.origin), logger);
    }
    await probeRemote(client, scope);
    return new RemoteProvider(client);
  } finally {
    scope.release();
  }
}
