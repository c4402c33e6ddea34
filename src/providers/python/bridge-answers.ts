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
  readonly maxSequenceLength: number;
  /** Versions of what computes, by package. */
  readonly versions: Readonly<Record<string, string>>;
}

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
  const { providers, versions } = answer;
  return {
    backend: text('backend'),
    reason: text('reason'),
    device: text('device'),
    executionProviders: Array.isArray(providers) ? providers.map(String) : [],
    dimensions: whole('dimensions'),
    hiddenSize: whole('hidden_size'),
    maxSequenceLength: whole('max_seq_length'),
    versions: isJsonObject(versions)
      ? Object.fromEntries(Object.entries(versions).map(([name, version]) => [name, String(version)]))
      : {},
  };
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
