import { LinkedQueue, type QueueNode } from './linked-queue.js';

/** A tokenised text that waits for a worker. */
export interface SchedulerEntry {
  /** Unique among waiting entries. */
  readonly id: number;
  /** Length in tokens, special tokens included; 0 where a model's tokenizer gives none. */
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

/**
 * Tokens of more urgent texts for one of texts that have waited so long that their age makes up for it. A queue of
 * many seconds is nothing but such texts: if they simply went first, a query would wait for all of them. Tokens are
 * counted, not batches: those of texts that give way are small.
 */
const TOKENS_BEFORE_AGED = 3;
/**
 * Most tokens of a batch that more urgent texts are likely to wait for, since some came not long ago: it takes as long as
 * a few queries, and computes nearly as many tokens a second as a large one.
 */
const YIELDING_TOKENS = 64;
const YIELDING_MILLISECONDS = 2000;

interface Lane {
  readonly priority: number;
  /** In order of arrival. */
  readonly order: LinkedQueue<Waiting>;
  /** The same entries by length and kind, each group in order of arrival. */
  readonly groups: Map<string, LinkedQueue<Waiting>>;
  lastArrival: number;
}

/** An entry with its places in the two queues of its lane. */
interface Waiting {
  readonly entry: SchedulerEntry;
  readonly lane: Lane;
  readonly groupKey: string;
  readonly group: LinkedQueue<Waiting>;
  orderNode?: QueueNode<Waiting>;
  groupNode?: QueueNode<Waiting>;
}

/**
 * Decides which texts run together. A pure state machine: no timers, threads or promises; time is what the caller
 * says. Batches hold texts of one exact length, so nothing is padded. The oldest entry of the most urgent priority
 * decides which length runs; entries of that length follow in their order of arrival. Entries that are old enough have a
 * turn now and then before more urgent ones. A worker that asks always gets
 * work if there is any: waiting for a fuller batch gains nothing above 64 tokens and costs a lone caller its latency.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #lanes = new Map<number, Lane>();
  readonly #waiting = new Map<number, Waiting>();
  /** Tokens that went before texts whose age makes up for their priority, and have not been made up for. */
  #overtaken = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /** Number of waiting entries. */
  get size(): number {
    return this.#waiting.size;
  }

  /** When the entry came that waits longest; undefined while none waits. */
  get oldestArrival(): number | undefined {
    let oldest: number | undefined;
    for (const { order } of this.#lanes.values()) {
      const arrival = order.first?.entry.arrivedAt;
      if (arrival !== undefined && (oldest === undefined || arrival < oldest)) oldest = arrival;
    }
    return oldest;
  }

  push(entry: SchedulerEntry): void {
    const lane = this.#lane(entry.priority);
    lane.lastArrival = entry.arrivedAt;
    const groupKey = `${entry.length}/${entry.kind}`;
    let group = lane.groups.get(groupKey);
    if (group === undefined) {
      group = new LinkedQueue();
      lane.groups.set(groupKey, group);
    }
    const waiting: Waiting = { entry, lane, groupKey, group };
    waiting.orderNode = lane.order.push(waiting);
    waiting.groupNode = group.push(waiting);
    this.#waiting.set(entry.id, waiting);
  }

  /** Takes an entry out; false if it no longer waits. */
  remove(id: number): boolean {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return false;
    this.#take(waiting);
    return true;
  }

  /** The next batch for a free worker. */
  next(now: number): SchedulerDecision {
    const { first, aged } = this.#leaders(now);
    const isAgedTurn = this.#overtaken >= TOKENS_BEFORE_AGED * YIELDING_TOKENS;
    const leader = isAgedTurn ? aged : first;
    if (leader === undefined) return { kind: 'idle' };
    const { group } = leader;
    const tokenBudget = this.#budget(leader.lane, now);
    const entries: SchedulerEntry[] = [];
    let tokens = 0;
    for (let head = group.first; head !== undefined; head = group.first) {
      // A text without tokens is a row all the same: of them, too, a batch holds so many.
      const size = Math.max(1, head.entry.length);
      if (entries.length > 0 && tokens + size > tokenBudget) break;
      entries.push(head.entry);
      tokens += size;
      this.#take(head);
    }
    if (first === aged) this.#overtaken = 0;
    else this.#overtaken += isAgedTurn ? -TOKENS_BEFORE_AGED * tokens : tokens;
    return { kind: 'batch', entries };
  }

  /** The oldest entry of the most urgent lane, and that of the lane that is the most urgent by its age. */
  #leaders(now: number): { readonly first: Waiting | undefined; readonly aged: Waiting | undefined } {
    const urgency = ({ entry }: Waiting): number =>
      entry.priority - (now - entry.arrivedAt) / this.#options.agingMilliseconds;
    let first: Waiting | undefined;
    let aged: Waiting | undefined;
    for (const { order } of this.#lanes.values()) {
      const oldest = order.first;
      if (oldest === undefined) continue;
      if (first === undefined || oldest.entry.priority < first.entry.priority) first = oldest;
      if (aged === undefined || urgency(oldest) < urgency(aged)) aged = oldest;
    }
    return { first, aged };
  }

  #budget({ priority }: Lane, now: number): number {
    const { tokenBudget } = this.#options;
    for (const lane of this.#lanes.values()) {
      if (lane.priority < priority && now - lane.lastArrival < YIELDING_MILLISECONDS) {
        return Math.min(tokenBudget, YIELDING_TOKENS);
      }
    }
    return tokenBudget;
  }

  #take(waiting: Waiting): void {
    const { entry, lane, groupKey, group, orderNode, groupNode } = waiting;
    this.#waiting.delete(entry.id);
    if (orderNode !== undefined) lane.order.remove(orderNode);
    if (groupNode !== undefined) group.remove(groupNode);
    if (group.first === undefined) lane.groups.delete(groupKey);
  }

  #lane(priority: number): Lane {
    let lane = this.#lanes.get(priority);
    if (lane === undefined) {
      lane = { priority, order: new LinkedQueue(), groups: new Map(), lastArrival: -Infinity };
      this.#lanes.set(priority, lane);
    }
    return lane;
  }
}
