import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { promptOf } from '../prompt-of.js';
import { teiTokens } from '../tei-tokens.js';
import type { GrpcService, Method } from './grpc-service.js';
import type { TeiDecodeRequest, TeiDecodeResponse, TeiEncodeRequest, TeiEncodeResponse } from './messages.js';

/** The methods of tei.v1.Tokenize. */
export function teiTokenize(grpc: GrpcService): UntypedServiceImplementation {
  const encode: Method<TeiEncodeRequest, TeiEncodeResponse> = (request, exchange) => {
    const { inputs, add_special_tokens: addSpecialTokens, prompt_name: promptName } = request;
    return exchange.tokenize(
      async ({ embedder }) => {
        const text = (promptName === undefined ? '' : promptOf(embedder, promptName)) + inputs;
        return { tokens: teiTokens(text, await embedder.tokens.explain(text, { addSpecialTokens })) };
      },
      ({ tokens }) => tokens.length,
    );
  };
  const decode: Method<TeiDecodeRequest, TeiDecodeResponse> = ({ ids, skip_special_tokens: skip }, exchange) =>
    exchange.tokenize(
      async ({ embedder }) => ({ text: await embedder.tokens.decode(ids, { skipSpecialTokens: skip }) }),
      () => ids.length,
    );
  return {
    Tokenize: grpc.unary(encode),
    TokenizeStream: grpc.ordered(encode),
    Decode: grpc.unary(decode),
    DecodeStream: grpc.ordered(decode),
  };
}
