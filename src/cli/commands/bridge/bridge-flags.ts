import type { BridgeBackend } from '../../../engine/find-python.js';
import type { SourceFlags } from '../../model-flags.js';

/** Flags of `isovec bridge`. */
export interface BridgeFlags extends SourceFlags {
  readonly python?: string;
  readonly backend?: BridgeBackend;
}
