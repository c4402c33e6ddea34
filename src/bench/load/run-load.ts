import { setTimeout as sleep } from 'node:timers/promises';
import { abortError, throwIfAborted } from '../../shared/abort.js';
import { IsovecError, toIsovecError } from '../../shared/isovec-error.js';
import { LatencyRecord } from '../measure/latency-record.js';
import type { BenchTarget } from '../targets/target.js';
import { countDue, dueAt } from './arrivals.js';
import { CallRecord } from './call-record.js';
import type { ClosedLoad, LoadEnd, LoadShape, OpenLoad } from './load-shape.js';

/** What a load generator sends, and where. */
export interface LoadPlan {
  readonly target: BenchTarget;
  readonly calls: readonly (readonly string[])[];
  readonly end: LoadEnd;
  /** Milliseconds after which a call counts as failed. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
  /** Called after every call with the number of texts that were answered. */
  readonly onCall?: ((texts: number) => void) | undefined;
}

/** What a load generator saw. */
export interface LoadResult {
  readonly record: CallRecord;
  /** Milliseconds from the first call to the last answer. */
  readonly milliseconds: number;
  /** Of an open load: milliseconds that calls were sent after they were due. Their latency includes it. */
  readonly lateness: LatencyRecord | undefined;
}

/** Timers are no finer than this: a call may be sent so early, and its latency then counts from when it was sent. */
const TIMER_MILLISECONDS = 1;

/** Sends calls to a target until the end of the plan, and waits for their answers. ABORTED when the signal fires. */
export function runLoad(load: LoadShape, plan: LoadPlan): Promise<LoadResult> {
  return load.kind === 'closed' ? closedLoop(load, plan) : openLoop(load, plan);
}

async function closedLoop({ concurrency }: ClosedLoad, plan: LoadPlan): Promise<LoadResult> {
  const { end } = plan;
  const record = new CallRecord();
  const begun = performance.now();
  let next = 0;
  let broken = false;
  const client = async (): Promise<void> => {
    while (!broken && ('calls' in end ? next < end.calls : performance.now() - begun < end.milliseconds)) {
      const sent = performance.now();
      try {
        await sendCall(plan, next++, sent, record);
      } catch (error) {
        // What ends the run for one client ends it for all.
        broken = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  return { record, milliseconds: performance.now() - begun, lateness: undefined };
}

async function openLoop({ callsPerSecond, maxPending }: OpenLoad, plan: LoadPlan): Promise<LoadResult> {
  const { end, signal } = plan;
  const record = new CallRecord();
  const lateness = new LatencyRecord();
  const total = 'calls' in end ? end.calls : Math.ceil((end.milliseconds * callsPerSecond) / 1000);
  const pending = new Set<Promise<void>>();
  let broken: IsovecError | undefined;
  const begun = performance.now();
  for (let next = 0; next < total;) {
    throwIfAborted(signal);
    if (broken !== undefined) throw broken;
    const due = Math.min(total, countDue(performance.now() - begun + TIMER_MILLISECONDS, callsPerSecond));
    for (; next < due; next++) {
      if (pending.size >= maxPending) {
        record.fail(
          new IsovecError('OVERLOADED', `${maxPending} calls were pending when a further one was due: it was dropped.`),
        );
        continue;
      }
      const now = performance.now();
      const intended = begun + dueAt(next, callsPerSecond);
      lateness.add(Math.max(0, now - intended));
      const call = sendCall(plan, next, Math.min(now, intended), record).then(
        () => void pending.delete(call),
        (error: unknown) => {
          pending.delete(call);
          broken ??= toIsovecError(error);
        },
      );
      pending.add(call);
    }
    if (next < total) {
      const wait = begun + dueAt(next, callsPerSecond) - performance.now();
      // Answers are taken in between even where the schedule leaves no time.
      await sleep(Math.max(0, Math.floor(wait)), undefined, signal === undefined ? {} : { signal }).catch(() => {
        throw signal === undefined ? new IsovecError('INTERNAL', 'A timer failed.') : abortError(signal);
      });
    }
  }
  await Promise.all(pending);
  if (broken !== undefined) throw broken;
  return { record, milliseconds: performance.now() - begun, lateness };
}

/** Sends one call; its latency counts from `start`. */
async function sendCall(
  { target, calls, timeout, signal, onCall }: LoadPlan,
  index: number,
  start: number,
  record: CallRecord,
): Promise<void> {
  const texts = calls[index % calls.length] ?? [];
  try {
    const answer = await target.embed(texts, { timeout, signal });
    record.answer(performance.now() - start, texts.length, answer);
  } catch (error) {
    record.fail(error);
  }
  onCall?.(record.texts);
}
