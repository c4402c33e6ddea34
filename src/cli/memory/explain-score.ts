import type { ActivationParts } from '../../memory/ranking/activation.js';
import type { BridgeMemory } from '../../memory/ranking/rank-memories.js';
import { DEFAULT_RANKING } from '../../memory/ranking/ranking-settings.js';

/** A share that is shown as 1.00 says nothing. */
const WHOLE = 0.995;

/** What a score of the core or the periphery is made of; `nameOf` gives what a memory is called beside it. */
export function explainActivation(parts: ActivationParts, nameOf: (id: string) => string): string {
  const own = explainOwn(parts);
  if (parts.spread === undefined) return own;
  const { from, steps } = parts.spread;
  return `connected with ${nameOf(from)}${steps === 1 ? '' : ` over ${steps} steps`}; alone: ${own}`;
}

/** What the score of a bridge is made of. */
export function explainBridge({ novelty, link, to }: BridgeMemory['parts'], nameOf: (id: string) => string): string {
  const weights = DEFAULT_RANKING;
  const own = `${weights.novelty} x novelty ${novelty.toFixed(2)}`;
  return link === 0 ? own : `${own} + ${weights.link} x link ${link.toFixed(2)} to ${nameOf(to)}`;
}

function explainOwn({ similarity, access, importance, kept }: ActivationParts): string {
  const terms = [`similarity ${similarity.toFixed(2)}`];
  if (access > 0) terms.push(`accesses ${access.toFixed(2)}`);
  if (importance > 0) terms.push(`importance ${importance.toFixed(2)}`);
  const sum = terms.join(' + ');
  return kept >= WHOLE ? sum : `(${sum}) x ${kept.toFixed(2)} left by time`;
}
