import { isJsonObject } from '../../formats/json/parse-json.js';
import { IsovecError } from '../../shared/isovec-error.js';
import { ConfigFields } from '../model-config/config-fields.js';
import { parseAddedToken, specialToken, type AddedToken } from './added-token.js';
import type { TokenizerBackend } from './tokenizer-backend.js';
import type { TokenizerFiles } from './tokenizer-files.js';

/** `SPECIAL_TOKENS_ATTRIBUTES` of transformers, in the order in which missing ones get ids. */
const NAMES: readonly string[] = [
  'bos_token',
  'eos_token',
  'unk_token',
  'sep_token',
  'pad_token',
  'cls_token',
  'mask_token',
];

/** The tokens that transformers adds to a tokenizer beside its vocabulary. */
export interface SpecialTokens {
  /** By name, 'cls_token' and the like; the seven standard names first. */
  readonly named: ReadonlyMap<string, AddedToken>;
  /** Further special tokens without a name. */
  readonly extra: readonly AddedToken[];
  /** Tokens that files list with an id, by that id, ascending: they are added before the special ones. */
  readonly listed: readonly AddedToken[];
}

/**
 * Collects added and special tokens as `PreTrainedTokenizerBase._from_pretrained` does: the `added_tokens_decoder` of
 * tokenizer_config.json replaces what tokenizer.json and the older files list, and special_tokens_map.json counts
 * only where there is none. A named token that is listed has the flags of the list.
 */
export function collectSpecialTokens(files: TokenizerFiles, backend: TokenizerBackend): SpecialTokens {
  const settings = withOlderNames(files);
  const explicit = namedTokens(settings);
  const extra = extraTokens(settings);
  const listed = listedTokens(files, explicit, extra);
  const byContent = new Map([...listed.values()].map((token) => [token.content, token]));
  const named = new Map<string, AddedToken>();
  for (const name of new Set([...NAMES, ...explicit.keys()])) {
    const given = explicit.get(name);
    // An explicit null takes a default away.
    if (given === undefined && Object.hasOwn(settings.values, name)) continue;
    const isDefault = given === undefined;
    const token = given ?? backend.specialTokens[name];
    if (token === undefined) continue;
    const fromString = typeof settings.get(name) === 'string';
    const classToken = fromString && name === 'mask_token' ? backend.specialTokens[name] : undefined;
    const styled = classToken === undefined ? token : { ...token, lstrip: classToken.lstrip };
    named.set(name, isDefault ? styled : (byContent.get(token.content) ?? styled));
  }
  const ordered = [...listed.entries()].sort(([a], [b]) => a - b).map(([, token]) => token);
  const namedContents = new Set([...named.values()].map((token) => token.content));
  return {
    named,
    extra,
    listed: ordered.map((token) => (namedContents.has(token.content) ? { ...token, special: true } : token)),
  };
}

/** tokenizer_config.json with special_tokens_map.json laid over it where that still counts. */
function withOlderNames({ settings, specialTokensMap }: TokenizerFiles): ConfigFields {
  const values: Record<string, unknown> = { ...settings.values };
  if (values['additional_special_tokens'] !== undefined && !isFilled(values['extra_special_tokens'])) {
    values['extra_special_tokens'] = values['additional_special_tokens'];
  }
  if (specialTokensMap !== undefined && settings.get('added_tokens_decoder') === undefined) {
    for (const [name, value] of Object.entries(specialTokensMap.values)) {
      if (name === 'additional_special_tokens') values['extra_special_tokens'] ??= value;
      else values[name] = value;
    }
  }
  return new ConfigFields(settings.file, values);
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : isJsonObject(value) && Object.keys(value).length > 0;
}

/** Standard names, then the model's own members that end in '_token', then the named extra tokens. */
function namedTokens(settings: ConfigFields): Map<string, AddedToken> {
  const tokens = new Map<string, AddedToken>();
  const take = (name: string, value: unknown): void => {
    const place = `${settings.file}: ${name}`;
    tokens.set(name, typeof value === 'string' ? specialToken(value) : parseAddedToken(value, place, true));
  };
  for (const name of NAMES) {
    const value = settings.get(name);
    if (value !== undefined) take(name, value);
  }
  for (const [name, value] of Object.entries(settings.values)) {
    if (name.endsWith('_token') && !NAMES.includes(name) && typeof value === 'string') take(name, value);
  }
  const extra = settings.get('extra_special_tokens');
  if (isJsonObject(extra)) for (const [name, value] of Object.entries(extra)) take(name, value);
  return tokens;
}

function extraTokens(settings: ConfigFields): readonly AddedToken[] {
  const extra = settings.get('extra_special_tokens');
  if (!Array.isArray(extra)) return [];
  return extra.map((value: unknown) =>
    typeof value === 'string'
      ? specialToken(value)
      : parseAddedToken(value, `${settings.file}: extra_special_tokens`, true),
  );
}

/** Tokens with a declared id. Later sources win for the same id, as in Python. */
function listedTokens(
  files: TokenizerFiles,
  named: ReadonlyMap<string, AddedToken>,
  extra: readonly AddedToken[],
): Map<number, AddedToken> {
  const { settings, olderAddedTokens: older } = files;
  const listed = new Map<number, AddedToken>();
  const decoder = settings.optionalObject('added_tokens_decoder');
  if (decoder !== undefined) {
    for (const [id, value] of Object.entries(decoder.values)) {
      listed.set(Number(id), parseAddedToken(value, `${settings.file}: added_tokens_decoder["${id.slice(0, 20)}"]`));
    }
    return listed;
  }
  const special = new Set([...named.values(), ...extra].map((token) => token.content));
  for (const content of Object.keys(older?.values ?? {})) {
    const id = older?.get(content);
    if (typeof id !== 'number') {
      throw new IsovecError('FORMAT_INVALID', `${older?.file ?? ''}: every token must have a token id.`);
    }
    const isSpecial = special.has(content);
    listed.set(id, { ...specialToken(content), normalized: !isSpecial, special: isSpecial });
  }
  for (const [id, token] of files.addedTokens) listed.set(id, token);
  return listed;
}
