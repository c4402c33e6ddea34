import type { EmbedResult } from './embed-texts.js';
import type { TokenizedRecord } from './observation/observed-request.js';

/** What an answer tells beside its body, by the names of headers and of gRPC's metadata. */
export function resultMetadata({
  tokens,
  truncated,
  timings,
}: Pick<EmbedResult, 'tokens' | 'truncated' | 'timings'>): Readonly<Record<string, string>> {
  return {
    'x-isovec-tokens': String(tokens.reduce((sum, count) => sum + count, 0)),
    'x-isovec-truncated': String(truncated.length),
    'x-isovec-tokenize-ms': milliseconds(timings.tokenize),
    'x-isovec-queue-ms': milliseconds(timings.queue),
    'x-isovec-inference-ms': milliseconds(timings.inference),
  };
}

/** The same for texts that were only tokenised, or made of tokens. */
export function tokenizedMetadata({ tokens, milliseconds: time }: TokenizedRecord): Readonly<Record<string, string>> {
  return { 'x-isovec-tokens': String(tokens), 'x-isovec-tokenize-ms': milliseconds(time) };
}

function milliseconds(value: number): string {
  return value.toFixed(3);
}
