/** One broken rule at one place. */
export interface Finding {
  /** Path from the repository root, with '/' separators. */
  readonly file: string;
  /** Line, counted from 1; absent when the finding is about the file as a whole. */
  readonly line?: number;
  /** What is wrong, and by which rule. */
  readonly rule: string;
  /** What to do about it. */
  readonly wayOut: string;
}

/** What a check found, and what it wants to say besides: figures, and parts that it could not do yet. */
export interface CheckResult {
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
}

/** A finding as a line that editors and terminals can jump to: `file:line  rule  ->  way out`. */
export function formatFinding(finding: Finding): string {
  const place = finding.line === undefined ? finding.file : `${finding.file}:${finding.line}`;
  return `${place}  ${finding.rule}\n    -> ${finding.wayOut}`;
}
