import { z } from 'zod';

import { ContestantProcess, type Launch } from './contestant-process.js';

const loadedSchema = z.object({ milliseconds: z.number(), versions: z.record(z.string(), z.string()) });
const memorySchema = z.object({ peakBytes: z.number().nullable(), bytes: z.number().nullable() });

/** Loading may export, compile or read files for the first time. */
const LOAD_DEADLINE_SECONDS = 240;
/** A process that holds more after its turn is ended and started anew for the next one, so that all fit side by side. */
const MOST_IDLE_BYTES = 2 * 2 ** 30;

/** A place in the round for one contestant: its process lives from turn to turn, and its first failure ends its part. */
export class Seat {
  readonly name: string;
  readonly #launch: Launch;
  readonly #options: Readonly<Record<string, unknown>>;
  #process: ContestantProcess | undefined;
  #failure: string | undefined;
  #versions: Readonly<Record<string, string>> = {};

  constructor(name: string, launch: Launch, options: Readonly<Record<string, unknown>>) {
    this.name = name;
    this.#launch = launch;
    this.#options = options;
  }

  /** Why it takes no further part; undefined while it does. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Versions of what it runs on, as it told when it loaded. */
  get versions(): Readonly<Record<string, string>> {
    return this.#versions;
  }

  /** Bars it from taking part. */
  fail(reason: string): void {
    this.#failure ??= reason;
  }

  /**
   * Gives `work` the running, loaded process. Undefined if the contestant failed before or fails now; why is kept.
   * `fresh` starts a process for this turn alone.
   */
  async turn<T>(work: (process: ContestantProcess) => Promise<T>, fresh = false): Promise<T | undefined> {
    if (this.#failure !== undefined) return undefined;
    if (fresh) await this.close();
    try {
      this.#process ??= await this.#start();
      const result = await work(this.#process);
      const { bytes } = await this.#process.request('memory', {}, memorySchema, 30);
      if (fresh || (bytes ?? 0) > MOST_IDLE_BYTES) await this.close();
      return result;
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error));
      await this.close();
      return undefined;
    }
  }

  /** The largest resident memory that the process ever had, bytes; undefined where the system does not tell. */
  async peakBytes(process: ContestantProcess): Promise<number | undefined> {
    const { peakBytes } = await process.request('memory', {}, memorySchema, 30);
    return peakBytes ?? undefined;
  }

  async close(): Promise<void> {
    await this.#process?.close();
    this.#process = undefined;
  }

  async #start(): Promise<ContestantProcess> {
    const started = new ContestantProcess(this.#launch);
    try {
      const { versions } = await started.request(
        'load',
        { options: this.#options },
        loadedSchema,
        LOAD_DEADLINE_SECONDS,
      );
      this.#versions = versions;
      return started;
    } catch (error) {
      await started.close();
      throw error;
    }
  }
}
