import { isJsonObject } from '../../formats/json/parse-json.js';
import { declaredSpace, type EmbeddingSpace, parseEmbeddingSpace } from '../../models/embedding-space.js';
import { checkTexts } from '../../runtime/check-texts.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { RemoteProviderOptions, RemoteReference, RemoteSpace } from './remote-options.js';

/** Texts of a request to OpenAI's own service, and of TEI by default. */
const MAX_TEXTS = { openai: 2048, tei: 32 } as const;
const CONCURRENCY = 4;
const RETRIES = 4;
const REQUEST_TIMEOUT_MS = 60_000;
/** `fetch` itself waits no longer for the head of an answer. */
const LONGEST_REQUEST_MS = 300_000;

/** Options with their defaults, checked; headers and address are kept by the {@link RemoteEndpoint}. */
export interface RemoteSettings {
  readonly kind: 'openai' | 'tei';
  readonly space: EmbeddingSpace;
  readonly model: string;
  /** Most texts in one request. */
  readonly maxTexts: number;
  /** Whether the caller said so: what the server says does not count then. */
  readonly maxTextsGiven: boolean;
  readonly maxCharacters: number;
  readonly concurrency: number;
  readonly retries: number;
  /** Milliseconds. */
  readonly requestTimeout: number;
  readonly dimensions: number | undefined;
  readonly truncate: boolean;
  readonly references: readonly RemoteReference[];
}

/** The settings that options mean. CONFIG_INVALID names the option and the rule. */
export function remoteSettings(options: RemoteProviderOptions): RemoteSettings {
  const { kind, limits = {}, references = [], truncate = false } = options;
  if (!Object.hasOwn(MAX_TEXTS, kind)) throw invalid('kind', "must be 'openai' or 'tei'");
  const space = spaceOf(options.space);
  if (options.model !== undefined && (typeof options.model !== 'string' || options.model === '')) {
    throw invalid('model', 'must be the name of a model');
  }
  if (options.dimensions !== undefined) {
    whole('dimensions', options.dimensions, 1);
    if (options.dimensions !== space.dimensions) {
      throw invalid('dimensions', `is ${options.dimensions}, and the space has ${space.dimensions}`);
    }
  }
  for (const [index, { vector }] of references.entries()) {
    if (vector.length === space.dimensions) continue;
    throw invalid(
      'references',
      `: vector ${index} has ${vector.length} dimensions, and the space has ${space.dimensions}`,
    );
  }
  checkTexts(references.map(({ text }) => text));
  return {
    kind,
    space,
    model: options.model ?? space.model,
    maxTexts: whole('limits.maxTexts', limits.maxTexts ?? MAX_TEXTS[kind], 1),
    maxTextsGiven: limits.maxTexts !== undefined,
    maxCharacters:
      limits.maxCharacters === undefined ? Infinity : whole('limits.maxCharacters', limits.maxCharacters, 1),
    concurrency: whole('limits.concurrency', limits.concurrency ?? CONCURRENCY, 1),
    retries: whole('retries', options.retries ?? RETRIES, 0),
    requestTimeout: whole('requestTimeout', options.requestTimeout ?? REQUEST_TIMEOUT_MS, 1, LONGEST_REQUEST_MS),
    dimensions: options.dimensions,
    truncate,
    references,
  };
}

function spaceOf(space: RemoteSpace): EmbeddingSpace {
  if (!isJsonObject(space)) throw invalid('space', 'must say which space the vectors are of');
  if (!('fingerprint' in space)) return declaredSpace(space);
  try {
    return parseEmbeddingSpace(space, 'Option space');
  } catch (cause) {
    throw new IsovecError('CONFIG_INVALID', 'createRemoteProvider: option space is no space that a model gave.', {
      cause,
      data: { option: 'space' },
    });
  }
}

function whole(option: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw invalid(option, `must be a whole number ${range}`);
}

/** CONFIG_INVALID for an option of {@link createRemoteProvider}; the value is not told, as it may be a key. */
export function invalid(option: string, rule: string): IsovecError {
  return new IsovecError('CONFIG_INVALID', `createRemoteProvider: option ${option} ${rule}.`, { data: { option } });
}
