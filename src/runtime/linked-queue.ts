/** A place in a {@link LinkedQueue}; what `remove` takes. */
export interface QueueNode<T> {
  readonly item: T;
  previous: QueueNode<T> | undefined;
  next: QueueNode<T> | undefined;
}

/**
 * A first-in, first-out queue from whose middle items can be taken. Everything is constant time, and nothing is kept of
 * what has left: a cancelled call of a million texts must not leave its entries behind one that still waits.
 */
export class LinkedQueue<T> {
  #first: QueueNode<T> | undefined;
  #last: QueueNode<T> | undefined;

  /** The item that has waited longest. */
  get first(): T | undefined {
    return this.#first?.item;
  }

  push(item: T): QueueNode<T> {
    const node: QueueNode<T> = { item, previous: this.#last, next: undefined };
    if (this.#last === undefined) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
    return node;
  }

  /** Takes out a node of this queue that is still in it. */
  remove(node: QueueNode<T>): void {
    if (node.previous === undefined) this.#first = node.next;
    else node.previous.next = node.next;
    if (node.next === undefined) this.#last = node.previous;
    else node.next.previous = node.previous;
  }
}
