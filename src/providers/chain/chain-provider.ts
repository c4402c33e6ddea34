import { assertSameSpace, type EmbeddingSpace } from '../../models/embedding-space.js';
import { ERROR_TABLE } from '../../shared/error-table.js';
import { IsovecError, toIsovecError } from '../../shared/isovec-error.js';
import { type Logger, silentLogger } from '../../shared/log.js';
import { BaseProvider } from '../base-provider.js';
import type {
  Provider,
  ProviderAttempt,
  ProviderBatch,
  ProviderCallOptions,
  ProviderCapabilities,
  ProviderHealth,
  ProviderInfo,
} from '../provider.js';
import { CircuitBreaker } from './circuit-breaker.js';

/** Options of {@link createChain}. */
export interface ChainOptions {
  /** Told whenever a call goes to another member than the call before. */
  readonly logger?: Logger;
}

interface Member {
  readonly provider: Provider;
  readonly breaker: CircuitBreaker;
}

/** Providers of one space, asked in their order. Made by {@link createChain}. */
class ChainProvider extends BaseProvider implements Provider {
  readonly space: EmbeddingSpace;
  readonly capabilities: ProviderCapabilities;
  readonly #members: readonly Member[];
  readonly #logger: Logger;
  /** Who answered last, and who was tried before for that call. */
  #last: { readonly member: Member; readonly attempts: readonly ProviderAttempt[] };
  #fallbacks = 0;
  #closing: Promise<void> | undefined;

  constructor(first: Provider, others: readonly Provider[], { logger = silentLogger }: ChainOptions) {
    super();
    const providers = [first, ...others];
    this.space = first.space;
    this.capabilities = {
      tokenCounts: providers.every(({ capabilities }) => capabilities.tokenCounts),
      local: providers.every(({ capabilities }) => capabilities.local),
    };
    const [member, ...rest] = providers.map((provider) => ({ provider, breaker: new CircuitBreaker() }));
    if (member === undefined) throw new IsovecError('INTERNAL', 'A chain without members.');
    this.#members = [member, ...rest];
    this.#logger = logger;
    this.#last = { member, attempts: [] };
  }

  async encodeBatch(texts: readonly string[], options: ProviderCallOptions = {}): Promise<ProviderBatch> {
    const attempts: ProviderAttempt[] = [];
    for (const member of this.#members) {
      this.#checkOpen();
      const { provider, breaker } = member;
      const name = provider.info().provider;
      if (!breaker.enter(performance.now())) {
        const reason = 'It failed several times in a row and is left alone for a while.';
        attempts.push({ provider: name, code: 'PROVIDER_UNAVAILABLE', reason });
        continue;
      }
      try {
        const batch = await provider.encodeBatch(texts, options);
        breaker.succeeded();
        this.#answered(member, attempts);
        return { ...copied(batch), answeredBy: name };
      } catch (cause) {
        const error = toIsovecError(cause);
        if (!ERROR_TABLE[error.code].fallback) {
          breaker.left();
          this.#checkOpen();
          throw error;
        }
        breaker.failed(performance.now());
        attempts.push({ provider: name, code: error.code, reason: error.message });
      }
    }
    this.#checkOpen();
    const reasons = attempts.map(({ provider, reason }) => `${provider}: ${reason}`).join(' ');
    throw new IsovecError('PROVIDER_UNAVAILABLE', `No provider of the chain could answer. ${reasons}`, {
      data: { attempts },
    });
  }

  /** What the member is that answered last, with those that were tried before it for that call. */
  info(): ProviderInfo {
    const { member, attempts } = this.#last;
    return { ...member.provider.info(), attempts };
  }

  /** Warms up every member. One of them that can is enough. */
  async warmUp(): Promise<void> {
    this.#checkOpen();
    const warmed = await Promise.allSettled(this.#members.map(({ provider }) => provider.warmUp()));
    this.#checkOpen();
    const failed = warmed.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
    if (failed.length === this.#members.length) throw toIsovecError(failed[0]);
  }

  health(): ProviderHealth {
    const [first] = this.#members;
    const isFirst = first?.breaker.closed === true && first.provider.health().status === 'ok';
    const status = this.#closing === undefined ? (isFirst ? 'ok' : 'degraded') : 'closed';
    return { status, fallbacks: this.#fallbacks };
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all(this.#members.map(({ provider }) => provider.close())).then(() => undefined);
    return this.#closing;
  }

  #answered(member: Member, attempts: readonly ProviderAttempt[]): void {
    if (attempts.length > 0) this.#fallbacks++;
    if (member !== this.#last.member) {
      const { provider, device } = member.provider.info();
      this.#logger.warn(`provider: ${provider} (${device})${attempts.map(({ reason }) => `: ${reason}`).join('')}`, {
        attempts,
      });
    }
    this.#last = { member, attempts };
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new IsovecError('CLOSED', 'The chain of providers was closed.');
  }
}

/**
 * Asks providers of one space in their order: the next one where the error table marks an error with `fallback`, as for one
 * that is lost. After three such errors in a row a provider is left alone for a second, then for longer. The chain closes its
 * members. CONFIG_INVALID without members; SPACE_MISMATCH if their spaces differ.
 */
export function createChain(members: readonly Provider[], options: ChainOptions = {}): Provider {
  const [first, ...others] = members;
  if (first === undefined) throw new IsovecError('CONFIG_INVALID', 'A chain needs at least one provider.');
  for (const other of others) assertSameSpace(first.space, other.space);
  return new ChainProvider(first, others, options);
}

/** The parts of a batch that the contract knows; a batch of the library is a class with more. */
function copied({ data, count, dimensions, tokens, truncated }: ProviderBatch): ProviderBatch {
  return { data, count, dimensions, tokens, truncated };
}
