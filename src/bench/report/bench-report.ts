import type { SoftwareVersions } from '../../engine/read-versions.js';
import type { FailedCalls } from '../load/call-record.js';
import type { LoadShape } from '../load/load-shape.js';
import type { LatencySummary } from '../measure/latency-record.js';
import type { ProcessFigures } from '../measure/process-monitor.js';
import type { SlaVerdict } from '../sla/judge-sla.js';
import type { TargetDescription } from '../targets/target.js';
import type { VectorCheck } from '../check-vectors.js';

/** What came before a measurement and is not part of it. */
export interface WarmUp {
  readonly calls: number;
  readonly milliseconds: number;
  /** Milliseconds of the first call. */
  readonly first: number;
}

/** The figures of one part of a workload under one load. */
export interface Measurement {
  readonly part: string;
  readonly load: LoadShape;
  readonly warmUp: WarmUp | null;
  /** From the first call to the last answer. */
  readonly milliseconds: number;
  /** Calls that were sent or due. */
  readonly calls: number;
  readonly failed: number;
  /** Ways in which calls failed, the most frequent first. */
  readonly failures: readonly FailedCalls[];
  /** Texts of the answered calls. */
  readonly texts: number;
  /** Tokens of the answered calls; null if the target does not say. */
  readonly tokens: number | null;
  /** Milliseconds of the answered calls; null if there is none. */
  readonly latency: LatencySummary | null;
  /** Of an open load: milliseconds that calls were sent too late, which their latency includes. */
  readonly lateness: Pick<LatencySummary, 'p50' | 'p99' | 'max'> | null;
  readonly callsPerSecond: number;
  readonly textsPerSecond: number;
  readonly tokensPerSecond: number | null;
  readonly process: ProcessFigures;
}

/** The machine and the software of a benchmark. */
export interface BenchEnvironment extends SoftwareVersions {
  readonly onnxruntime: string | null;
  readonly os: string;
  /** Cores that this process may keep busy, and those of the machine. */
  readonly cores: number;
  readonly machineCores: number;
  readonly memoryBytes: number;
  /** Load average over one minute before and after; what else ran on the machine is in it. */
  readonly loadAverage: { readonly before: number; readonly after: number };
}

/** The result of a benchmark. Plain values only: `JSON.stringify` keeps all of it. It holds no texts. */
export interface BenchReport {
  /** Raised when a field changes its meaning. */
  readonly reportVersion: 1;
  /** When it began, ISO 8601. */
  readonly begun: string;
  readonly target: TargetDescription;
  readonly workload: {
    readonly name: string;
    readonly seed: number | null;
    /** SHA-256 over all calls, hexadecimal. */
    readonly digest: string;
    /** Calls with texts of their own, and the texts of all of them. */
    readonly parts: readonly { readonly name: string; readonly calls: number; readonly texts: number }[];
  };
  readonly environment: BenchEnvironment;
  /** How far a server's vectors are from the library's; null if they were not compared. */
  readonly check: VectorCheck | null;
  readonly measurements: readonly Measurement[];
  readonly slas: readonly SlaVerdict[];
  readonly notes: readonly string[];
  /** 'vectors' if the vectors differ, 'sla' if a limit was not kept or calls failed. */
  readonly verdict: 'pass' | 'vectors' | 'sla';
}
