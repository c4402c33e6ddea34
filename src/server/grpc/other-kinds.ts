import type { UntypedHandleCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import { otherKindError } from '../other-kind-error.js';
import type { GrpcService } from './grpc-service.js';

/** Methods that say what kind of model they need, as none of these can be loaded yet. */
export function needsOtherKind(
  grpc: GrpcService,
  needs: string,
): Record<'unary' | 'ordered' | 'gathered', UntypedHandleCall> {
  const refuse = (): Promise<never> => Promise.reject(otherKindError(grpc.service.models, 'This method', needs));
  return { unary: grpc.unary(refuse), ordered: grpc.ordered(refuse), gathered: grpc.gathered(refuse) };
}

/** The methods of tei.v1.Predict. */
export function teiPredict(grpc: GrpcService): UntypedServiceImplementation {
  const { unary, ordered } = needsOtherKind(grpc, 'a classifier');
  return { Predict: unary, PredictPair: unary, PredictStream: ordered, PredictPairStream: ordered };
}

/** The methods of tei.v1.Rerank. */
export function teiRerank(grpc: GrpcService): UntypedServiceImplementation {
  const { unary, gathered } = needsOtherKind(grpc, 'a reranker');
  return { Rerank: unary, RerankStream: gathered };
}
