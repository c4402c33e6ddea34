import { createHash } from 'node:crypto';

import { isJsonObject, type JsonObject } from '../formats/json/parse-json.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { ModelRecord, PipelineModule, PoolingMode, SimilarityName } from './model-record.js';
import type { TokenizerDefinition } from './tokenizer-definition/tokenizer-definition.js';

/** Arithmetic that the weights are kept in; it changes vectors a little, but not what they mean. */
export type WeightDtype = 'float32' | 'int8';

/** What the fingerprint is taken over: everything that decides where a text lands. */
export interface SpaceDefinition {
  /** SHA-256 over the weight files. */
  readonly checkpoint: string;
  /** SHA-256 over the settings of the transformer that its weights do not show, such as the number of heads. */
  readonly transformer: string;
  /** SHA-256 over the tokenizer as it is used. */
  readonly tokenizer: string;
  readonly pooling: readonly PoolingMode[];
  /** Whether the tokens of a prompt are pooled. */
  readonly includePrompt: boolean;
  /** Steps after pooling, in order. */
  readonly head: readonly string[];
  /** Whether vectors leave the model with length 1. */
  readonly normalized: boolean;
  readonly dimensions: number;
  readonly maxSequenceLength: number;
  readonly prompts: Readonly<Record<string, string>>;
  readonly defaultPromptName: string | null;
}

/**
 * Identity of the vectors of one model: vectors may be compared, stored together or served in each other's place only
 * if their spaces are the same. A plain value; it survives JSON and `postMessage`.
 */
export interface EmbeddingSpace extends SpaceDefinition {
  /** SHA-256 over the canonical JSON of the definition of the space, hexadecimal. Equal fingerprints, same space. */
  readonly fingerprint: string;
  /** Id of the model, for people; the same checkpoint may be known by several. */
  readonly model: string;
  readonly similarity: SimilarityName;
  /** Beside the fingerprint: int8 and float32 of one checkpoint are compatible only when the caller says so. */
  readonly weightDtype: WeightDtype;
}

/** Keys of config.json that never change a float32 vector; writers of different versions disagree about them. */
const IRRELEVANT_KEYS: ReadonlySet<string> = new Set([
  '_name_or_path',
  'architectures',
  'attention_probs_dropout_prob',
  'classifier_dropout',
  'dtype',
  'gradient_checkpointing',
  'hidden_dropout_prob',
  'id2label',
  'initializer_range',
  'label2id',
  'output_past',
  'problem_type',
  'torch_dtype',
  'transformers_version',
  'use_cache',
]);

const DEFINITION_KEYS: readonly (keyof SpaceDefinition)[] = [
  'checkpoint',
  'transformer',
  'tokenizer',
  'pooling',
  'includePrompt',
  'head',
  'normalized',
  'dimensions',
  'maxSequenceLength',
  'prompts',
  'defaultPromptName',
];

/** In place of digests of a model whose files are not here. */
const DECLARED = 'declared';
const SIMILARITIES: readonly SimilarityName[] = ['cosine', 'dot', 'euclidean', 'manhattan'];

/** The space of a model; `checkpointDigest` is the SHA-256 over its weight files, hexadecimal. */
export function createEmbeddingSpace(
  record: ModelRecord,
  tokenizer: Pick<TokenizerDefinition, 'json' | 'truncationSide' | 'feedsTokenTypeIds'>,
  checkpointDigest: string,
  weightDtype: WeightDtype = 'float32',
): EmbeddingSpace {
  const pooling = record.pipeline.find((module) => module.kind === 'pooling');
  const definition: SpaceDefinition = {
    checkpoint: checkpointDigest,
    transformer: digest(
      Object.fromEntries(Object.entries(record.transformerConfig).filter(([key]) => !IRRELEVANT_KEYS.has(key))),
    ),
    tokenizer: digest([tokenizer.json, tokenizer.truncationSide, tokenizer.feedsTokenTypeIds]),
    pooling: pooling?.modes ?? [],
    includePrompt: pooling?.includePrompt ?? true,
    head: record.pipeline.filter((module) => module.kind !== 'pooling').map(describeModule),
    // Cutting a normalised vector leaves it shorter than 1.
    normalized: record.pipeline.at(-1)?.kind === 'normalize' && record.truncateDimension === undefined,
    dimensions: record.truncateDimension ?? record.dimensions,
    maxSequenceLength: record.maxSequenceLength,
    prompts: record.prompts,
    defaultPromptName: record.defaultPromptName ?? null,
  };
  return {
    fingerprint: digest(definition),
    model: record.id,
    similarity: record.similarity,
    weightDtype,
    ...definition,
  };
}

/** What is known of a model that runs elsewhere: who uses it vouches for that. */
export interface DeclaredSpace {
  /** Id of the model; spaces of other ids are other spaces. */
  readonly model: string;
  readonly dimensions: number;
  /** 'cosine' by default. */
  readonly similarity?: SimilarityName;
  /** Whether vectors have length 1; true by default. */
  readonly normalized?: boolean;
}

/**
 * The space of a model whose files are not here. Its fingerprint covers what was declared, and is never that of a model
 * that was loaded: in place of the weights' digest stands a text that no digest can be. CONFIG_INVALID for an empty id, for
 * dimensions that are no whole number of at least 1 and for an unknown similarity.
 */
export function declaredSpace(declared: DeclaredSpace): EmbeddingSpace {
  const { model, dimensions, similarity = 'cosine', normalized = true } = declared;
  if (typeof model !== 'string' || model === '') throw invalidDeclaration('model', 'must be the id of a model');
  if (!Number.isSafeInteger(dimensions) || dimensions < 1) {
    throw invalidDeclaration('dimensions', 'must be a whole number of at least 1');
  }
  if (!SIMILARITIES.includes(similarity)) {
    throw invalidDeclaration('similarity', `must be one of ${SIMILARITIES.join(', ')}`);
  }
  if (typeof normalized !== 'boolean') throw invalidDeclaration('normalized', 'must be true or false');
  const definition: SpaceDefinition = {
    checkpoint: `declared ${canonicalJson({ model, similarity })}`,
    transformer: DECLARED,
    tokenizer: DECLARED,
    pooling: [],
    includePrompt: true,
    head: [],
    normalized,
    dimensions,
    maxSequenceLength: 0,
    prompts: {},
    defaultPromptName: null,
  };
  return { fingerprint: digest(definition), model, similarity, weightDtype: 'float32', ...definition };
}

/** What one more step makes of the vectors of a model. */
export interface HeadStep {
  /** Everything that decides what the step computes, such as the digest of its weights. */
  readonly step: string;
  /** Of the vectors after it. */
  readonly dimensions: number;
  readonly normalized: boolean;
  readonly similarity: SimilarityName;
}

/** The space of vectors that are made from those of another space by one more step: never the same as that one. */
export function spaceAfterStep(base: EmbeddingSpace, { step, ...changes }: HeadStep): EmbeddingSpace {
  const space = { ...base, ...changes, head: [...base.head, step] };
  return { ...space, fingerprint: fingerprintOf(space) };
}

/** Whether a space was declared, so that nothing is known of its model's files. */
export function isDeclaredSpace(space: EmbeddingSpace): boolean {
  return space.tokenizer === DECLARED;
}

function invalidDeclaration(key: string, rule: string): IsovecError {
  return new IsovecError('CONFIG_INVALID', `A declared space: ${key} ${rule}.`, { data: { option: key } });
}

/** A space for people: its model, with how weights were kept and the start of its fingerprint, as others of one model are others. */
export function describeSpace({ model, weightDtype, fingerprint }: EmbeddingSpace): string {
  return `${model} (${weightDtype}, ${fingerprint.slice(0, 8)})`;
}

/** What two spaces have in common exactly if their vectors may be kept together: the fingerprint, and how weights were kept. */
export function spaceIdentity({ fingerprint, weightDtype }: EmbeddingSpace): string {
  return `${fingerprint} ${weightDtype}`;
}

/** Whether two spaces are the same. Weight dtypes must agree too, unless the caller lets them differ. */
export function isSameSpace(a: EmbeddingSpace, b: EmbeddingSpace, options: { anyWeightDtype?: boolean } = {}): boolean {
  return a.fingerprint === b.fingerprint && (options.anyWeightDtype === true || a.weightDtype === b.weightDtype);
}

/** Throws SPACE_MISMATCH, naming what differs, unless {@link isSameSpace}. */
export function assertSameSpace(
  a: EmbeddingSpace,
  b: EmbeddingSpace,
  options: { anyWeightDtype?: boolean } = {},
): void {
  if (isSameSpace(a, b, options)) return;
  const keys = [...DEFINITION_KEYS, ...(options.anyWeightDtype === true ? [] : (['weightDtype'] as const))];
  const differing = keys.filter((key) => canonicalJson(a[key]) !== canonicalJson(b[key]));
  const data = { differing, models: [a.model, b.model], fingerprints: [a.fingerprint, b.fingerprint] };
  if (differing.length === 1 && differing[0] === 'weightDtype') {
    throw new IsovecError(
      'SPACE_MISMATCH',
      `Vectors of ${a.model} with ${a.weightDtype} and with ${b.weightDtype} weights are near each other, but not the same. ` +
        'Embed all texts with one of the two, or say that they may be mixed (anyWeightDtype: true, --any-dtype).',
      { data },
    );
  }
  throw new IsovecError(
    'SPACE_MISMATCH',
    `Vectors of ${a.model} and ${b.model} must not be mixed: their spaces differ in ${differing.join(', ') || 'fingerprint'}. ` +
      'Embed all texts with one of the models.',
    { data },
  );
}

/**
 * A stored space, checked: FORMAT_INVALID, naming `source`, if it is no space or its fingerprint does not belong to
 * its contents.
 */
export function parseEmbeddingSpace(value: unknown, source: string): EmbeddingSpace {
  if (!isJsonObject(value) || !isEmbeddingSpace(value)) {
    throw new IsovecError('FORMAT_INVALID', `${source} holds no embedding space.`);
  }
  if (fingerprintOf(value) !== value.fingerprint) {
    throw new IsovecError(
      'FORMAT_INVALID',
      `${source}: the fingerprint does not belong to the embedding space beside it.`,
    );
  }
  return value;
}

function isEmbeddingSpace(value: JsonObject): value is JsonObject & EmbeddingSpace {
  const isText = (key: string): boolean => typeof value[key] === 'string';
  return (
    ['fingerprint', 'model', 'similarity', 'weightDtype', 'checkpoint', 'transformer', 'tokenizer'].every(isText) &&
    typeof value['dimensions'] === 'number' &&
    typeof value['maxSequenceLength'] === 'number' &&
    typeof value['normalized'] === 'boolean' &&
    typeof value['includePrompt'] === 'boolean' &&
    Array.isArray(value['pooling']) &&
    Array.isArray(value['head']) &&
    isJsonObject(value['prompts'])
  );
}

/** What a step computes beside its weights, which the checkpoint's digest covers. */
function describeModule(module: PipelineModule): string {
  switch (module.kind) {
    case 'dense':
      return `dense ${module.inFeatures}x${module.outFeatures} ${module.activation}${module.bias ? ' bias' : ''}${module.residual ? ' residual' : ''}`;
    case 'layernorm':
      return `layernorm ${module.dimension}`;
    case 'pooling':
    case 'normalize':
      return module.kind;
  }
}

function fingerprintOf(space: SpaceDefinition): string {
  return digest(Object.fromEntries(DEFINITION_KEYS.map((key) => [key, space[key]])));
}

function digest(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** JSON with the members of every object sorted by name, so that equal values give equal text. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${members.join(',')}}`;
}
