import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import type { EmbedRequest, EmbedResult } from '../embed-texts.js';
import { shapeVector, vectorShape } from '../shape-vectors.js';
import { tokenRows } from '../token-rows.js';
import type { GrpcService, Method } from './grpc-service.js';
import {
  type TeiEmbedAllResponse,
  type TeiEmbedRequest,
  type TeiEmbedResponse,
  type TeiMetadata,
  type TeiTextRequest,
  TRUNCATION_LEFT,
} from './messages.js';
import { needsOtherKind } from './other-kinds.js';

const NANOSECONDS = 1e6;

/** The methods of tei.v1.Embed. */
export function teiEmbed(grpc: GrpcService): UntypedServiceImplementation {
  const embed: Method<TeiEmbedRequest, TeiEmbedResponse> = async (request, exchange) => {
    const { normalize = true, dimensions } = request;
    const rows = normalize ? 'embeddings' : 'unnormalized';
    const result = await exchange.embed(undefined, { ...optionsOf(request), rows, dimensions });
    const shape = vectorShape(result.model.embedder.info(), result.dimensions, normalize);
    const [row = new Float32Array()] = result.rows;
    return { embeddings: Array.from(shapeVector(row, shape)), metadata: metadataOf(request, result) };
  };
  const embedAll: Method<TeiTextRequest, TeiEmbedAllResponse> = async (request, exchange) => {
    const result = await exchange.embed(undefined, { ...optionsOf(request), rows: 'hidden' });
    const tokens = tokenRows(result)[0] ?? [];
    return {
      token_embeddings: tokens.map((row) => ({ embeddings: Array.from(row) })),
      metadata: metadataOf(request, result),
    };
  };
  const sparse = needsOtherKind(grpc, 'a sparse encoder');
  return {
    Embed: grpc.unary(embed),
    EmbedStream: grpc.ordered(embed),
    EmbedAll: grpc.unary(embedAll),
    EmbedAllStream: grpc.ordered(embedAll),
    EmbedSparse: sparse.unary,
    EmbedSparseStream: sparse.ordered,
  };
}

function optionsOf({
  inputs,
  truncate,
  truncation_direction: side,
  prompt_name: promptName,
}: TeiTextRequest): EmbedRequest {
  return { inputs: [inputs], truncate, truncationSide: side === TRUNCATION_LEFT ? 'left' : 'right', promptName };
}

function metadataOf({ inputs }: TeiTextRequest, { tokens, timings, model }: EmbedResult): TeiMetadata {
  const nanoseconds = (milliseconds: number): number => Math.round(milliseconds * NANOSECONDS);
  return {
    compute_chars: Array.from(inputs).length,
    compute_tokens: Math.min(tokens[0] ?? 0, model.embedder.info().maxSequenceLength),
    total_time_ns: nanoseconds(timings.total),
    tokenization_time_ns: nanoseconds(timings.tokenize),
    queue_time_ns: nanoseconds(timings.queue),
    inference_time_ns: nanoseconds(timings.inference),
  };
}
