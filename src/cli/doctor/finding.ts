/** What a look at one part of the installation showed. */
export interface DoctorFinding {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do about it. */
  readonly wayOut?: string;
  /** Whether nothing works without it. */
  readonly essential?: boolean;
}
