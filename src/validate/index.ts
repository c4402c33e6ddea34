/**
 * Whether the output of a model is right: against Python's vectors, and against a float64 forward pass.
 *
 * @packageDocumentation
 */
export { compareVectors, type RowComparison, type VectorComparison } from '../vector/compare-vectors.js';
export type { SoftwareVersions } from '../engine/read-versions.js';
export { formatValidationReport } from './format-validation-report.js';
export { toMarkdown } from './to-markdown.js';
export { validateModel, type ValidateOptions } from './validate-model.js';
export type {
  CaseError,
  GroupSummary,
  ReferenceKind,
  ValidationCase,
  ValidationCheck,
  ValidationReport,
  VectorSource,
} from './validation-report.js';
