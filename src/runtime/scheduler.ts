import { Fifo } from './fifo.js';

/** A tokenised text that waits for a worker. */
export interface SchedulerEntry {
  /** Unique among waiting entries. */
  readonly id: number;
  /** Length in tokens, special tokens included. */
  readonly length: number;
  /** Only entries of one kind run together: same output, same number of prompt tokens. */
  readonly kind: string;
  /** Lower runs first. */
  readonly priority: number;
  /** Milliseconds on the clock that {@link Scheduler.next} is given. */
  readonly arrivedAt: number;
}

/** What a free worker should do. */
export type SchedulerDecision =
  { readonly kind: 'batch'; readonly entries: readonly SchedulerEntry[] } | { readonly kind: 'idle' };

/** Constants of a {@link Scheduler}. */
export interface SchedulerOptions {
  /** Most tokens in one batch; a single longer text still runs, alone. */
  readonly tokenBudget: number;
  /** Waiting time that counts as much as one step of priority, in milliseconds: nothing starves. */
  readonly agingMilliseconds: number;
}

interface Lane {
  readonly priority: number;
  readonly order: Fifo<SchedulerEntry>;
  readonly groups: Map<string, Fifo<SchedulerEntry>>;
}

/**
 * Decides which texts run together. A pure state machine: no timers, threads or promises; time is what the caller
 * says. Batches hold texts of one exact length, so nothing is padded. The oldest entry of the most urgent priority
 * decides which length runs; entries of that length follow in their order of arrival. A worker that asks always gets
 * work if there is any: waiting for a fuller batch gains nothing above 64 tokens and costs a lone caller its latency.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #lanes = new Map<number, Lane>();
  readonly #waiting = new Map<number, SchedulerEntry>();

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /** Number of waiting entries. */
  get size(): number {
    return this.#waiting.size;
  }

  push(entry: SchedulerEntry): void {
    const lane = this.#lane(entry.priority);
    const key = groupKey(entry);
    let group = lane.groups.get(key);
    if (group === undefined) {
      group = new Fifo();
      lane.groups.set(key, group);
    }
    this.#waiting.set(entry.id, entry);
    lane.order.push(entry);
    group.push(entry);
  }

  /** Takes an entry out; false if it no longer waits. */
  remove(id: number): boolean {
    const entry = this.#waiting.get(id);
    if (entry === undefined) return false;
    this.#waiting.delete(id);
    const lane = this.#lane(entry.priority);
    this.#oldest(lane.order);
    const key = groupKey(entry);
    const group = lane.groups.get(key);
    if (group !== undefined && this.#oldest(group) === undefined) lane.groups.delete(key);
    return true;
  }

  /** The next batch for a free worker. */
  next(now: number): SchedulerDecision {
    const leader = this.#leader(now);
    if (leader === undefined) return { kind: 'idle' };
    const { lane, entry } = leader;
    const key = groupKey(entry);
    const group = lane.groups.get(key);
    const entries: SchedulerEntry[] = [];
    let tokens = 0;
    if (group === undefined) return { kind: 'idle' };
    let head: SchedulerEntry | undefined = entry;
    while (head !== undefined && (entries.length === 0 || tokens + head.length <= this.#options.tokenBudget)) {
      entries.push(head);
      tokens += head.length;
      this.#waiting.delete(head.id);
      head = this.#oldest(group);
    }
    if (group.size === 0) lane.groups.delete(key);
    return { kind: 'batch', entries };
  }

  /** The oldest waiting entry of the lane that is most urgent when age is taken into account. */
  #leader(now: number): { lane: Lane; entry: SchedulerEntry } | undefined {
    let best: { lane: Lane; entry: SchedulerEntry; urgency: number } | undefined;
    for (const lane of this.#lanes.values()) {
      const entry = this.#oldest(lane.order);
      if (entry === undefined) continue;
      const urgency = lane.priority - (now - entry.arrivedAt) / this.#options.agingMilliseconds;
      if (best === undefined || urgency < best.urgency) best = { lane, entry, urgency };
    }
    return best;
  }

  /** The first entry of a queue that still waits; those before it are dropped. */
  #oldest(queue: Fifo<SchedulerEntry>): SchedulerEntry | undefined {
    for (let head = queue.peek(); head !== undefined; head = queue.peek()) {
      if (this.#waiting.has(head.id)) return head;
      queue.take();
    }
    return undefined;
  }

  #lane(priority: number): Lane {
    let lane = this.#lanes.get(priority);
    if (lane === undefined) {
      lane = { priority, order: new Fifo(), groups: new Map() };
      this.#lanes.set(priority, lane);
    }
    return lane;
  }
}

function groupKey(entry: SchedulerEntry): string {
  return `${entry.length}/${entry.kind}`;
}
