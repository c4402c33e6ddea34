import { isJsonObject, type JsonObject, parseJson } from '../../formats/json/parse-json.js';
import { parseEmbeddingSpace } from '../../models/embedding-space.js';
import { IsovecError } from '../../shared/isovec-error.js';
import { METADATA_VERSION, type VectorMetadata } from './vector-metadata.js';

type Check = readonly [passes: (value: unknown) => boolean, rule: string];

const TEXT: Check = [(value) => typeof value === 'string', 'must be a string'];
const TRUTH: Check = [(value) => typeof value === 'boolean', 'must be true or false'];
const COUNT: Check = [isCount, 'must be a whole number >= 0'];

const PRECISIONS: ReadonlySet<unknown> = new Set(['float32', 'int8', 'uint8', 'binary', 'ubinary']);
const ROW_FORMATS: ReadonlySet<unknown> = new Set(['text', 'jsonl', 'csv', 'tsv', 'parquet']);

const CHECKS: Readonly<Record<string, Check>> = {
  dimensions: [(value) => isCount(value) && value > 0, 'must be a whole number >= 1'],
  precision: [(value) => PRECISIONS.has(value), `must be one of ${[...PRECISIONS].join(', ')}`],
  normalized: TRUTH,
  prompt: TEXT,
  rows: COUNT,
  refused: COUNT,
  truncated: COUNT,
  tokens: COUNT,
  job: TEXT,
  vectorColumn: TEXT,
};

const SOURCE_CHECKS: Readonly<Record<string, Check>> = {
  file: [(value) => value === null || typeof value === 'string', 'must be a string or null'],
  format: [(value) => ROW_FORMATS.has(value), `must be one of ${[...ROW_FORMATS].join(', ')}`],
  column: TEXT,
  header: TRUTH,
  maxRowBytes: COUNT,
  digest: TEXT,
};

/**
 * What a file of vectors is, from its JSON. FORMAT_INVALID, naming `source` and the member, unless every member is there
 * and of its kind, and the fingerprint of the space belongs to its contents.
 */
export function parseVectorMetadata(bytes: Uint8Array, source: string): VectorMetadata {
  const value = parseJson(bytes, source);
  if (!isJsonObject(value) || value['format'] !== 'isovec-vectors') {
    throw failure(source, 'is no metadata of vectors: its member format is not "isovec-vectors"');
  }
  if (value['version'] !== METADATA_VERSION) {
    const version = JSON.stringify(value['version']);
    throw failure(source, `has version ${version}; this release of isovec reads version ${METADATA_VERSION}`);
  }
  requireMembers(value, source);
  return { ...value, space: parseEmbeddingSpace(value.space, `${source}: space`) };
}

function requireMembers(value: JsonObject, source: string): asserts value is JsonObject & VectorMetadata {
  const origin = value['source'];
  if (!isJsonObject(origin)) throw failure(source, 'lacks the object source');
  checkMembers(value, CHECKS, source, '');
  checkMembers(origin, SOURCE_CHECKS, source, 'source.');
}

function checkMembers(object: JsonObject, checks: typeof CHECKS, source: string, prefix: string): void {
  for (const [key, [passes, rule]] of Object.entries(checks)) {
    if (!Object.hasOwn(object, key) || !passes(object[key])) {
      throw failure(source, `is broken: its member ${prefix}${key} ${rule}`);
    }
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function failure(source: string, rule: string): IsovecError {
  return new IsovecError('FORMAT_INVALID', `${source} ${rule}. Embed the texts again.`, { data: { file: source } });
}
