import { z } from 'zod';
import type { EmbedRequest } from '../../embed-texts.js';
import type { ServedModel } from '../../served-models.js';
import { shapeVector, vectorShape, type VectorShape } from '../../shape-vectors.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import type { HttpApp } from '../http-app.js';
import type { HttpService } from '../http-service.js';
import { inputsOf } from '../inputs-of.js';
import { validate } from '../validate.js';
import { nativeEmbedRequest, nativeEmbedResponse, problem } from '../schemas/native.js';
import {
  teiEmbedAllRequest,
  teiEmbedAllResponse,
  teiEmbedRequest,
  teiEmbedResponse,
  teiError,
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
      summary: 'Embed texts: {texts} answers in full, {inputs} as text-embeddings-inference does',
      body: z.union([nativeEmbedRequest, teiEmbedRequest]),
      response: {
        200: z.union([nativeEmbedResponse, teiEmbedResponse]),
        '4xx': z.union([problem, teiError]),
        '5xx': z.union([problem, teiError]),
      },
    },
    validatorCompiler: () => (value) => {
      const isTei = typeof value === 'object' && value !== null && 'inputs' in value;
      return validate(isTei ? teiEmbedRequest : nativeEmbedRequest, value, 'body');
    },
    handler: async (request, reply) => {
      const { body } = request;
      if ('inputs' in body) {
        const result = await service.embed(request, reply, undefined, {
          ...teiOptions(body),
          inputs: inputsOf(body.inputs),
          rows: body.normalize ? 'embeddings' : 'unnormalized',
        });
        const shape = shapeFor(service, result.model, body.dimensions ?? undefined, body.normalize);
        return result.rows.map((row) => Array.from(shapeVector(row ?? new Float32Array(), shape)));
      }
      checkPooling(service.models.select(body.model), body.pooling);
      const started = performance.now();
      const result = await service.embed(request, reply, body.model, {
        inputs: body.texts,
        truncate: body.truncate,
        promptName: body.prompt_name,
        task: body.input_type ?? 'plain',
        rows: body.normalize === false ? 'unnormalized' : 'embeddings',
        partial: body.on_error === 'partial',
      });
      const { rows, tokens, truncated, errors, timings, model } = result;
      const shape = shapeFor(service, model, body.dimensions, body.normalize === true);
      return {
        embeddings: rows.map((row) => (row === undefined ? null : Array.from(shapeVector(row, shape)))),
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
        tokens: [...tokens],
        truncated: [...truncated],
        ...(body.on_error === 'partial' ? { errors: [...errors] } : {}),
      };
    },
  });
  app.route({
    method: 'POST',
    url: '/embed_all',
    config: { family: 'tei' },
    schema: {
      tags: ['TEI'],
      summary: 'The hidden state of every token, before pooling',
      body: teiEmbedAllRequest,
      response: { 200: teiEmbedAllResponse, '4xx': teiError, '5xx': teiError },
    },
    handler: async (request, reply) => {
      const { body } = request;
      const options = { ...teiOptions(body), inputs: inputsOf(body.inputs), rows: 'hidden' as const };
      const { rows, tokens, model } = await service.embed(request, reply, undefined, options);
      const limit = model.embedder.info().maxSequenceLength;
      return rows.map((row = new Float32Array(), index) => {
        const count = Math.min(tokens[index] ?? 0, limit);
        const width = row.length / count;
        return Array.from({ length: count }, (_, token) =>
          Array.from(row.subarray(token * width, (token + 1) * width)),
        );
      });
    },
  });
}

function shapeFor(
  service: HttpService,
  model: ServedModel,
  dimensions: number | undefined,
  normalize: boolean,
): VectorShape {
  return vectorShape(model.embedder.info(), service.dimensionsOf(model, dimensions), normalize);
}

/** Another pooling would be another space, whose vectors must not be mixed with these. */
function checkPooling({ embedder, name }: ServedModel, asked: string | undefined): void {
  const own = embedder.info().pooling.join('+') || 'none';
  if (asked === undefined || asked === own) return;
  throw new IsovecError('INPUT_INVALID', `pooling is ${JSON.stringify(asked.slice(0, 100))}; ${name} has ${own}.`, {
    data: { param: 'pooling' },
  });
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
