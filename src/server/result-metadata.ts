import type { EmbedResult } from './embed-texts.js';

/** What an answer tells beside its body, by the names of headers and of gRPC's metadata. */
export function resultMetadata({ tokens, truncated, timings }: EmbedResult): Readonly<Record<string, string>> {
  const milliseconds = (value: number): string => value.toFixed(3);
  return {
    'x-isovec-tokens': String(tokens.reduce((sum, count) => sum + count, 0)),
    'x-isovec-truncated': String(truncated.length),
    'x-isovec-tokenize-ms': milliseconds(timings.tokenize),
    'x-isovec-queue-ms': milliseconds(timings.queue),
    'x-isovec-inference-ms': milliseconds(timings.inference),
  };
}
