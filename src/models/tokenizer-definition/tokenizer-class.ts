import type { ConfigFields } from '../model-config/config-fields.js';

/** How transformers 5 makes a tokenizer: from the file as it is, or by rebuilding one of its classes around the vocabulary. */
export type TokenizerClass = 'literal' | 'Bert' | 'DistilBert' | 'MPNet' | 'XLMRoberta' | 'Roberta' | 'Qwen2';

const CLASSES: ReadonlyMap<string, TokenizerClass> = new Map([
  ['BertTokenizer', 'Bert'],
  // Aliases of BertTokenizer in transformers 5.
  ['ElectraTokenizer', 'Bert'],
  ['MobileBertTokenizer', 'Bert'],
  ['SqueezeBertTokenizer', 'Bert'],
  ['LayoutLMTokenizer', 'Bert'],
  ['DistilBertTokenizer', 'DistilBert'],
  ['MPNetTokenizer', 'MPNet'],
  ['XLMRobertaTokenizer', 'XLMRoberta'],
  ['RobertaTokenizer', 'Roberta'],
  ['Qwen2Tokenizer', 'Qwen2'],
  ['TokenizersBackend', 'literal'],
  ['PreTrainedTokenizer', 'literal'],
  ['PreTrainedTokenizerFast', 'literal'],
]);

/** transformers' `TOKENIZER_MAPPING_NAMES`, for configurations that name no class. */
const CLASS_BY_MODEL_TYPE: ReadonlyMap<string, TokenizerClass> = new Map([
  ['bert', 'Bert'],
  ['distilbert', 'Bert'],
  ['nomic_bert', 'Bert'],
  ['mpnet', 'MPNet'],
  ['roberta', 'Roberta'],
  ['xlm-roberta', 'XLMRoberta'],
  ['qwen2', 'Qwen2'],
  ['qwen3', 'Qwen2'],
]);

/** Model types whose published tokenizer_class is known to be wrong: transformers takes the file as it is. */
const LITERAL_MODEL_TYPES: ReadonlySet<string> = new Set(['modernbert']);

/**
 * The class that `AutoTokenizer` picks: `tokenizer_class` of tokenizer_config.json, else of config.json, else the
 * one of the model type. ARCHITECTURE_UNSUPPORTED for a class whose rules isovec does not know.
 */
export function tokenizerClass(settings: ConfigFields, config: ConfigFields, modelType: string): TokenizerClass {
  if (LITERAL_MODEL_TYPES.has(modelType)) return 'literal';
  const source = settings.get('tokenizer_class') === undefined ? config : settings;
  const name = source.optionalString('tokenizer_class');
  if (name === undefined) return CLASS_BY_MODEL_TYPE.get(modelType) ?? 'literal';
  const known = CLASSES.get(name) ?? CLASSES.get(name.replace(/Fast$/, ''));
  if (known !== undefined) return known;
  throw source.unsupported('tokenizer_class', `supported are ${[...CLASSES.keys()].join(', ')}`);
}
