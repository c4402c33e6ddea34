/**
 * One shortest cycle for every group of files that import each other, each starting at its alphabetically first file.
 * Groups are the strongly connected components of the import graph (Tarjan 1972).
 */
export function findImportCycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  for (const group of stronglyConnected(edges)) {
    const first = [...group].sort()[0];
    if (first === undefined) continue;
    const cycle = shortestCycle(first, group, edges);
    if (cycle !== undefined) cycles.push(cycle);
  }
  return cycles.sort((a, b) => (a[0] ?? '').localeCompare(b[0] ?? ''));
}

function stronglyConnected(edges: ReadonlyMap<string, readonly string[]>): ReadonlySet<string>[] {
  const order = new Map<string, number>();
  const stack: string[] = [];
  const groups: ReadonlySet<string>[] = [];

  const visit = (file: string): number => {
    const position = order.size;
    order.set(file, position);
    stack.push(file);
    let low = position;
    for (const target of edges.get(file) ?? []) {
      if (!order.has(target)) low = Math.min(low, visit(target));
      else if (stack.includes(target)) low = Math.min(low, order.get(target) ?? low);
    }
    if (low === position) groups.push(new Set(stack.splice(stack.indexOf(file))));
    return low;
  };

  for (const file of edges.keys()) if (!order.has(file)) visit(file);
  return groups;
}

function shortestCycle(
  start: string,
  group: ReadonlySet<string>,
  edges: ReadonlyMap<string, readonly string[]>,
): string[] | undefined {
  const queue: string[][] = [[start]];
  const seen = new Set<string>();
  for (const path of queue) {
    for (const target of edges.get(path.at(-1) ?? '') ?? []) {
      if (target === start) return path;
      if (!group.has(target) || seen.has(target)) continue;
      seen.add(target);
      queue.push([...path, target]);
    }
  }
  return undefined;
}
