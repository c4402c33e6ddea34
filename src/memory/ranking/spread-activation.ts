import type { MemoryConnection } from '../memory-record.js';
import type { Activation } from './activation.js';
import type { RankingSettings } from './ranking-settings.js';

/** Activation that came to a memory along connections. */
export interface Spread {
  /** The starting point. */
  readonly from: string;
  readonly steps: number;
  readonly value: number;
}

/** Where a connection leads from a memory: its other end, if it may be gone in that direction. */
export function otherEnd({ from, to, bidirectional }: MemoryConnection, id: string): string | undefined {
  if (from === id) return to;
  return bidirectional && to === id ? from : undefined;
}

/**
 * Breadth-first from the most activated memories along connections: a step passes on the activation times the connection's
 * weight times a share. What reaches a memory in several ways counts once, by the largest. Starting points keep their own.
 */
export async function spreadActivation(
  activations: ReadonlyMap<string, Activation>,
  connectionsOf: (ids: readonly string[]) => Promise<readonly MemoryConnection[]>,
  settings: Pick<RankingSettings, 'startingPoints' | 'alongConnection' | 'mostSteps' | 'peripheral'>,
): Promise<Map<string, Spread>> {
  const { startingPoints, alongConnection, mostSteps, peripheral } = settings;
  const starts = [...activations]
    .filter(([, { value }]) => value >= peripheral)
    .sort(([a, { value: x }], [b, { value: y }]) => y - x || (a < b ? -1 : 1))
    .slice(0, startingPoints);
  const reached = new Map<string, Spread>();
  let front = new Map(starts.map(([id, { value }]): [string, Spread] => [id, { from: id, steps: 0, value }]));
  const origins = new Set(front.keys());
  for (let steps = 1; steps <= mostSteps && front.size > 0; steps++) {
    const next = new Map<string, Spread>();
    const connections = await connectionsOf([...front.keys()]);
    for (const [id, { from, value }] of front) {
      for (const connection of connections) {
        const target = otherEnd(connection, id);
        if (target === undefined || origins.has(target)) continue;
        const arrived = value * connection.weight * alongConnection;
        const known = Math.max(reached.get(target)?.value ?? 0, next.get(target)?.value ?? 0);
        if (arrived > known) next.set(target, { from, steps, value: arrived });
      }
    }
    for (const [id, spread] of next) reached.set(id, spread);
    front = next;
  }
  return reached;
}
