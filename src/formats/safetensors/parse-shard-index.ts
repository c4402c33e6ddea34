import { IsovecError } from '../../shared/isovec-error.js';
import { isJsonObject, parseJsonObject } from '../json/parse-json.js';
import { quote } from '../quote.js';
import { findDuplicateKey } from './duplicate-key.js';

/** Which file of a sharded checkpoint holds which tensor. */
export interface ShardIndex {
  /** File name by tensor name. */
  readonly weightMap: ReadonlyMap<string, string>;
  /** Names of the files, each once, sorted by UTF-16 code units. */
  readonly shards: readonly string[];
}

/**
 * A plain file name: no separator of any system and no colon, which on Windows begins a drive or a stream. Names come
 * from untrusted files and are joined to the model's folder (CWE-22).
 */
const SHARD_NAME = /^[^/\\:\u0000-\u001f\u007f]+\.safetensors$/;

/**
 * The index of a sharded checkpoint (model.safetensors.index.json). FORMAT_INVALID names the file and what breaks its
 * rules: shards are plain names of .safetensors files beside the index.
 */
export function parseShardIndex(bytes: Uint8Array, file: string): ShardIndex {
  const index = parseJsonObject(bytes, file);
  const fail = (rule: string): IsovecError => new IsovecError('FORMAT_INVALID', `${file}: ${rule}`, { data: { file } });
  const duplicate = findDuplicateKey(new TextDecoder().decode(bytes));
  if (duplicate !== undefined) {
    throw fail(`${[...duplicate.path, duplicate.key].map(quote).join(' > ')} is declared twice (duplicate key).`);
  }
  const declared = index['weight_map'];
  if (!isJsonObject(declared)) throw fail('weight_map must be an object that names the file of every tensor.');
  const weightMap = new Map<string, string>();
  for (const [tensor, shard] of Object.entries(declared)) {
    if (typeof shard !== 'string' || !SHARD_NAME.test(shard) || shard.includes('..')) {
      const named = typeof shard === 'string' ? quote(shard) : `a value of type ${typeof shard}`;
      throw fail(
        `weight_map maps tensor ${quote(tensor)} to ${named}; it must name a .safetensors file in the same folder.`,
      );
    }
    weightMap.set(tensor, shard);
  }
  if (weightMap.size === 0) throw fail('weight_map is empty; it must name the file of every tensor.');
  return { weightMap, shards: [...new Set(weightMap.values())].sort() };
}
