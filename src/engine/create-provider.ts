import { createChain } from '../providers/chain/chain-provider.js';
import type { Provider } from '../providers/provider.js';
import type { RemoteProviderOptions } from '../providers/remote/remote-options.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { Logger } from '../shared/log.js';
import { loadModel } from './load-model.js';
import type { LoadOptions } from './load-options.js';

/** A model on this machine: in process, or in a Python child (`provider`). */
export interface LocalProviderOptions extends LoadOptions {
  readonly kind: 'local';
  /** As `loadModel` takes it. */
  readonly model: string;
}

/** A server. */
export interface RemoteOptions extends Omit<RemoteProviderOptions, 'kind'> {
  readonly kind: 'remote';
  /** The interface that the server has. */
  readonly protocol: RemoteProviderOptions['kind'];
}

/** Providers of one space, asked in their order. */
export interface ChainProviderOptions {
  readonly kind: 'chain';
  readonly members: readonly ProviderOptions[];
  readonly logger?: Logger;
}

/** What {@link createProvider} makes. */
export type ProviderOptions = LocalProviderOptions | RemoteOptions | ChainProviderOptions;

/**
 * Makes a provider by what it is. Rejects as `loadModel`, `createRemoteProvider` and `createChain`; what was made of a chain by
 * then is closed.
 */
export async function createProvider(options: ProviderOptions): Promise<Provider> {
  switch (options.kind) {
    case 'local': {
      const { model, ...rest } = options;
      const load: LoadOptions & { kind?: 'local' } = { ...rest };
      delete load.kind;
      return loadModel(model, load);
    }
    case 'remote': {
      const { createRemoteProvider } = await import('../providers/remote/remote-provider.js');
      const { protocol, ...remote } = options;
      return createRemoteProvider({ ...remote, kind: protocol });
    }
    case 'chain':
      return chainOf(options);
    default:
      throw new IsovecError('CONFIG_INVALID', 'createProvider: option kind must be one of local, remote, chain.', {
        data: { option: 'kind' },
      });
  }
}

async function chainOf({ members, logger }: ChainProviderOptions): Promise<Provider> {
  const made: Provider[] = [];
  try {
    for (const member of members) made.push(await createProvider(member));
    return createChain(made, logger === undefined ? {} : { logger });
  } catch (error) {
    await Promise.all(made.map((provider) => provider.close()));
    throw error;
  }
}
