import { abortError } from '../shared/abort.js';
import { IsovecError, toIsovecError } from '../shared/isovec-error.js';
import { Admission, type AdmissionLimits, type Admitted } from './admission.js';
import { deadlineError, deadlineTimer, isOver } from './deadline.js';
import { longestFirst } from './longest-first.js';
import { Scheduler, type SchedulerEntry, type SchedulerOptions } from './scheduler.js';
import type { SessionLanes } from './session-lanes.js';
import type { SessionOutput } from './sessions/messages.js';
import { atTextIndex } from './text-index.js';
import type { Tokenizer, TokenizedText } from './tokenizer.js';

/** Texts that are tokenised at a time: few first, so that workers start early, then enough to group well. */
const FIRST_SLICE = 64;
const SLICE = 512;
/** Tokenised texts of one call that may wait; bounds memory and keeps the tokenizer ahead of the workers. */
const WINDOW = 4096;

/** How a text went through: what a caller is told about its time. */
export interface TextTimes {
  /** From the moment it was tokenised until its batch began, in milliseconds. */
  readonly queueMilliseconds: number;
  /** Inference of its batch, in milliseconds. */
  readonly inferenceMilliseconds: number;
}

/** A call: texts with what is wanted of them. */
export interface DispatchRequest {
  /** Texts with their prompt in front, checked to be strings; or what the tokenizer made of them. */
  readonly texts: readonly string[] | readonly TokenizedText[];
  /** Leading tokens that pooling leaves out. */
  readonly promptLength: number;
  readonly output: SessionOutput;
  /** Lower runs first. */
  readonly priority: number;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds since the epoch. */
  readonly deadline: number | undefined;
  /** Receives each text's rows once, in no particular order: float32 [rows x columns], valid during the call only. */
  readonly onRows: (index: number, rows: Float32Array, tokenized: TokenizedText, times: TextTimes) => void;
  /** Receives the number of finished texts after every batch; what it throws fails the call. */
  readonly onDone: ((done: number) => void) | undefined;
}

/** Constants of a {@link Dispatcher}. */
export type DispatcherOptions = SchedulerOptions & AdmissionLimits;

/** A batch that a session ran. */
export interface BatchReport {
  readonly texts: number;
  /** Tokens of all its texts; there is no padding. */
  readonly tokens: number;
  /** Inference on the worker. */
  readonly milliseconds: number;
}

/** Hears of every batch that was run; it must not throw. */
export type BatchListener = (batch: BatchReport) => void;

/** Counters of a dispatcher. */
export interface DispatcherStatus {
  readonly pendingTexts: number;
  readonly pendingTokens: number;
  /** Of the pending texts, those that are tokenised and in no batch yet. */
  readonly waitingTexts: number;
  /** How long the oldest of these has waited; 0 while none waits. */
  readonly oldestWaitMilliseconds: number;
  readonly completedTexts: number;
  readonly completedTokens: number;
}

interface Call {
  readonly request: DispatchRequest;
  readonly admitted: Admitted;
  readonly waiting: Set<number>;
  readonly finish: (error?: IsovecError) => void;
  readonly roomMade: { notify: (() => void) | undefined };
  done: number;
  ended: boolean;
}

interface Pending {
  readonly call: Call;
  readonly index: number;
  readonly text: TokenizedText;
  readonly enqueuedAt: number;
}

/**
 * Turns calls into batches: admission, tokenising in slices, scheduling, workers, rows. The decisions are pure and
 * elsewhere ({@link Admission}, {@link Scheduler}); this is the shell that holds promises and timers.
 */
export class Dispatcher {
  readonly #tokenizer: Tokenizer;
  readonly #scheduler: Scheduler;
  readonly #admission: Admission;
  readonly #pending = new Map<number, Pending>();
  readonly #calls = new Set<Call>();
  readonly #batchListeners = new Set<BatchListener>();
  #lanes: SessionLanes | undefined;
  #lastEntry = 0;
  /** Batches that run. */
  #running = 0;
  #completedTexts = 0;
  #completedTokens = 0;
  #closed = false;

  constructor(tokenizer: Tokenizer, options: DispatcherOptions) {
    this.#tokenizer = tokenizer;
    this.#scheduler = new Scheduler(options);
    this.#admission = new Admission(options);
  }

  /** Connects the sessions; calls made before wait for it. */
  attach(lanes: SessionLanes): void {
    this.#lanes = lanes;
    this.pump();
  }

  /** Tells a listener of batches from now on, until the function that is returned is called. */
  onBatch(listener: BatchListener): () => void {
    // The same function may listen twice, and stops once for each.
    const own: BatchListener = (batch) => {
      listener(batch);
    };
    this.#batchListeners.add(own);
    return () => {
      this.#batchListeners.delete(own);
    };
  }

  status(): DispatcherStatus {
    const { size, oldestArrival } = this.#scheduler;
    return {
      pendingTexts: this.#admission.pendingTexts,
      pendingTokens: this.#admission.pendingTokens,
      waitingTexts: size,
      oldestWaitMilliseconds: oldestArrival === undefined ? 0 : performance.now() - oldestArrival,
      completedTexts: this.#completedTexts,
      completedTokens: this.#completedTokens,
    };
  }

  /** Gives work to every free session. */
  pump(): void {
    const lanes = this.#lanes;
    while (lanes?.hasRoom(this.#scheduler.size) === true) {
      const decision = this.#scheduler.next(performance.now());
      if (decision.kind === 'idle') return;
      this.#run(lanes, decision.entries);
    }
  }

  /** OVERLOADED for a call of so many texts that would not be let in, however short they are. */
  checkRoom(texts: number): void {
    this.#admission.check(texts, texts);
  }

  /**
   * Resolves when every text's rows were delivered; rejects as a whole with ABORTED, DEADLINE_EXCEEDED, OVERLOADED,
   * WORKER_LOST or CLOSED, and delivers nothing afterwards.
   */
  async dispatch(request: DispatchRequest): Promise<void> {
    if (this.#closed) throw new IsovecError('CLOSED', 'The model was closed; load it again.');
    if (request.signal?.aborted === true) throw abortError(request.signal);
    if (isOver(request.deadline)) throw deadlineError();
    if (request.texts.length === 0) return;
    const admitted = this.#admission.enter(request.texts.length, this.#estimateTokens(request.texts));
    await new Promise<void>((resolve, reject) => {
      const { signal } = request;
      const onAbort = (): void => {
        if (signal !== undefined) call.finish(abortError(signal));
      };
      const timer = deadlineTimer(request.deadline, () => {
        call.finish(deadlineError());
      });
      const call: Call = {
        request,
        admitted,
        waiting: new Set(),
        roomMade: { notify: undefined },
        done: 0,
        ended: false,
        finish: (error) => {
          if (call.ended) return;
          call.ended = true;
          signal?.removeEventListener('abort', onAbort);
          clearTimeout(timer);
          this.#forget(call);
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#calls.add(call);
      this.#feed(call).catch((error: unknown) => {
        call.finish(toIsovecError(error));
      });
    });
  }

  /** Rejects every open call with CLOSED and refuses further ones. Idempotent. */
  close(): void {
    this.#closed = true;
    for (const call of [...this.#calls]) call.finish(new IsovecError('CLOSED', 'The model was closed.'));
  }

  /** Tokenises a call's texts slice by slice, the longest first, while earlier slices run. */
  async #feed(call: Call): Promise<void> {
    const { texts } = call.request;
    // What is left for the end then packs evenly on the workers.
    const order = longestFirst(texts.map((text) => (typeof text === 'string' ? text : text.ids)));
    for (let begin = 0; begin < order.length && !call.ended;) {
      const slice = order.slice(begin, begin + (begin === 0 ? FIRST_SLICE : SLICE));
      begin += slice.length;
      const tokenized = await this.#tokenize(texts, slice);
      slice.forEach((index, i) => {
        const text = tokenized[i];
        if (text !== undefined) this.#enqueue(call, index, text);
      });
      this.pump();
      while (call.waiting.size >= WINDOW && !isEnded(call)) {
        await new Promise<void>((resolve) => {
          call.roomMade.notify = resolve;
        });
      }
    }
  }

  /** Tokens of the texts at some indices; errors name a text by its place in the call. */
  async #tokenize(texts: DispatchRequest['texts'], indices: Uint32Array): Promise<TokenizedText[]> {
    const inputs = Array.from(indices, (index) => texts[index] ?? '');
    const strings = inputs.filter((input) => typeof input === 'string');
    if (strings.length < inputs.length) return inputs.filter((input) => typeof input !== 'string');
    try {
      return await this.#tokenizer.encodeBatch(strings);
    } catch (error) {
      throw atTextIndex(error, (index) => indices[index] ?? index);
    }
  }

  #enqueue(call: Call, index: number, text: TokenizedText): void {
    if (call.ended) return;
    const { priority, output, promptLength } = call.request;
    const id = ++this.#lastEntry;
    const enqueuedAt = performance.now();
    this.#pending.set(id, { call, index, text, enqueuedAt });
    call.waiting.add(id);
    const kind = `${output}/${promptLength}`;
    this.#scheduler.push({ id, length: text.ids.length, kind, priority, arrivedAt: enqueuedAt });
  }

  #run(lanes: SessionLanes, entries: readonly SchedulerEntry[]): void {
    const items = entries.flatMap(({ id }) => this.#pending.get(id) ?? []);
    const first = items[0];
    if (first === undefined) return;
    const length = first.text.ids.length;
    const ids = new Int32Array(items.length * length);
    items.forEach((item, i) => {
      ids.set(item.text.ids, i * length);
    });
    const { output, promptLength } = first.call.request;
    const begun = performance.now();
    this.#running++;
    lanes
      .run({ ids, batch: items.length, length, promptLength, output }, this.#scheduler.size)
      .then(({ data, milliseconds }) => {
        // Others ran at the same time: the queue empties as fast as all of them work.
        this.#admission.observe(ids.length, milliseconds / this.#running);
        for (const tell of this.#batchListeners) tell({ texts: items.length, tokens: ids.length, milliseconds });
        const size = data.length / items.length;
        this.#settle(entries, (item, i) => {
          const times = { queueMilliseconds: begun - item.enqueuedAt, inferenceMilliseconds: milliseconds };
          item.call.request.onRows(item.index, data.subarray(i * size, (i + 1) * size), item.text, times);
        });
      })
      .catch((error: unknown) => {
        for (const item of items) item.call.finish(toIsovecError(error));
      })
      .finally(() => {
        this.#running--;
      });
  }

  /** Delivers a batch; calls that ended meanwhile get nothing. */
  #settle(entries: readonly SchedulerEntry[], deliver: (item: Pending, index: number) => void): void {
    const touched = new Set<Call>();
    entries.forEach(({ id }, i) => {
      const item = this.#pending.get(id);
      if (item === undefined) return;
      const { call, text } = item;
      this.#pending.delete(id);
      call.waiting.delete(id);
      deliver(item, i);
      call.done++;
      this.#completedTexts++;
      this.#completedTokens += text.ids.length;
      this.#admission.complete(call.admitted, 1, text.ids.length);
      touched.add(call);
    });
    for (const call of touched) {
      try {
        call.request.onDone?.(call.done);
      } catch (error) {
        // The caller's own listener failed; other calls in the batch have nothing to do with it.
        call.finish(toIsovecError(error));
      }
      if (call.done === call.request.texts.length) call.finish();
      else if (call.waiting.size < WINDOW) call.roomMade.notify?.();
    }
  }

  #forget(call: Call): void {
    this.#calls.delete(call);
    for (const id of call.waiting) {
      this.#scheduler.remove(id);
      this.#pending.delete(id);
    }
    call.waiting.clear();
    this.#admission.leave(call.admitted);
    call.roomMade.notify?.();
  }

  /** An upper estimate before tokenising: a token is at least one character, but for a few normalisations. */
  #estimateTokens(texts: DispatchRequest['texts']): number {
    const limit = this.#tokenizer.maxSequenceLength;
    let sum = 0;
    for (const text of texts) sum += typeof text === 'string' ? Math.min(limit, text.length + 2) : text.ids.length;
    return sum;
  }
}

/** Read through a function because the flag changes while the caller waits. */
function isEnded(call: Call): boolean {
  return call.ended;
}
