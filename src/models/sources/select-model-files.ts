import { isJsonObject, parseJson, parseJsonObject } from '../../formats/json/parse-json.js';
import { IsovecError } from '../../shared/isovec-error.js';
import { checkModulePath } from '../model-config/module-path.js';

/** What a source knows before it fetches: names, and the means to read a small file. */
export interface ModelListing {
  /** How messages name the model. */
  readonly model: string;
  /** Paths inside the model with '/' separators. */
  readonly names: ReadonlySet<string>;
  /** The bytes of one of `names`. */
  read(name: string): Promise<Uint8Array>;
}

const WEIGHTS = 'model.safetensors';
const WEIGHTS_INDEX = 'model.safetensors.index.json';
/** Vocabularies that are not JSON. */
const VOCABULARIES: ReadonlySet<string> = new Set(['vocab.txt', 'merges.txt']);
/** Pickled weights; training leftovers such as training_args.bin and optimizer.pt are not weights. */
const PICKLE =
  /^(pytorch_model|model|adapter_model|diffusion_pytorch_model|consolidated)[\w.-]*\.(bin|pt|pth|ckpt|pkl|pickle)$/;
/** Index files of formats that are not fetched, and the one name that the cache keeps for itself. */
const FOREIGN_JSON = /\.(bin|h5|msgpack|onnx|pt)\.index\.json$|^snapshot\.json$/;

/**
 * The files of a model that isovec needs: JSON configurations, vocabularies and safetensors weights of the root and
 * of the folders that modules.json names; no other format of the weights, no documentation. One model.safetensors
 * wins over shards, as in Python's libraries; shards are those that the index names.
 * FORMAT_INVALID if weights exist as pickles only, or if modules.json or the index is broken or leaves the model;
 * MODEL_FILE_MISSING if there are no safetensors weights at all, or a shard is absent.
 */
export async function selectModelFiles(listing: ModelListing): Promise<readonly string[]> {
  const modules = await moduleFolders(listing);
  const selected = new Set<string>();
  let weights = 0;
  for (const folder of new Set(['', ...modules])) {
    const names = filesIn(listing.names, folder);
    const found = await selectWeights(listing, folder, names);
    weights += found.length;
    if (found.length === 0 && (modules.length === 0 || modules.includes(folder))) {
      refusePickle(listing.model, folder, names);
    }
    for (const name of found) selected.add(folder + name);
    for (const name of names) if (isSmallFile(name, found.includes(WEIGHTS))) selected.add(folder + name);
  }
  if (weights === 0) throw noWeights(listing);
  return [...selected].sort();
}

/**
 * A path of a listing as it is: relative, '/' separated, inside the model. FORMAT_INVALID otherwise, because such a
 * path would be written or read outside the model's folder (CWE-22).
 */
export function checkFileName(name: string, where: string): string {
  const parts = name.split('/');
  const broken =
    name.length > 500 ||
    /[\\:\u0000-\u001f\u007f]/.test(name) ||
    parts.some((part) => part === '' || part === '.' || part === '..');
  if (broken) {
    throw new IsovecError(
      'FORMAT_INVALID',
      `${where} names the file ${JSON.stringify(name.slice(0, 120))}, which is not a plain path inside the model.`,
      { data: { file: name.slice(0, 500) } },
    );
  }
  return name;
}

/** The folder of the transformer and of every other module, each '' or with a slash at the end, in order. */
export async function moduleFolders(listing: ModelListing): Promise<readonly string[]> {
  if (!listing.names.has('modules.json')) return [];
  const modules = parseJson(await listing.read('modules.json'), 'modules.json');
  if (!Array.isArray(modules)) {
    throw new IsovecError('FORMAT_INVALID', `modules.json of ${listing.model} must hold a JSON array.`);
  }
  return modules.map((module: unknown, index) => {
    const folder = isJsonObject(module) ? module['path'] : undefined;
    if (typeof folder !== 'string') {
      throw new IsovecError('FORMAT_INVALID', `modules.json of ${listing.model}: entry ${index} has no 'path' text.`);
    }
    const inside = checkModulePath(folder);
    return inside === '' ? '' : `${inside}/`;
  });
}

function filesIn(names: ReadonlySet<string>, folder: string): readonly string[] {
  const found: string[] = [];
  for (const name of names) {
    if (name.startsWith(folder) && !name.includes('/', folder.length)) found.push(name.slice(folder.length));
  }
  return found;
}

function isSmallFile(name: string, hasSingleWeights: boolean): boolean {
  if (VOCABULARIES.has(name)) return true;
  if (name === WEIGHTS_INDEX) return !hasSingleWeights;
  return name.endsWith('.json') && !name.startsWith('.') && !FOREIGN_JSON.test(name);
}

async function selectWeights(
  listing: ModelListing,
  folder: string,
  names: readonly string[],
): Promise<readonly string[]> {
  if (names.includes(WEIGHTS)) return [WEIGHTS];
  if (!names.includes(WEIGHTS_INDEX)) return [];
  const file = folder + WEIGHTS_INDEX;
  const map = parseJsonObject(await listing.read(file), file)['weight_map'];
  if (!isJsonObject(map)) throw new IsovecError('FORMAT_INVALID', `${file} holds no 'weight_map' object.`);
  const shards = new Set<string>();
  for (const shard of Object.values(map)) {
    if (typeof shard !== 'string')
      throw new IsovecError('FORMAT_INVALID', `${file}: 'weight_map' must map to file names.`);
    shards.add(checkFileName(shard, `${file}: weight_map`));
  }
  for (const shard of shards) {
    if (!shard.endsWith('.safetensors')) {
      throw new IsovecError('FORMAT_INVALID', `${file} names the shard ${shard}, which is not a safetensors file.`);
    }
    if (!listing.names.has(folder + shard)) {
      throw new IsovecError(
        'MODEL_FILE_MISSING',
        `${listing.model} lacks the shard ${folder + shard}, which ${file} names. Fetch the model again, or ask its publisher.`,
        { data: { file: folder + shard } },
      );
    }
  }
  return [...shards];
}

function refusePickle(model: string, folder: string, names: readonly string[]): void {
  const pickle = names.find((name) => PICKLE.test(name));
  if (pickle === undefined) return;
  const file = folder + pickle;
  throw new IsovecError(
    'FORMAT_INVALID',
    `${model} holds its weights only as ${file}, a Python pickle, and no ${folder}${WEIGHTS}. Pickles are refused: ` +
      'loading one runs whatever program its author put in. Convert it once where you trust the file, with Python: ' +
      `SentenceTransformer(FOLDER).save_pretrained(NEW_FOLDER, safe_serialization=True), then load NEW_FOLDER; ` +
      'or choose a revision that has safetensors weights.',
    { data: { file } },
  );
}

function noWeights(listing: ModelListing): IsovecError {
  const others = [...listing.names]
    .filter((name) => /\.(safetensors|onnx|h5|msgpack|gguf|bin|pt)$/.test(name))
    .slice(0, 5);
  const found = others.length === 0 ? '' : ` It holds ${others.join(', ')}, which cannot take its place.`;
  return new IsovecError(
    'MODEL_FILE_MISSING',
    `${listing.model} holds no ${WEIGHTS} where its modules.json or a plain checkpoint has it.${found}`,
    { data: { file: WEIGHTS } },
  );
}
