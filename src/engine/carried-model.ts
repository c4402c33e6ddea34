import { dirname, resolve } from 'node:path';
import { readPreparedSource, SOURCE_FILE } from '../models/cache/prepared-source.js';
import type { ModelFiles } from '../models/model-files.js';
import { IsovecError } from '../shared/isovec-error.js';
import { GRAPH_FILE, type PreparedModel, readPrepared } from './prepared-folder.js';
import { type Quantization, quantizationKey } from './quantize/quantization.js';

/** Folder of a snapshot that holds prepared forms, one folder each. */
export const CARRIED_FOLDER: string = 'prepared';

/** What tells the forms of one snapshot apart. */
type Form = string;

const FLOAT32: Form = 'float32';

/**
 * The prepared form that a model's files bring along, where they do: a snapshot made for an image, which is read on other
 * machines and from file systems that nothing can be written to. Its folder of data is written relative to the snapshot;
 * inodes and times say nothing there, so lengths and digests decide. Undefined for any other model.
 *
 * Throws MODEL_FILE_MISSING if what is wanted is not among the forms: such a snapshot may lack what it could be made of.
 */
export async function carriedModel(
  { id, revision, root, files }: ModelFiles,
  quantization: Quantization | undefined,
): Promise<PreparedModel | undefined> {
  const wanted: Form = quantization === undefined ? FLOAT32 : quantizationKey(quantization);
  const found: Form[] = [];
  for (const file of files.values()) {
    if (!file.name.startsWith(`${CARRIED_FOLDER}/`) || !file.name.endsWith(`/${SOURCE_FILE}`)) continue;
    const folder = dirname(file.path);
    const source = await readPreparedSource(folder);
    const form: Form = source === undefined ? 'a form of another version' : (source.quantization ?? FLOAT32);
    const prepared = source !== undefined && form === wanted ? await readPrepared(folder) : undefined;
    if (prepared !== undefined) {
      const { bundle } = prepared;
      const paths = { graphPath: resolve(folder, GRAPH_FILE), dataFolder: resolve(root, bundle.dataFolder) };
      return { ...prepared, bundle: { ...bundle, ...paths } };
    }
    found.push(form === wanted ? `a damaged copy of ${form}` : form);
  }
  if (found.length === 0) return undefined;
  throw new IsovecError(
    'MODEL_FILE_MISSING',
    `${id} lies in ${root} ready to run as ${found.join(', ')}, and is asked for as ${wanted}. ` +
      `Ask for what is there (--dtype), or use another cache, which may be empty (--cache, ISOVEC_HOME). ` +
      `Of int8, the last number is the bits of a weight: 7 for x86 processors without VNNI.`,
    { data: { id, revision, wanted, found } },
  );
}
