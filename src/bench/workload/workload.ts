import { createHash } from 'node:crypto';

/** Calls of one kind, which are measured together. */
export interface WorkloadPart {
  /** Short: it stands in tables, and in front of an SLA. */
  readonly name: string;
  /** The texts of each call. They are sent in this order, and again from the first where more calls are wanted. */
  readonly calls: readonly (readonly string[])[];
  /** How many calls are measured unless the caller says otherwise. */
  readonly count: number;
}

/** What a benchmark embeds. */
export interface Workload {
  readonly name: string;
  /** What the texts were made from; undefined for those of a file. */
  readonly seed: number | undefined;
  readonly parts: readonly WorkloadPart[];
  /** What a reader of the result should know about the texts: rows that were left out. */
  readonly notes: readonly string[];
}

/** SHA-256 over names, calls and texts, hexadecimal. Results are comparable where it is the same. */
export function workloadDigest({ parts }: Workload): string {
  const hash = createHash('sha256');
  for (const { name, calls } of parts) hash.update(JSON.stringify([name, calls])).update('\n');
  return hash.digest('hex');
}
