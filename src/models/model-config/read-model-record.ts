import type { ModelFiles } from '../model-files.js';
import type { ModelRecord } from '../model-record.js';
import { IsovecError } from '../../shared/isovec-error.js';
import { readModuleList, type ModuleEntry } from './read-module-list.js';
import { readPipeline, type Pipeline } from './read-pipeline.js';
import { readTransformerConfig, type TransformerConfig } from './read-transformer-config.js';
import { readTransformerSettings, type TransformerSettings } from './read-transformer-settings.js';
import { PLAIN_USAGE, readUsageConfig } from './read-usage-config.js';
import { readSequenceLimit } from './sequence-limit.js';

/** sentence-transformers reads its own settings only where modules.json says that it saved the model. */
const BARE_SETTINGS: TransformerSettings = { maxSequenceLength: undefined, lowercases: false, tokenizerSettings: {} };

/**
 * Everything that the configuration files of a model say, in either generation of sentence-transformers' layout, or
 * of a bare Hugging Face checkpoint as `SentenceTransformer(path)` would wrap it.
 * Codes: MODEL_FILE_MISSING, FORMAT_INVALID (a broken file or path), CONFIG_INVALID (a value that breaks a rule or
 * contradicts another file), ARCHITECTURE_UNSUPPORTED (sound, but of a kind that isovec does not run).
 */
export async function readModelRecord(files: ModelFiles): Promise<ModelRecord> {
  const entries = await readModuleList(files);
  const transformerPath = entries === undefined ? '' : transformerFolder(entries);
  const config = await readTransformerConfig(files, transformerPath);
  const settings = entries === undefined ? BARE_SETTINGS : await readTransformerSettings(files, transformerPath);
  const usage = entries === undefined ? PLAIN_USAGE : await readUsageConfig(files);
  const pipeline =
    entries === undefined ? barePipeline(config) : await readPipeline(files, entries.slice(1), config.hiddenSize);
  // A cut at or beyond the full length changes nothing.
  const cuts = usage.truncateDimension !== undefined && usage.truncateDimension < pipeline.dimensions;
  return {
    id: files.id,
    revision: files.revision,
    transformerPath,
    modelType: config.modelType,
    transformerConfig: config.values,
    maxSequenceLength: await readSequenceLimit(files, transformerPath, settings, config.usablePositions),
    pipeline: pipeline.modules,
    dimensions: pipeline.dimensions,
    truncateDimension: cuts ? usage.truncateDimension : undefined,
    prompts: usage.prompts,
    defaultPromptName: usage.defaultPromptName,
    similarity: usage.similarity,
  };
}

function transformerFolder(entries: readonly ModuleEntry[]): string {
  const first = entries[0];
  if (first?.kind === 'Transformer') return first.path;
  throw new IsovecError('FORMAT_INVALID', 'modules.json must begin with a Transformer module.', {
    data: { file: 'modules.json' },
  });
}

/**
 * Mean pooling for a checkpoint of any head (a masked-language or classification head is dropped), last token for
 * causal language models unless they are declared bidirectional.
 */
function barePipeline(config: TransformerConfig): Pipeline {
  const causal = (config.architectures[0]?.endsWith('ForCausalLM') ?? false) && config.values['is_causal'] !== false;
  return {
    modules: [{ kind: 'pooling', modes: [causal ? 'lasttoken' : 'mean'], includePrompt: true }],
    dimensions: config.hiddenSize,
  };
}
