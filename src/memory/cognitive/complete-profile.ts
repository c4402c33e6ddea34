import { isShare } from '../check-input.js';
import { isJsonObject } from '../../formats/json/parse-json.js';
import { IsovecError } from '../../shared/isovec-error.js';
import { type CognitiveProfile, COGNITIVE_DIMENSIONS, isCognitiveDimension } from './cognitive-dimensions.js';

/**
 * A profile with some of its values given by a caller. CONFIG_INVALID, beginning with `subject`, for what is no object, for a
 * name that is no dimension, and for a value that is no number in [0, 1].
 */
export function completeProfile(
  read: CognitiveProfile,
  given: Partial<CognitiveProfile>,
  subject: string,
): CognitiveProfile {
  const unchecked: unknown = given;
  if (!isJsonObject(unchecked)) throw invalid(subject, 'must be an object of values by dimension');
  for (const [name, value] of Object.entries(unchecked)) {
    if (!isCognitiveDimension(name)) {
      throw invalid(subject, `names ${JSON.stringify(name)}; dimensions are ${COGNITIVE_DIMENSIONS.join(', ')}`);
    }
    if (value !== undefined && !isShare(value)) throw invalid(subject, `must have a number from 0 to 1 as ${name}`);
  }
  const values = COGNITIVE_DIMENSIONS.map((name) => [name, given[name] ?? read[name]] as const);
  return Object.fromEntries(values) as CognitiveProfile;
}

function invalid(subject: string, rule: string): IsovecError {
  return new IsovecError('CONFIG_INVALID', `${subject} ${rule}.`);
}
