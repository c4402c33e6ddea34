/** What is read from a text beside its meaning, in the order in which it stands in a fused vector. */
export const COGNITIVE_DIMENSIONS = [
  'frustration',
  'satisfaction',
  'curiosity',
  'stress',
  'urgency',
  'deadlinePressure',
  'timeContext',
  'work',
  'technical',
  'creative',
  'analytical',
  'collaborative',
  'individual',
  'collaboration',
  'support',
  'interaction',
] as const;

/** One of them: four emotional, three temporal, six contextual and three social ones. */
export type CognitiveDimension = (typeof COGNITIVE_DIMENSIONS)[number];

/** How much of each dimension a text shows, each in [0, 1]. */
export type CognitiveProfile = Readonly<Record<CognitiveDimension, number>>;

/** Whether a name is that of a dimension. */
export function isCognitiveDimension(name: string): name is CognitiveDimension {
  return (COGNITIVE_DIMENSIONS as readonly string[]).includes(name);
}

/** A profile from values by name; dimensions that are not named are 0. */
export function profileOf(values: Partial<CognitiveProfile>): CognitiveProfile {
  return Object.fromEntries(COGNITIVE_DIMENSIONS.map((name) => [name, values[name] ?? 0])) as Record<
    CognitiveDimension,
    number
  >;
}

/** A profile as a row [16], in the order of {@link COGNITIVE_DIMENSIONS}. */
export function profileRow(profile: CognitiveProfile): Float32Array {
  return Float32Array.from(COGNITIVE_DIMENSIONS, (name) => profile[name]);
}

/** The profile of a row [16]. */
export function profileOfRow(row: ArrayLike<number>): CognitiveProfile {
  return Object.fromEntries(COGNITIVE_DIMENSIONS.map((name, at) => [name, row[at] ?? 0])) as Record<
    CognitiveDimension,
    number
  >;
}
