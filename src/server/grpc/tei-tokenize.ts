import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { promptOf } from '../prompt-of.js';
import type { GrpcService, Method } from './grpc-service.js';
import type { TeiDecodeRequest, TeiDecodeResponse, TeiEncodeRequest, TeiEncodeResponse } from './messages.js';

/** The methods of tei.v1.Tokenize. */
export function teiTokenize(grpc: GrpcService): UntypedServiceImplementation {
  const encode: Method<TeiEncodeRequest, TeiEncodeResponse> = (request, exchange) => {
    const { inputs, add_special_tokens: addSpecialTokens, prompt_name: promptName } = request;
    return exchange.tokenize(
      async ({ embedder }) => {
        const prompt = promptName === undefined ? '' : promptOf(embedder, promptName);
        return { tokens: await embedder.tokens.explain(prompt + inputs, { addSpecialTokens }) };
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
