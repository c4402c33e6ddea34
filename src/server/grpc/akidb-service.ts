import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { shapeVector, vectorShape } from '../shape-vectors.js';
import type { GrpcService } from './grpc-service.js';
import type { AkidbEmbedRequest, AkidbEmbedResponse, AkidbModelInfo } from './messages.js';

/** The methods of akidb.embedding.v1.EmbeddingService. */
export function akidbService(grpc: GrpcService): UntypedServiceImplementation {
  const { service } = grpc;
  return {
    Embed: grpc.unary<AkidbEmbedRequest, AkidbEmbedResponse>(async (request, exchange) => {
      const { texts, model: name, pooling, normalize = true } = request;
      const started = performance.now();
      const rows = normalize ? 'embeddings' : 'unnormalized';
      const result = await exchange.embed(name, { inputs: texts, truncate: true, pooling, rows });
      const info = result.model.embedder.info();
      const shape = vectorShape(info, result.dimensions, normalize);
      return {
        embeddings: result.rows.map((row) => ({ values: Array.from(shapeVector(row ?? new Float32Array(), shape)) })),
        model: result.model.name,
        dimension: result.dimensions,
        usage: {
          total_tokens: result.tokens.reduce((sum, count) => sum + count, 0),
          duration_ms: Math.round(performance.now() - started),
        },
      };
    }),
    GetModelInfo: grpc.unary<object, AkidbModelInfo>(async () => {
      const { name, embedder } = await service.models.select();
      const { dimensions, maxSequenceLength } = embedder.info();
      return { model: name, dimension: dimensions, max_tokens: maxSequenceLength };
    }),
  };
}
