import type { ModelFiles } from '../model-files.js';
import type { SimilarityName } from '../model-record.js';
import type { ConfigFields } from './config-fields.js';
import { readConfigFile } from './read-config-file.js';

/** What config_sentence_transformers.json says about using the model. */
export interface UsageConfig {
  readonly prompts: Readonly<Record<string, string>>;
  readonly defaultPromptName: string | undefined;
  readonly similarity: SimilarityName;
  readonly truncateDimension: number | undefined;
}

/** A model without the file, as sentence-transformers treats it. */
export const PLAIN_USAGE: UsageConfig = {
  prompts: {},
  defaultPromptName: undefined,
  similarity: 'cosine',
  truncateDimension: undefined,
};

const SIMILARITIES: readonly SimilarityName[] = ['cosine', 'dot', 'euclidean', 'manhattan'];

/** Prompts that every SentenceTransformer has, empty unless saved. */
const BUILT_IN_PROMPTS: readonly string[] = ['query', 'document'];

/**
 * config_sentence_transformers.json, or the defaults if there is none. CONFIG_INVALID for a broken value or a default
 * prompt that does not exist; ARCHITECTURE_UNSUPPORTED for other families (`model_type`) and similarity functions.
 */
export async function readUsageConfig(files: ModelFiles): Promise<UsageConfig> {
  const fields = await readConfigFile(files, 'config_sentence_transformers.json');
  if (fields === undefined) return PLAIN_USAGE;
  const family = fields.optionalString('model_type');
  if (family !== undefined && family !== 'SentenceTransformer') {
    throw fields.unsupported('model_type', 'only "SentenceTransformer" gives one vector for each text');
  }
  const prompts = readPrompts(fields);
  const defaultPromptName = fields.optionalString('default_prompt_name');
  if (defaultPromptName !== undefined && !Object.hasOwn(prompts, defaultPromptName)) {
    if (!BUILT_IN_PROMPTS.includes(defaultPromptName)) {
      throw fields.invalid(
        'default_prompt_name',
        `the name of a prompt (${Object.keys(prompts).join(', ') || 'none saved'})`,
      );
    }
    prompts[defaultPromptName] = '';
  }
  return {
    prompts,
    defaultPromptName,
    similarity: readSimilarity(fields),
    truncateDimension: fields.optionalPositiveInteger('truncate_dim'),
  };
}

function readPrompts(fields: ConfigFields): Record<string, string> {
  const saved = fields.optionalObject('prompts');
  // fromEntries defines members of any name, '__proto__' included, as plain data.
  return Object.fromEntries(Object.keys(saved?.values ?? {}).map((name) => [name, saved?.optionalString(name) ?? '']));
}

function readSimilarity(fields: ConfigFields): SimilarityName {
  const value = fields.optionalString('similarity_fn_name');
  if (value === undefined) return 'cosine';
  const similarity = SIMILARITIES.find((known) => known === value);
  if (similarity !== undefined) return similarity;
  throw fields.unsupported('similarity_fn_name', `supported are ${SIMILARITIES.join(', ')}`);
}
