import { IsovecError } from '../../shared/isovec-error.js';
import { openAiProtocol } from './openai-protocol.js';
import { postJson, withoutSecrets } from './post-json.js';
import type { ServerProtocol } from './server-protocol.js';
import type { BenchTarget, TargetAnswer, TargetCall } from './target.js';
import { teiProtocol } from './tei-protocol.js';

/** Name of a protocol of servers that can be measured. */
export type ProtocolName = 'openai' | 'tei';

const PROTOCOLS: Readonly<Record<ProtocolName, ServerProtocol>> = { openai: openAiProtocol, tei: teiProtocol };

/** A server to measure. */
export interface ServerOptions {
  /** Its address, or that of the endpoint: http://127.0.0.1:8080. */
  readonly url: string;
  readonly protocol: ProtocolName;
  /** The name that the server knows the model by; TEI serves one model and is not told. */
  readonly model: string;
  /** Sent as a bearer token. */
  readonly apiKey?: string;
}

/**
 * A server that embeds as a target. Calls reject as `postJson` does, and with PROVIDER_BAD_RESPONSE for an answer with
 * another number of vectors than texts, vectors of different lengths or values that are not finite. CONFIG_INVALID for
 * an address that cannot be one.
 */
export function serverTarget({ url, protocol: name, model, apiKey }: ServerOptions): BenchTarget {
  const protocol = PROTOCOLS[name];
  const endpoint = protocol.endpoint(checkUrl(url)).href;
  const shown = withoutSecrets(endpoint);
  const close = (): Promise<void> => Promise.resolve();
  return {
    description: { kind: name, model, url: shown },
    async embed(texts: readonly string[], call: TargetCall): Promise<TargetAnswer> {
      const { body, headers } = await postJson({
        url: endpoint,
        body: protocol.request(texts, model),
        apiKey,
        ...call,
      });
      const answer = protocol.read(body, headers);
      if (answer === undefined) throw badResponse(shown, `an answer of the ${name} protocol`);
      return { vectors: checkVectors(answer.vectors, texts.length, shown), tokens: answer.tokens };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function checkUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const refuse = (rule: string): IsovecError =>
    new IsovecError('CONFIG_INVALID', `The address of the server ${rule} It looks like http://127.0.0.1:8080.`);
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) throw refuse('must begin with http or https.');
  if (url.username !== '' || url.password !== '') throw refuse('must not hold a user or a password: use an API key.');
  return url;
}

function checkVectors(vectors: readonly unknown[], count: number, url: string): number[][] {
  if (vectors.length !== count) throw badResponse(url, `${count} vectors, but with ${vectors.length}`);
  let dimensions: number | undefined;
  return vectors.map((vector, index) => {
    if (!Array.isArray(vector) || vector.length === 0) throw badResponse(url, `a vector for text ${index}`);
    const values: readonly unknown[] = vector;
    dimensions ??= values.length;
    if (values.length !== dimensions) throw badResponse(url, 'vectors of one length');
    const isFinite = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
    if (!values.every(isFinite)) throw badResponse(url, `finite numbers for text ${index}`);
    return [...values];
  });
}

function badResponse(url: string, expected: string): IsovecError {
  return new IsovecError('PROVIDER_BAD_RESPONSE', `${url} did not answer with ${expected}.`);
}
