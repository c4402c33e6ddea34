import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { promptOf } from '../prompt-of.js';
import type { GrpcService, Method } from './grpc-service.js';
import type { TeiDecodeRequest, TeiDecodeResponse, TeiEncodeRequest, TeiEncodeResponse } from './messages.js';

/** The methods of tei.v1.Tokenize. */
export function teiTokenize(grpc: GrpcService): UntypedServiceImplementation {
  const encode: Method<TeiEncodeRequest, TeiEncodeResponse> = ({
    inputs,
    add_special_tokens,
    prompt_name: promptName,
  }) =>
    grpc.service.work(undefined, async ({ embedder }) => {
      const prompt = promptName === undefined ? '' : promptOf(embedder, promptName);
      return { tokens: await embedder.tokens.explain(prompt + inputs, { addSpecialTokens: add_special_tokens }) };
    });
  const decode: Method<TeiDecodeRequest, TeiDecodeResponse> = ({ ids, skip_special_tokens: skipSpecialTokens }) =>
    grpc.service.work(undefined, async ({ embedder }) => {
      return { text: await embedder.tokens.decode(ids, { skipSpecialTokens }) };
    });
  return {
    Tokenize: grpc.unary(encode),
    TokenizeStream: grpc.ordered(encode),
    Decode: grpc.unary(decode),
    DecodeStream: grpc.ordered(decode),
  };
}
