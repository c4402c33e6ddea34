/** Milliseconds after the start at which the call of this index is due. */
export function dueAt(index: number, callsPerSecond: number): number {
  return (index * 1000) / callsPerSecond;
}

/** How many calls are due until so many milliseconds after the start, the moment itself included. */
export function countDue(elapsed: number, callsPerSecond: number): number {
  if (elapsed < 0) return 0;
  const count = Math.floor((elapsed * callsPerSecond) / 1000) + 1;
  // The division above and the one of `dueAt` round in their own ways; the schedule is that of `dueAt`.
  if (dueAt(count, callsPerSecond) <= elapsed) return count + 1;
  return dueAt(count - 1, callsPerSecond) > elapsed ? count - 1 : count;
}
