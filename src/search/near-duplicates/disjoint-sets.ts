/** Sets of the numbers below `count`, each alone at first (union-find with path halving). */
export class DisjointSets {
  /** For each number another one of its set that is not larger; a number that names itself stands for its set. */
  readonly parents: Int32Array;

  constructor(count: number) {
    this.parents = Int32Array.from({ length: count }, (_, index) => index);
  }

  /** The least number of a set. */
  find(member: number): number {
    const { parents } = this;
    let at = member;
    for (let parent = parents[at] ?? at; parent !== at; parent = parents[at] ?? at) {
      const above = parents[parent] ?? parent;
      parents[at] = above;
      at = above;
    }
    return at;
  }

  /** Makes one set of two. */
  join(a: number, b: number): void {
    const left = this.find(a);
    const right = this.find(b);
    // The least number stands for the set, so that the order of joining shows nowhere.
    if (left < right) this.parents[right] = left;
    else this.parents[left] = right;
  }
}
