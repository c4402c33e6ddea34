import type { ReferenceKind, VectorSource } from './validation-report.js';

/** A text with what is known about it beside its vector. */
export interface ReferenceText {
  readonly id: string;
  readonly label: string;
  readonly text: string;
  readonly scenario: boolean;
  /** Ids that the model must be fed, truncated, with special tokens; undefined if unknown. */
  readonly inputIds: readonly number[] | undefined;
  /** Tokens of the whole text, special tokens included; undefined if unknown. */
  readonly untruncatedLength: number | undefined;
}

/** How large an error may be: absolute, or relative to the largest magnitude among the expected values. */
export interface Tolerance {
  readonly value: number;
  readonly relative: boolean;
}

/** Expected vectors of one source. */
export interface ReferenceVectors {
  readonly source: VectorSource;
  /** One per text; undefined for texts that this source has no vector of. */
  readonly rows: readonly (ArrayLike<number> | undefined)[];
  /** For the built-in scenarios. */
  readonly scenarioTolerance: Tolerance;
  /** For all texts together. */
  readonly tolerance: Tolerance;
}

/** Everything that a model's output is held against. */
export interface ReferenceData {
  readonly kind: ReferenceKind;
  readonly description: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly texts: readonly ReferenceText[];
  readonly vectors: readonly ReferenceVectors[];
  /** How the expected vectors were asked for; the model is asked in the same way. */
  readonly call: { readonly prompt?: string; readonly normalize?: boolean };
  /** What sets the model apart from the one that the expected values belong to; empty if nothing does. */
  readonly differences: readonly string[];
  readonly notes: readonly string[];
}
