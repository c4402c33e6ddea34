import { isJsonObject, type JsonObject } from '../../formats/json/parse-json.js';
import { base64ToFloat32 } from '../../vector/index.js';
import { badResponse } from './bridge-message.js';

/** What the child tells of a model that it has loaded. */
export interface BridgeModel {
  /** 'onnx', 'torch' or 'echo'. */
  readonly backend: string;
  /** Why this backend, as a sentence. */
  readonly reason: string;
  readonly device: string;
  /** Execution providers of ONNX Runtime, or 'PyTorchExecutionProvider'. */
  readonly executionProviders: readonly string[];
  readonly dimensions: number;
  readonly hiddenSize: number;
  /** Longest input in tokens; very long where the model has no limit. */
  readonly maxSequenceLength: number;
  readonly vocabularySize: number;
  /** Poolings in sentence-transformers' names, and whether a prompt's tokens are pooled. */
  readonly pooling: readonly string[];
  readonly includePrompt: boolean;
  /** Whether the last step normalises. */
  readonly normalizes: boolean;
  /** Saved cut of the vectors. */
  readonly truncateDimension: number | undefined;
  readonly prompts: Readonly<Record<string, string>>;
  readonly defaultPromptName: string | undefined;
  readonly similarity: string;
  /** Versions of what computes, by package. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Tokens of a text where a model has no limit: far beyond what any machine embeds at once. */
const NO_LIMIT = 1_000_000;

/** The answer of `load_model`, checked. */
export function readBridgeModel(answer: JsonObject): BridgeModel {
  const text = (key: string): string => {
    const value = answer[key];
    if (typeof value !== 'string') throw badResponse(`a model without ${key}`);
    return value;
  };
  const whole = (key: string): number => {
    const value = answer[key];
    if (!Number.isSafeInteger(value) || Number(value) < 1) throw badResponse(`a model without ${key}`);
    return Number(value);
  };
  const { providers, versions, pooling, prompts, max_seq_length: limit, truncate_dimension: cut } = answer;
  const { default_prompt_name: defaultPrompt } = answer;
  return {
    backend: text('backend'),
    reason: text('reason'),
    device: text('device'),
    executionProviders: Array.isArray(providers) ? providers.map(String) : [],
    dimensions: whole('dimensions'),
    hiddenSize: whole('hidden_size'),
    maxSequenceLength: limit === null ? NO_LIMIT : whole('max_seq_length'),
    vocabularySize: whole('vocabulary_size'),
    pooling: Array.isArray(pooling) ? pooling.map(String) : [],
    includePrompt: answer['include_prompt'] !== false,
    normalizes: answer['normalize'] === true,
    truncateDimension: typeof cut === 'number' ? cut : undefined,
    prompts: texts(prompts),
    defaultPromptName: typeof defaultPrompt === 'string' ? defaultPrompt : undefined,
    similarity: text('similarity'),
    versions: texts(versions),
  };
}

function texts(value: unknown): Readonly<Record<string, string>> {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}

/** The rows of `embed_batch`: float32 [count x columns], checked for their number and for being finite. */
export function readVectors({ vectors }: JsonObject, count: number, columns: number): Float32Array {
  const { data, shape } = isJsonObject(vectors) ? vectors : {};
  if (typeof data !== 'string' || !Array.isArray(shape)) throw badResponse('an answer without vectors');
  if (shape[0] !== count || shape[1] !== columns) {
    throw badResponse(`vectors of shape [${shape.map(String).join(', ')}] instead of [${count}, ${columns}]`);
  }
  const rows = decode(data);
  if (rows.length !== count * columns) throw badResponse('vectors that are not as long as their shape says');
  if (!rows.every(Number.isFinite)) throw badResponse('vectors that are not finite');
  return rows;
}

function decode(data: string): Float32Array {
  try {
    return base64ToFloat32(data);
  } catch {
    throw badResponse('vectors that are no base64 of float32');
  }
}
