/** What kinds of things are removed from a cache. */
export type RemovableKind =
  'model' | 'prepared' | 'bridge' | 'blob' | 'partial' | 'leftover' | 'broken' | 'name' | 'lock' | 'lease';

/** Something in the cache that may go. */
export interface Removable {
  readonly kind: RemovableKind;
  /** As people know it: a model's id, or a path below the cache. */
  readonly name: string;
  /** Why it may go. */
  readonly reason: string;
  /** Every file and folder that goes with it. */
  readonly paths: readonly string[];
  /** Removes it, unless somebody uses it by now; tells whether it is gone. */
  readonly remove: () => Promise<boolean>;
}
