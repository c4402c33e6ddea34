/** Constants of a {@link LanePolicy}. */
export interface LanePolicyOptions {
  /** Processor threads that sessions may use together. */
  readonly threads: number;
  /** Threads of the wide session; 1 if there is none. */
  readonly width: number;
  /** Time without concurrent work after which a batch counts as lone again, in milliseconds. */
  readonly calmMilliseconds: number;
  /** Lone batches after which the wide session is worth its memory. */
  readonly wideAfter: number;
}

/** What sessions are doing when a decision is made. */
export interface LaneState {
  /** Narrow sessions that run a batch. */
  readonly narrowBusy: number;
  readonly wideBusy: boolean;
  /** Whether the wide session could start a batch at once. */
  readonly wideReady: boolean;
}

/**
 * Decides between one thread for each of many batches and many threads for one batch. Pure: time and the state of the
 * sessions are what the caller says. A batch that finds nothing running and leaves nothing waiting is lone, and takes
 * the wide session; as soon as work overlaps, every batch takes one thread, because that gives the most texts a second,
 * and stays so until there has been no overlap for a while. Threads in use never exceed `threads`.
 */
export class LanePolicy {
  readonly #options: LanePolicyOptions;
  #lastOverlap = -Infinity;
  #lone = 0;

  constructor(options: LanePolicyOptions) {
    this.#options = options;
  }

  /** Whether a further batch may start without more threads than there are. */
  hasRoom({ narrowBusy, wideBusy }: LaneState): boolean {
    return narrowBusy + (wideBusy ? this.#options.width : 0) < this.#options.threads;
  }

  /** Records that work waits or runs beside other work. */
  overlap(now: number): void {
    this.#lastOverlap = now;
  }

  /** The session for the next batch, when `waiting` further texts are left in the queue. */
  choose(now: number, waiting: number, state: LaneState): 'narrow' | 'wide' {
    if (state.narrowBusy > 0 || state.wideBusy || waiting > 0) {
      this.overlap(now);
      return 'narrow';
    }
    const { width, calmMilliseconds } = this.#options;
    const calm = now - this.#lastOverlap >= calmMilliseconds;
    if (width <= 1 || !calm) return 'narrow';
    this.#lone++;
    return state.wideReady ? 'wide' : 'narrow';
  }

  /** Whether enough batches were lone for the wide session to be made. */
  get wantsWide(): boolean {
    return this.#lone >= this.#options.wideAfter;
  }
}
