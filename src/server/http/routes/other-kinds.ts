import type { z } from 'zod';
import { otherKindError } from '../../other-kind-error.js';
import type { RouteFamily } from '../error-shapes.js';
import type { HttpApp } from '../http-app.js';
import type { HttpService } from '../http-service.js';
import { cohereRerankRequest, teiEmbedAllRequest, teiPredictRequest, teiRerankRequest } from '../schemas/tei.js';

interface OtherKind {
  readonly url: string;
  readonly family: RouteFamily;
  readonly operationId: string;
  readonly needs: string;
  readonly body: z.ZodType;
}

const OTHER_KINDS: readonly OtherKind[] = [
  {
    url: '/embed_sparse',
    family: 'tei',
    operationId: 'embedSparse',
    needs: 'a sparse encoder',
    body: teiEmbedAllRequest,
  },
  { url: '/rerank', family: 'tei', operationId: 'rerank', needs: 'a reranker', body: teiRerankRequest },
  { url: '/v1/rerank', family: 'openai', operationId: 'createRerank', needs: 'a reranker', body: cohereRerankRequest },
  { url: '/predict', family: 'tei', operationId: 'predict', needs: 'a classifier', body: teiPredictRequest },
];

/** Routes for models of other kinds: they say what kind they need, as none of these can be loaded yet. */
export function otherKindRoutes(app: HttpApp, { models }: HttpService): void {
  for (const { url, family, operationId, needs, body } of OTHER_KINDS) {
    app.route({
      method: 'POST',
      url,
      config: { family },
      schema: { tags: ['Other kinds'], operationId, summary: `Needs ${needs}`, body },
      handler: () => {
        throw otherKindError(models, url, needs);
      },
    });
  }
}
