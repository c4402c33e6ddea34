import type { z } from 'zod';
import { otherKindError } from '../../other-kind-error.js';
import type { RouteFamily } from '../error-shapes.js';
import type { HttpApp } from '../http-app.js';
import type { HttpService } from '../http-service.js';
import { openAiError } from '../schemas/openai.js';
import {
  cohereRerankRequest,
  teiEmbedAllRequest,
  teiError,
  teiPredictRequest,
  teiRerankRequest,
} from '../schemas/tei.js';

interface OtherKind {
  readonly url: string;
  readonly family: RouteFamily;
  readonly needs: string;
  readonly body: z.ZodType;
}

const OTHER_KINDS: readonly OtherKind[] = [
  { url: '/embed_sparse', family: 'tei', needs: 'a sparse encoder', body: teiEmbedAllRequest },
  { url: '/rerank', family: 'tei', needs: 'a reranker', body: teiRerankRequest },
  { url: '/v1/rerank', family: 'openai', needs: 'a reranker', body: cohereRerankRequest },
  { url: '/predict', family: 'tei', needs: 'a classifier', body: teiPredictRequest },
];

/** Routes for models of other kinds: they say what kind they need, as none of these can be loaded yet. */
export function otherKindRoutes(app: HttpApp, { models }: HttpService): void {
  for (const { url, family, needs, body } of OTHER_KINDS) {
    const error = family === 'tei' ? teiError : openAiError;
    app.route({
      method: 'POST',
      url,
      config: { family },
      schema: { tags: ['Other kinds'], summary: `Needs ${needs}`, body, response: { '4xx': error, '5xx': error } },
      handler: () => {
        throw otherKindError(models, url, needs);
      },
    });
  }
}
