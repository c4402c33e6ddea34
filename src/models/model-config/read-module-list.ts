import { isJsonObject } from '../../formats/json/parse-json.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { ModelFiles } from '../model-files.js';
import { ConfigFields } from './config-fields.js';
import { checkModulePath } from './module-path.js';
import { readJsonFile } from './read-config-file.js';

/** Module classes of sentence-transformers that isovec runs. */
export type ModuleKind = 'Transformer' | 'Pooling' | 'Dense' | 'LayerNorm' | 'Normalize' | 'Dropout';

/** One step of a model, as modules.json lists it. */
export interface ModuleEntry {
  readonly kind: ModuleKind;
  /** Folder inside the model: '' for the root. */
  readonly path: string;
}

const KINDS: readonly ModuleKind[] = ['Transformer', 'Pooling', 'Dense', 'LayerNorm', 'Normalize', 'Dropout'];

/** Published models have two to five modules. */
const MAX_MODULES = 64;

/**
 * The steps of modules.json in order, or undefined if the model has no such file (a bare checkpoint).
 * Both generations of class paths are matched on the last name component, and only from sentence_transformers: isovec
 * imports nothing by name. FORMAT_INVALID for a broken list or path, ARCHITECTURE_UNSUPPORTED for another class.
 */
export async function readModuleList(files: ModelFiles): Promise<readonly ModuleEntry[] | undefined> {
  const value = await readJsonFile(files, 'modules.json');
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_MODULES) {
    throw broken(`must hold an array of 1 to ${MAX_MODULES} modules`);
  }
  const names = new Set<string>();
  const entries = value.map((item: unknown, index) => {
    if (!isJsonObject(item)) throw broken(`module ${index} must be an object`);
    const fields = new ConfigFields('modules.json', item);
    const path = fields.get('path');
    if (typeof path !== 'string') throw fields.invalid('path', 'a string', 'FORMAT_INVALID');
    // sentence-transformers keeps modules by name: a second one of the same name would replace the first.
    const name = fields.string('name');
    if (names.has(name)) throw broken(`name "${name}" must not occur twice`);
    names.add(name);
    return { folder: checkModulePath(path), fields };
  });
  return entries.map(({ folder, fields }) => ({ kind: moduleKind(fields), path: folder }));
}

function moduleKind(fields: ConfigFields): ModuleKind {
  const type = fields.string('type');
  const last = type.slice(type.lastIndexOf('.') + 1);
  const kind = KINDS.find((known) => known === last);
  if (kind === undefined || !type.startsWith('sentence_transformers.')) {
    throw fields.unsupported(
      'type',
      `supported are ${KINDS.join(', ')} of sentence_transformers, and no code that comes with a model is run`,
    );
  }
  return kind;
}

function broken(rule: string): IsovecError {
  return new IsovecError('FORMAT_INVALID', `modules.json ${rule}.`, { data: { file: 'modules.json' } });
}
