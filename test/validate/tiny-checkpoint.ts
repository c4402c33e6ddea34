import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DenseActivation, ModelRecord, PipelineModule, PoolingMode } from '#src/models/model-record.js';
import { float64FromBytes } from '#src/validate/reference/float64-from-bytes.js';
import type { ReferenceTensor, ReferenceWeights } from '#src/validate/reference/reference-weights.js';
import { z } from 'zod';

const root = new URL('../fixtures/tiny/', import.meta.url);
const vectors = z.array(z.array(z.number()));
const expectedSchema = z.object({
  settings: z.object({ embedding_dimension: z.number() }),
  input_ids: vectors,
  vectors,
  vectors_f64: vectors,
  fp32_vs_f64_max_abs: z.number(),
  cases: z
    .array(
      z.object({ call: z.string(), input_ids: vectors.optional(), vectors, informational: z.boolean().optional() }),
    )
    .default([]),
});
const headerSchema = z.record(
  z.string(),
  z.object({
    dtype: z.string(),
    shape: z.array(z.number()),
    data_offsets: z.tuple([z.number(), z.number()]),
  }),
);
const poolingSchema = z.looseObject({
  pooling_mode: z.union([z.string(), z.array(z.string())]).optional(),
  include_prompt: z.boolean().default(true),
});
const denseSchema = z.object({
  in_features: z.number(),
  out_features: z.number(),
  bias: z.boolean(),
  activation_function: z.string(),
});

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, root), 'utf8'));
}

/** What Python computed for a checkpoint. */
export function expectedOf(name: string): z.infer<typeof expectedSchema> {
  return expectedSchema.parse(readJson(`${name}/expected.json`));
}

/** A reader of safetensors of its own, so that these tests stand on nothing but the reference. */
function openSafetensors(path: string): ReadonlyMap<string, ReferenceTensor> {
  const bytes = readFileSync(fileURLToPath(new URL(path, root)));
  const dataBegin = 8 + Number(bytes.readBigUInt64LE(0));
  const raw = JSON.parse(bytes.toString('utf8', 8, dataBegin)) as Record<string, unknown>;
  delete raw['__metadata__'];
  const tensors = new Map<string, ReferenceTensor>();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(headerSchema.parse(raw))) {
    if (dtype === 'I64') continue;
    const data = bytes.subarray(dataBegin + data_offsets[0], dataBegin + data_offsets[1]);
    tensors.set(name, { shape, data: float64FromBytes(data, dtype, name) });
  }
  return tensors;
}

/** The weights of a checkpoint, from one file or from shards. */
export function weightsOf(name: string): ReferenceWeights {
  const indexPath = `${name}/model.safetensors.index.json`;
  const index = existsSync(new URL(indexPath, root))
    ? z.object({ weight_map: z.record(z.string(), z.string()) }).parse(readJson(indexPath))
    : undefined;
  const files = index === undefined ? ['model.safetensors'] : [...new Set(Object.values(index.weight_map))];
  const transformer = new Map(files.flatMap((file) => [...openSafetensors(`${name}/${file}`)]));
  return {
    tensor: (tensor) => Promise.resolve(transformer.get(tensor)),
    moduleTensor: (path, tensor) => Promise.resolve(openSafetensors(`${name}/${path}/model.safetensors`).get(tensor)),
  };
}

/** The record of a checkpoint, from the keys that the fixtures use. */
export function recordOf(name: string): ModelRecord {
  const config = z.record(z.string(), z.unknown()).parse(readJson(`${name}/config.json`));
  const modules = z.array(z.object({ path: z.string(), type: z.string() })).parse(readJson(`${name}/modules.json`));
  const saved = z
    .looseObject({ truncate_dim: z.number().nullish() })
    .parse(readJson(`${name}/config_sentence_transformers.json`));
  return {
    id: name,
    revision: undefined,
    transformerPath: '',
    modelType: z.string().parse(config['model_type']),
    transformerConfig: config,
    maxSequenceLength: 32,
    pipeline: modules.slice(1).map((module) => pipelineModule(name, module.path, module.type)),
    dimensions: expectedOf(name).settings.embedding_dimension,
    truncateDimension: saved.truncate_dim ?? undefined,
    prompts: {},
    defaultPromptName: undefined,
    similarity: 'cosine',
  };
}

function pipelineModule(name: string, path: string, type: string): PipelineModule {
  const kind = type.slice(type.lastIndexOf('.') + 1);
  if (kind === 'Normalize') return { kind: 'normalize' };
  if (kind === 'Pooling') {
    const { pooling_mode: mode, include_prompt: includePrompt } = poolingSchema.parse(
      readJson(`${name}/${path}/config.json`),
    );
    // The only fixture with the old booleans is a mean model.
    const modes = mode === undefined ? ['mean'] : typeof mode === 'string' ? [mode] : mode;
    return { kind: 'pooling', modes: modes as PoolingMode[], includePrompt };
  }
  const dense = denseSchema.parse(readJson(`${name}/${path}/config.json`));
  const activation = dense.activation_function.slice(dense.activation_function.lastIndexOf('.') + 1).toLowerCase();
  return {
    kind: 'dense',
    path,
    inFeatures: dense.in_features,
    outFeatures: dense.out_features,
    bias: dense.bias,
    activation: activation as DenseActivation,
    residual: false,
  };
}
