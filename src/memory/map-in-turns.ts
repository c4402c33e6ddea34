import { setImmediate as nextTurn } from 'node:timers/promises';

/** The longest that work on many texts holds the thread, in milliseconds, before others have a turn. */
const TURN_MS = 10;

/** Maps a list, item by item, and lets others have a turn in between; `throwIfOver` is asked after each turn and at the end. */
export async function mapInTurns<T, R>(
  list: readonly T[],
  map: (item: T, index: number) => R,
  throwIfOver: () => void,
): Promise<R[]> {
  const results: R[] = [];
  let turnEnds = performance.now() + TURN_MS;
  for (const [index, item] of list.entries()) {
    if (performance.now() >= turnEnds) {
      await nextTurn();
      throwIfOver();
      turnEnds = performance.now() + TURN_MS;
    }
    results.push(map(item, index));
  }
  throwIfOver();
  return results;
}
