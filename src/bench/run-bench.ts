import { checkOptions, isFunction, isSignal, isWhole, type OptionRule } from '../shared/check-options.js';
import { notifyProgress } from '../engine/notify-progress.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { ProgressListener } from '../shared/progress.js';
import { checkVectors } from './check-vectors.js';
import { describeLoad, type LoadEnd, type LoadShape } from './load/load-shape.js';
import { runLoad } from './load/run-load.js';
import { ProcessMonitor } from './measure/process-monitor.js';
import type { BenchReport, Measurement, WarmUp } from './report/bench-report.js';
import { loadAverage, readEnvironment } from './report/read-environment.js';
import { judgeSlas } from './sla/judge-sla.js';
import { parseSla } from './sla/parse-sla.js';
import type { BenchTarget } from './targets/target.js';
import { type Workload, workloadDigest, type WorkloadPart } from './workload/workload.js';

/** Options of {@link runBench}. */
export interface BenchOptions {
  /** In which ways calls are sent; each part is measured under each of them. One call at a time by default. */
  readonly loads?: readonly LoadShape[];
  /** Calls of a measurement, instead of what the part says. */
  readonly calls?: number;
  /** Milliseconds of a measurement, instead of a number of calls. */
  readonly duration?: number;
  /** Milliseconds of calls before each measurement that are not counted, 1,000 by default; 0 for none. */
  readonly warmUp?: number;
  /** Milliseconds after which a call counts as failed, 30,000 by default. */
  readonly timeout?: number;
  /** Limits as `parseSla` reads them. Without one about errors no call may fail. */
  readonly slas?: readonly string[];
  /** What the vectors of the target must equal, and the largest difference that passes. */
  readonly check?: { readonly against: BenchTarget; readonly tolerance: number };
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
}

const WARM_UP = 1000;
const TIMEOUT = 30_000;
/** Progress is told so often: telling of every call would be part of what is measured. */
const PROGRESS_MILLISECONDS = 200;
/** A day: Node's timers end at 24 days. */
const LONGEST = 86_400_000;

/** Measures a target with every part of a workload under every load. The caller closes the target. */
class BenchRun {
  readonly #target: BenchTarget;
  readonly #options: BenchOptions;
  readonly #timeout: number;

  constructor(target: BenchTarget, options: BenchOptions) {
    this.#target = target;
    this.#options = options;
    this.#timeout = options.timeout ?? TIMEOUT;
  }

  async measure(part: WorkloadPart, load: LoadShape): Promise<Measurement> {
    const warmUp = await this.#warmUp(part, load);
    const { calls: asked, duration } = this.#options;
    const end: LoadEnd = duration === undefined ? { calls: asked ?? part.count } : { milliseconds: duration };
    const monitor = new ProcessMonitor();
    const result = await runLoad(load, { ...this.#plan(part), end, onCall: this.#progressOf(part, load, end) });
    const figures = monitor.stop();
    const { record, milliseconds, lateness } = result;
    const { answered, failed, failures, texts, tokens = null, latencies } = record;
    const late = lateness?.summary();
    const perSecond = (count: number): number => (milliseconds === 0 ? 0 : (count * 1000) / milliseconds);
    return {
      part: part.name,
      load,
      warmUp,
      milliseconds,
      calls: answered + failed,
      failed,
      failures,
      texts,
      tokens,
      latency: latencies.summary() ?? null,
      lateness: late === undefined ? null : { p50: late.p50, p99: late.p99, max: late.max },
      callsPerSecond: perSecond(answered),
      textsPerSecond: perSecond(texts),
      tokensPerSecond: tokens === null ? null : perSecond(tokens),
      process: figures,
    };
  }

  /** One call alone, which must succeed, then calls for the time of the warm-up, so many at once as will be measured. */
  async #warmUp(part: WorkloadPart, load: LoadShape): Promise<WarmUp | null> {
    const { warmUp = WARM_UP, signal } = this.#options;
    if (warmUp === 0) return null;
    const begun = performance.now();
    await this.#target.embed(part.calls[0] ?? [], { timeout: this.#timeout, signal });
    const first = performance.now() - begun;
    const concurrency = load.kind === 'closed' ? load.concurrency : 1;
    const plan = { ...this.#plan(part), end: { milliseconds: Math.max(0, warmUp - first) } };
    const { record } = await runLoad({ kind: 'closed', concurrency }, plan);
    return { calls: 1 + record.answered, milliseconds: performance.now() - begun, first };
  }

  #plan({ calls }: WorkloadPart): Pick<Parameters<typeof runLoad>[1], 'target' | 'calls' | 'timeout' | 'signal'> {
    return { target: this.#target, calls, timeout: this.#timeout, signal: this.#options.signal };
  }

  #progressOf({ name, calls }: WorkloadPart, load: LoadShape, end: LoadEnd): (texts: number) => void {
    const { onProgress } = this.#options;
    const subject = `${name}, ${describeLoad(load)}`;
    const total = 'calls' in end ? end.calls * (calls[0]?.length ?? 1) : undefined;
    let told = -Infinity;
    return (done) => {
      const now = performance.now();
      if (now - told < PROGRESS_MILLISECONDS) return;
      told = now;
      notifyProgress(onProgress, {
        phase: 'measure',
        subject,
        done,
        ...(total === undefined ? {} : { total }),
        unit: 'texts',
      });
    };
  }
}

/**
 * Measures a target. Each part of the workload is measured under each load, one after another, after a warm-up of its
 * own. Failed calls are counted, unless it is the first call of a warm-up: then nothing works, and its error is thrown.
 *
 * Throws CONFIG_INVALID (an option, an SLA), what the target throws for the first call, and ABORTED.
 */
export async function runBench(
  target: BenchTarget,
  workload: Workload,
  options: BenchOptions = {},
): Promise<BenchReport> {
  check(options);
  const slas = (options.slas ?? []).map(parseSla);
  const before = loadAverage();
  const begun = new Date().toISOString();
  const run = new BenchRun(target, options);
  const loads = options.loads ?? [{ kind: 'closed', concurrency: 1 }];
  // An SLA about a part that is not there is noticed before the work is done.
  judgeSlas(
    slas,
    workload.parts.map(({ name }) => unmeasured(name)),
  );
  const { check: wanted, signal, timeout = TIMEOUT } = options;
  const compared =
    wanted === undefined
      ? null
      : await checkVectors(target, wanted.against, workload, wanted.tolerance, { timeout, signal });
  const measurements: Measurement[] = [];
  for (const part of workload.parts) {
    for (const load of loads) measurements.push(await run.measure(part, load));
  }
  const verdicts = judgeSlas(
    slas,
    measurements.map((one) => ({ ...one, load: describeLoad(one.load) })),
  );
  return {
    reportVersion: 1,
    begun,
    target: target.description,
    workload: {
      name: workload.name,
      seed: workload.seed ?? null,
      digest: workloadDigest(workload),
      parts: workload.parts.map(({ name, calls }) => ({ name, calls: calls.length, texts: calls.flat().length })),
    },
    environment: await readEnvironment(before),
    check: compared,
    measurements,
    slas: verdicts,
    notes: workload.notes,
    verdict: compared?.passed === false ? 'vectors' : verdicts.every(({ passed }) => passed) ? 'pass' : 'sla',
  };
}

function unmeasured(part: string): Parameters<typeof judgeSlas>[1][number] {
  return { part, load: '', latency: null, textsPerSecond: 0, calls: 0, failed: 0 };
}

const isLoads: OptionRule = (value) =>
  Array.isArray(value) && value.length > 0 ? undefined : 'must be a list of at least one load';
const isObjectOrAbsent: OptionRule = (value) =>
  typeof value === 'object' && value !== null ? undefined : 'must be an object';

function check(options: BenchOptions): void {
  checkOptions('runBench', options, {
    loads: isLoads,
    calls: isWhole(1),
    duration: isWhole(1, LONGEST),
    warmUp: isWhole(0, LONGEST),
    timeout: isWhole(1, LONGEST),
    slas: (value) => (Array.isArray(value) ? undefined : 'must be a list of texts'),
    check: isObjectOrAbsent,
    signal: isSignal,
    onProgress: isFunction,
  });
  if (options.calls !== undefined && options.duration !== undefined) {
    throw new IsovecError(
      'CONFIG_INVALID',
      'runBench: a measurement ends after calls or after a duration; leave one of the options out.',
      { data: { option: 'duration' } },
    );
  }
  const { check: compared } = options;
  if (compared !== undefined && !(compared.tolerance > 0)) {
    throw new IsovecError('CONFIG_INVALID', 'runBench: the tolerance of check must be a number above 0.');
  }
  for (const load of options.loads ?? []) checkLoad(load);
}

function checkLoad(load: LoadShape): void {
  const figures = load.kind === 'closed' ? [load.concurrency] : [load.maxPending];
  const whole = figures.every((figure) => Number.isSafeInteger(figure) && figure >= 1);
  const rate = load.kind === 'closed' || (Number.isFinite(load.callsPerSecond) && load.callsPerSecond > 0);
  if (whole && rate) return;
  throw new IsovecError(
    'CONFIG_INVALID',
    'runBench: concurrency and maxPending are whole numbers of at least 1, callsPerSecond is a number above 0.',
    { data: { option: 'loads' } },
  );
}
