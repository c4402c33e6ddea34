import { IsovecError } from '../../shared/isovec-error.js';
import type { ModelFiles } from '../model-files.js';
import type { PoolingMode, PoolingModule } from '../model-record.js';
import type { ConfigFields } from './config-fields.js';
import { insideFolder } from './module-path.js';
import { requireConfigFile } from './read-config-file.js';

/** The flags of releases up to 5.3, in the order in which their results are concatenated. */
const FLAGS: readonly (readonly [flag: string, mode: PoolingMode])[] = [
  ['pooling_mode_cls_token', 'cls'],
  ['pooling_mode_max_tokens', 'max'],
  ['pooling_mode_mean_tokens', 'mean'],
  ['pooling_mode_mean_sqrt_len_tokens', 'mean_sqrt_len_tokens'],
  ['pooling_mode_weightedmean_tokens', 'weightedmean'],
  ['pooling_mode_lasttoken', 'lasttoken'],
];

const MODES: readonly PoolingMode[] = FLAGS.map(([, mode]) => mode);

const KNOWN_KEYS: ReadonlySet<string> = new Set([
  'embedding_dimension',
  'word_embedding_dimension',
  'pooling_mode',
  'include_prompt',
  ...FLAGS.map(([flag]) => flag),
]);

/** A Pooling module, with the width of the token vectors that it declares. */
export interface DeclaredPooling extends PoolingModule {
  readonly tokenDimension: number;
}

/**
 * config.json of a Pooling module of either generation. `pooling_mode` (a name or a list with its own order) beats
 * the older flags; no flag set means mean, as in sentence-transformers.
 * MODEL_FILE_MISSING, CONFIG_INVALID, or ARCHITECTURE_UNSUPPORTED for keys that isovec does not know.
 */
export async function readPoolingConfig(files: ModelFiles, folder: string): Promise<DeclaredPooling> {
  const name = insideFolder(folder, 'config.json');
  const fields = await requireConfigFile(files, name, 'it says how tokens are pooled, which is never guessed');
  const unknown = Object.keys(fields.values).find((key) => !KNOWN_KEYS.has(key));
  if (unknown !== undefined) {
    throw new IsovecError(
      'ARCHITECTURE_UNSUPPORTED',
      `${name}: ${unknown} is not a setting of Pooling that isovec knows.`,
      {
        data: { file: name, key: unknown },
      },
    );
  }
  const dimensionKey =
    fields.get('embedding_dimension') === undefined ? 'word_embedding_dimension' : 'embedding_dimension';
  return {
    kind: 'pooling',
    modes: readModes(fields),
    includePrompt: fields.boolean('include_prompt', true),
    tokenDimension: fields.positiveInteger(dimensionKey),
  };
}

function readModes(fields: ConfigFields): readonly PoolingMode[] {
  const value = fields.get('pooling_mode');
  if (value === undefined) {
    const modes = FLAGS.filter(([flag]) => fields.boolean(flag, false)).map(([, mode]) => mode);
    return modes.length > 0 ? modes : ['mean'];
  }
  const listed: readonly unknown[] = Array.isArray(value) ? value : [value];
  const modes = listed.map((item) => MODES.find((mode) => mode === item));
  if (modes.length === 0 || modes.length > MODES.length || modes.includes(undefined)) {
    throw fields.invalid('pooling_mode', `one of ${MODES.join(', ')}, or a list of them`);
  }
  return modes.filter((mode) => mode !== undefined);
}
