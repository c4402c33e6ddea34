import { isJsonObject } from '../../formats/json/parse-json.js';
import { isDeclaredSpace } from '../../models/embedding-space.js';
import { IsovecError } from '../../shared/isovec-error.js';
import { cosine } from '../../vector/index.js';
import type { CallScope } from '../call-scope.js';
import { badResponse } from './read-answer.js';
import type { RemoteClient } from './remote-client.js';
import type { RemoteSettings } from './remote-settings.js';

const TEXTS = ['The river rose overnight.', 'Bread is baked at dawn.'] as const;
/** Servers that pad give a text other last bits in a batch than alone, and float16 the more. */
const SAME_TEXT_COSINE = 0.9999;
const REFERENCE_COSINE = 0.999;
/** Lengths of vectors that were normalised in bfloat16 differ from 1 by less. */
const NORM_TOLERANCE = 0.01;

/**
 * Whether the server gives vectors of the declared space, as far as a few texts show: SPACE_MISMATCH for other
 * dimensions, vectors that are not normalised where the space's are, and a reference that is too far from its vector;
 * PROVIDER_BAD_RESPONSE for vectors of nothing but zeros, and for a text that has another vector the second time.
 */
export async function probeRemote(client: RemoteClient, scope: CallScope): Promise<void> {
  const { space, references } = client.settings;
  const texts = [...TEXTS, ...references.map(({ text }) => text)];
  const vectors = await vectorsOf(client, texts, scope);
  const [again] = await vectorsOf(client, [TEXTS[0]], scope);
  const [first, second, ...rest] = vectors;
  if (first === undefined || second === undefined || again === undefined) throw badResponse('vectors are missing');
  for (const vector of [...vectors, again]) {
    if (vector.length !== space.dimensions) {
      throw mismatch(client, `vectors of ${vector.length} dimensions, and the space of ${space.model} has`, {
        dimensions: vector.length,
        expected: space.dimensions,
      });
    }
    if (vector.every((value) => value === 0)) throw badResponse('a vector holds nothing but zeros');
  }
  const same = cosine(first, again);
  if (same < SAME_TEXT_COSINE) throw badResponse(`one text was given two vectors, whose cosine is ${same.toFixed(6)}`);
  if (first.every((value, i) => value === second[i])) throw badResponse('two texts were given the same vector');
  const length = Math.hypot(...first);
  if (space.normalized && Math.abs(length - 1) > NORM_TOLERANCE) {
    throw mismatch(client, `vectors of length ${length.toFixed(3)}, and the space of ${space.model} has length`, {
      length,
      expected: 1,
    });
  }
  references.forEach(({ vector }, index) => {
    const found = cosine(rest[index] ?? first, Float32Array.from(vector));
    if (found >= REFERENCE_COSINE) return;
    throw new IsovecError(
      'SPACE_MISMATCH',
      `${client.origin} gives reference ${index} a vector whose cosine to the known one is ${found.toFixed(6)}; at least ${REFERENCE_COSINE} is needed. It serves another model, or embeds texts in another way (prompts, pooling).`,
      { data: { index, cosine: found } },
    );
  });
}

/**
 * The settings as what TEI says of itself completes them. SPACE_MISMATCH where the server tells its space, as isovec does,
 * and it is another one.
 */
export function completedByInfo(settings: RemoteSettings, info: unknown, origin: string): RemoteSettings {
  if (!isJsonObject(info)) return settings;
  const { space, maxTextsGiven } = settings;
  const told = info['space'];
  if (typeof told === 'string' && !isDeclaredSpace(space)) {
    const dtype = info['model_dtype'];
    if (told !== space.fingerprint || (typeof dtype === 'string' && dtype !== space.weightDtype)) {
      throw new IsovecError(
        'SPACE_MISMATCH',
        `${origin} serves vectors of another space than that of ${space.model}: other weights, or other settings. Serve that model, or declare the space that is served.`,
        { data: { fingerprints: [space.fingerprint, told] } },
      );
    }
  }
  const most = info['max_client_batch_size'];
  return !maxTextsGiven && typeof most === 'number' && Number.isSafeInteger(most) && most > 0
    ? { ...settings, maxTexts: most }
    : settings;
}

async function vectorsOf(
  client: RemoteClient,
  texts: readonly string[],
  scope: CallScope,
): Promise<readonly Float32Array[]> {
  const all = new Array<Float32Array>(texts.length);
  await client.embed(texts, scope, (begin, vectors) => {
    vectors.forEach((vector, i) => {
      all[begin + i] = vector;
    });
  });
  return all;
}

function mismatch(
  { origin }: RemoteClient,
  what: string,
  data: { readonly expected: number } & Readonly<Record<string, number>>,
): IsovecError {
  return new IsovecError(
    'SPACE_MISMATCH',
    `${origin} gives ${what} ${data.expected}. Declare the space that the server has, or ask for that model.`,
    { data },
  );
}
