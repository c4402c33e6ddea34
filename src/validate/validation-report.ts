import type { SoftwareVersions } from '../engine/read-versions.js';
import type { EmbeddingSpace } from '../models/embedding-space.js';
import type { ModelOrigin } from '../models/model-files.js';

/** What the vectors of a model were compared with. */
export type ReferenceKind = 'golden' | 'export' | 'float64';

/**
 * Where expected vectors come from: Python in either precision, a file that a user exported, or isovec's own float64
 * forward pass.
 */
export type VectorSource = 'python-float32' | 'python-float64' | 'export' | 'own-float64';

/** How far the vector of one text is from one expected vector. Null stands for a figure that is not finite. */
export interface CaseError {
  readonly source: VectorSource;
  readonly maxAbsError: number | null;
  readonly meanAbsError: number | null;
  readonly cosine: number;
  /** 1 - cosine, without its cancellation. */
  readonly cosineDistance: number;
}

/** One text of a validation. The text itself is not part of the report. */
export interface ValidationCase {
  readonly id: string;
  /** What kind of text it is. */
  readonly label: string;
  /** Whether it is one of the built-in scenarios. */
  readonly scenario: boolean;
  /** Tokens that the model was fed, special tokens included. */
  readonly tokens: number;
  /** Tokens of the whole text. */
  readonly untruncatedTokens: number;
  /** Whether the model reported the text as cut. */
  readonly truncated: boolean;
  readonly tokenIds: 'same' | 'different' | 'not-compared';
  readonly finite: boolean;
  /** Whether alone and among concurrent calls the vector had the bits it has in the batch; null if not tried. */
  readonly bitIdentical: boolean | null;
  readonly errors: readonly CaseError[];
}

/** How far some texts are from one source of expected vectors. Null stands for a figure that is not finite. */
export interface GroupSummary {
  readonly group: 'scenarios' | 'golden-set' | 'export';
  readonly source: VectorSource;
  readonly texts: number;
  /** Largest `maxAbsError` that passes. */
  readonly limit: number;
  /** What `limit` comes from: an absolute tolerance, or one relative to the largest expected magnitude. */
  readonly tolerance: { readonly value: number; readonly relative: boolean };
  readonly maxAbsError: number | null;
  readonly meanAbsError: number | null;
  readonly minCosine: number;
  readonly maxCosineDistance: number;
  /** Id of the text with the largest error. */
  readonly worstText: string;
  readonly nonFinite: number;
}

/** One thing that was looked at. */
export interface ValidationCheck {
  readonly name: string;
  readonly outcome: 'pass' | 'fail' | 'skipped';
  /** One sentence: what was found, or why it was skipped. */
  readonly detail: string;
}

/** What a validation found. Plain values only: `JSON.stringify` keeps all of it. */
export interface ValidationReport {
  /** Raised when a field changes its meaning. */
  readonly reportVersion: 1;
  readonly model: string;
  readonly revision: string | null;
  readonly origin: ModelOrigin;
  readonly space: EmbeddingSpace;
  readonly reference: {
    readonly kind: ReferenceKind;
    /** One sentence. */
    readonly description: string;
    /** Packages that made the expected values, by name; empty if unknown or none. */
    readonly versions: Readonly<Record<string, string>>;
  };
  readonly versions: SoftwareVersions;
  readonly threads: number;
  readonly cases: readonly ValidationCase[];
  readonly groups: readonly GroupSummary[];
  readonly checks: readonly ValidationCheck[];
  /** Ids of the texts that were cut to the model's limit. */
  readonly truncatedTexts: readonly string[];
  /** What a reader should know and no check judges. */
  readonly notes: readonly string[];
  readonly verdict: 'pass' | 'fail';
  /** Names of the checks that failed. */
  readonly failedChecks: readonly string[];
  /** Milliseconds. */
  readonly timings: {
    readonly load: number;
    readonly embed: number;
    readonly reference: number;
    readonly total: number;
  };
}
