import { IsovecError, isIsovecError } from '../../shared/isovec-error.js';
import { type Logger, silentLogger } from '../../shared/log.js';
import type { CallScope } from '../call-scope.js';
import { failureError } from './failure-error.js';
import { badResponse, readAnswer } from './read-answer.js';
import type { RemoteEndpoint } from './remote-endpoint.js';
import type { RemoteSettings } from './remote-settings.js';
import { RequestSlots } from './request-slots.js';
import { decideRetry, type RequestFailure } from './retry-decision.js';
import { splitBatches, type TextRange } from './split-batches.js';

/**
 * Most bytes of an answer (CWE-770): a number has at most 25 characters with its comma, and servers put spaces between;
 * the rest of an answer is small.
 */
const VALUE_BYTES = 40;
const OTHER_BYTES = 1024 * 1024;
const MOST_ANSWER_BYTES = 256 * 1024 * 1024;
const INFO_BYTES = 1024 * 1024;
const TOO_LARGE = 413;

/** Receives the vectors of the texts from `begin` on. */
export type VectorListener = (begin: number, vectors: readonly Float32Array[]) => void;

/** Counters of a {@link RemoteClient}. */
export interface RemoteCounters {
  /** Requests that were sent, the probe's among them. */
  readonly requests: number;
  /** Of these, requests that were sent again. */
  readonly repeatedRequests: number;
  /** Tokens that the server says it used; 0 where it does not. */
  readonly usedTokens: number;
}

interface Sent {
  readonly path: string;
  readonly body?: unknown;
  readonly maxBytes: number;
  readonly texts: readonly string[];
}

/** Asks one server: batches, places for requests, retries and what to make of answers. */
export class RemoteClient {
  readonly settings: RemoteSettings;
  readonly #endpoint: RemoteEndpoint;
  readonly #logger: Logger;
  readonly #slots: RequestSlots;
  #requests = 0;
  #repeated = 0;
  #tokens = 0;
  #answering = true;

  constructor(endpoint: RemoteEndpoint, settings: RemoteSettings, logger: Logger = silentLogger) {
    this.settings = settings;
    this.#endpoint = endpoint;
    this.#logger = logger;
    this.#slots = new RequestSlots(settings.concurrency);
  }

  /** The server, as messages name it. */
  get origin(): string {
    return this.#endpoint.origin;
  }

  /** Whether the last request was answered. */
  get answering(): boolean {
    return this.#answering;
  }

  get counters(): RemoteCounters {
    return { requests: this.#requests, repeatedRequests: this.#repeated, usedTokens: this.#tokens };
  }

  /**
   * The vectors of all texts, batch after batch in no particular order. Their length is not checked. Throws the error of
   * the call that is over, or that of the first batch that failed; the others end then.
   */
  async embed(texts: readonly string[], scope: CallScope, onVectors: VectorListener): Promise<void> {
    const ranges = splitBatches(texts, this.settings);
    const batches = ranges.values();
    const lane = async (): Promise<void> => {
      // All lanes take from one iterator.
      for (const range of batches) await this.#embedRange(texts, range, scope, onVectors);
    };
    const lanes = Array.from({ length: Math.min(this.settings.concurrency, ranges.length) }, async () => {
      try {
        await lane();
      } catch (error) {
        scope.fail(isIsovecError(error) ? error : new IsovecError('INTERNAL', 'A request failed.', { cause: error }));
      }
    });
    await Promise.all(lanes);
    scope.throwIfOver();
  }

  /** What TEI says of itself; undefined where the server has no such route. */
  async info(scope: CallScope): Promise<unknown> {
    const sent: Sent = { path: '/info', maxBytes: INFO_BYTES, texts: [] };
    const outcome = await this.#send(sent, scope);
    if (outcome.kind !== 'answer') {
      if (outcome.kind === 'status' && outcome.status === 404) return undefined;
      throw this.#error(outcome, sent, outcome.tries);
    }
    try {
      return JSON.parse(outcome.text) as unknown;
    } catch {
      throw badResponse('/info is not JSON');
    }
  }

  async #embedRange(
    texts: readonly string[],
    { begin, end }: TextRange,
    scope: CallScope,
    onVectors: VectorListener,
  ): Promise<void> {
    const { kind } = this.settings;
    const part = texts.slice(begin, end);
    const sent = this.#request(part);
    const outcome = await this.#send(sent, scope);
    if (outcome.kind === 'answer') {
      const { vectors, tokens = 0 } = readAnswer(kind, outcome.text, part.length);
      this.#tokens += tokens;
      onVectors(begin, vectors);
      return;
    }
    if (outcome.kind === 'status' && outcome.status === TOO_LARGE) {
      if (part.length === 1) throw atText(begin, this.#error(outcome, sent, outcome.tries));
      const middle = begin + Math.ceil(part.length / 2);
      await this.#embedRange(texts, { begin, end: middle }, scope, onVectors);
      await this.#embedRange(texts, { begin: middle, end }, scope, onVectors);
      return;
    }
    throw this.#error(outcome, sent, outcome.tries);
  }

  #request(texts: readonly string[]): Sent {
    const { kind, model, dimensions, truncate, space } = this.settings;
    const maxBytes = Math.min(MOST_ANSWER_BYTES, OTHER_BYTES + texts.length * space.dimensions * VALUE_BYTES);
    if (kind === 'tei') {
      return { path: '/embed', body: { inputs: texts, normalize: space.normalized, truncate }, maxBytes, texts };
    }
    const body = {
      model,
      input: texts,
      encoding_format: 'base64',
      ...(dimensions === undefined ? {} : { dimensions }),
      ...(truncate ? { truncate } : {}),
    };
    return { path: '/embeddings', body, maxBytes, texts };
  }

  /** Sends a request until it is answered or not worth another try. */
  async #send(
    { path, body, maxBytes }: Sent,
    scope: CallScope,
  ): Promise<{ readonly kind: 'answer'; readonly text: string } | (RequestFailure & { readonly tries: number })> {
    const { retries, requestTimeout: timeout } = this.settings;
    for (let tries = 1; ; tries++) {
      const outcome = await this.#slots.run(scope, () => {
        this.#requests++;
        if (tries > 1) this.#repeated++;
        return this.#endpoint.send({ path, body, maxBytes, timeout }, scope);
      });
      if (outcome.kind === 'answer') {
        this.#note(true);
        return outcome;
      }
      const situation = { tries, retries, now: Date.now(), deadline: scope.deadline, random: Math.random() };
      const decision = decideRetry(outcome, situation);
      if (!decision.retry) return { ...outcome, tries };
      const reason = outcome.kind === 'status' ? `HTTP ${outcome.status}` : outcome.reason;
      const { delay } = decision;
      this.#logger.debug?.('a request is sent again', { origin: this.origin, reason, tries, delayMs: delay });
      await scope.sleep(delay);
    }
  }

  #error(failure: RequestFailure, { path, texts }: Sent, tries: number): IsovecError {
    const endpoint = this.#endpoint;
    const error = failureError(failure, {
      origin: endpoint.origin,
      path: endpoint.pathOf(path),
      model: this.settings.model,
      texts,
      tries,
      withoutSecrets: (text) => endpoint.withoutSecrets(text),
    });
    this.#note(error.code !== 'PROVIDER_UNAVAILABLE' && error.code !== 'OVERLOADED', error);
    return error;
  }

  #note(answering: boolean, error?: IsovecError): void {
    if (answering === this.#answering) return;
    this.#answering = answering;
    if (answering) this.#logger.info('the remote server answers again', { origin: this.origin });
    else this.#logger.warn('the remote server does not answer', { origin: this.origin, code: error?.code });
  }
}

function atText(index: number, error: IsovecError): IsovecError {
  return new IsovecError('PROVIDER_REJECTED', `Text ${index} alone is too large: ${error.message}`, {
    data: { ...error.data, index },
  });
}
