import type { Embedder } from '../engine/embedder.js';
import { resolvePrompt } from '../engine/encode-options.js';

/** One of a model's own prompts by its name. CONFIG_INVALID lists the known ones. */
export function promptOf(embedder: Embedder, promptName: string): string {
  return resolvePrompt({ promptName }, 'plain', embedder.info());
}
