import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import type { GrpcService } from './grpc-service.js';
import type { TeiInfoResponse } from './messages.js';

/** tei.v1.MODEL_TYPE_EMBEDDING. */
const EMBEDDING = 0;
/** Requests are bounded by the tokens that wait, not by their number; the field has 32 bits. */
const UNBOUNDED = 0xff_ff_ff_ff;

/** The method of tei.v1.Info. */
export function teiInfo(grpc: GrpcService): UntypedServiceImplementation {
  const { models, limits, version } = grpc.service;
  return {
    Info: grpc.unary<object, TeiInfoResponse>(async () => {
      const { name, embedder } = await models.select();
      const { revision, dtype, maxSequenceLength } = embedder.info();
      return {
        version,
        model_id: name,
        ...(revision === undefined ? {} : { model_sha: revision }),
        model_dtype: dtype,
        model_type: EMBEDDING,
        max_concurrent_requests: UNBOUNDED,
        max_input_length: maxSequenceLength,
        max_batch_tokens: limits.maxTokens,
        max_client_batch_size: limits.maxInputs,
        tokenization_workers: 1,
      };
    }),
  };
}
