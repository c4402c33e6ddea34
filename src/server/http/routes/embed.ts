import { z } from 'zod';
import type { EmbedRequest, EmbedResult } from '../../embed-texts.js';
import { shapeVector, vectorShape, type VectorShape } from '../../shape-vectors.js';
import { tokenRows } from '../../token-rows.js';
import { bodyShapes } from '../body-shapes.js';
import type { HttpApp } from '../http-app.js';
import type { HttpService } from '../http-service.js';
import { inputsOf } from '../inputs-of.js';
import { callHeaders } from '../schemas/call-headers.js';
import { nativeEmbedRequest, nativeEmbedResponse } from '../schemas/native.js';
import { sendJson } from '../send-json.js';
import {
  teiEmbedAllRequest,
  teiEmbedAllResponse,
  teiEmbedRequest,
  teiEmbedResponse,
  type TeiTruncation,
} from '../schemas/tei.js';

/** POST /embed in both shapes, and POST /embed_all. */
export function embedRoutes(app: HttpApp, service: HttpService): void {
  app.route({
    method: 'POST',
    url: '/embed',
    config: { family: 'by body' },
    schema: {
      tags: ['Native', 'TEI'],
      operationId: 'embed',
      summary: 'Embed texts: {texts} answers in full, {inputs} as text-embeddings-inference does',
      body: z.union([nativeEmbedRequest, teiEmbedRequest]),
      headers: callHeaders,
      response: { 200: z.union([nativeEmbedResponse, teiEmbedResponse]) },
    },
    validatorCompiler: bodyShapes(nativeEmbedRequest, teiEmbedRequest),
    handler: async (request, reply) => {
      const { body } = request;
      if ('inputs' in body) {
        const result = await service.embed(request, reply, undefined, {
          ...teiOptions(body),
          inputs: inputsOf(body.inputs),
          dimensions: body.dimensions ?? undefined,
          rows: body.normalize ? 'embeddings' : 'unnormalized',
        });
        const shape = shapeFor(result, body.normalize);
        return sendJson(
          reply,
          result.rows.map((row) => shapeVector(row ?? new Float32Array(), shape)),
        );
      }
      const started = performance.now();
      const result = await service.embed(request, reply, body.model, {
        inputs: body.texts,
        pooling: body.pooling,
        dimensions: body.dimensions,
        truncate: body.truncate,
        promptName: body.prompt_name,
        task: body.input_type ?? 'plain',
        rows: body.normalize === false ? 'unnormalized' : 'embeddings',
        partial: body.on_error === 'partial',
      });
      const { rows, tokens, truncated, errors, timings, model } = result;
      const shape = shapeFor(result, body.normalize === true);
      return sendJson(reply, {
        embeddings: rows.map((row) => (row === undefined ? null : shapeVector(row, shape))),
        model: model.name,
        dimensions: shape.dimensions,
        usage: {
          total_tokens: tokens.reduce((sum, count) => sum + count, 0),
          duration_ms: performance.now() - started,
        },
        timings: {
          tokenize_ms: timings.tokenize,
          queue_ms: timings.queue,
          inference_ms: timings.inference,
          total_ms: timings.total,
        },
        tokens,
        truncated,
        ...(body.on_error === 'partial' ? { errors } : {}),
      });
    },
  });
  app.route({
    method: 'POST',
    url: '/embed_all',
    config: { family: 'tei' },
    schema: {
      tags: ['TEI'],
      operationId: 'embedAll',
      summary: 'The hidden state of every token, before pooling',
      body: teiEmbedAllRequest,
      headers: callHeaders,
      response: { 200: teiEmbedAllResponse },
    },
    handler: async (request, reply) => {
      const { body } = request;
      const options = { ...teiOptions(body), inputs: inputsOf(body.inputs), rows: 'hidden' as const };
      return sendJson(reply, tokenRows(await service.embed(request, reply, undefined, options)));
    },
  });
}

function shapeFor({ model, dimensions }: EmbedResult, normalize: boolean): VectorShape {
  return vectorShape(model.embedder.info(), dimensions, normalize);
}

/** The options that TEI's requests share, in ours. */
function teiOptions({
  truncate,
  truncation_direction: direction,
  prompt_name: promptName,
}: TeiTruncation): Pick<EmbedRequest, 'truncate' | 'truncationSide' | 'promptName'> {
  return {
    truncate: truncate ?? false,
    truncationSide: direction === undefined ? undefined : direction.toLowerCase() === 'left' ? 'left' : 'right',
    promptName: promptName ?? undefined,
  };
}
