import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

import { systemErrorCode } from '../../shared/isovec-error.js';

/** Which process wrote a file that outlives it: enough to tell, later and from another process, whether it still runs. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** When the process started, in milliseconds since 1970, by its own clock. */
  readonly processStarted: number;
  /** Boot of the machine and namespace of process ids, where the system tells: ids mean something only inside these. */
  readonly space?: string;
  /** Start of the process in ticks since the boot, where the system tells: no change of a clock alters it. */
  readonly startTicks?: string;
}

/** Clocks of the same process start, computed twice, differ by rounding and clock adjustment. */
const START_TOLERANCE_MS = 10_000;
/** Computed once, so that a later change of the clock does not make this process a stranger to itself. */
const PROCESS_STARTED = Math.round(Date.now() - process.uptime() * 1_000);

let own: ProcessIdentity | undefined;

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  if (own === undefined) {
    const space = readSpace();
    const startTicks = readStatus('self')?.startTicks;
    own = {
      pid: process.pid,
      host: hostname(),
      processStarted: PROCESS_STARTED,
      ...(space === undefined ? {} : { space }),
      ...(startTicks === undefined ? {} : { startTicks }),
    };
  }
  return own;
}

/** Reads an identity that was stored as JSON, with other members beside it; undefined if it is none. */
export function parseIdentity(value: unknown): ProcessIdentity | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, host, processStarted, space, startTicks }: { [Key in keyof ProcessIdentity]?: unknown } = value;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return undefined;
  if (typeof host !== 'string' || typeof processStarted !== 'number') return undefined;
  return {
    pid,
    host,
    processStarted,
    ...(typeof space === 'string' ? { space } : {}),
    ...(typeof startTicks === 'string' ? { startTicks } : {}),
  };
}

/**
 * Whether this process can tell if another one runs: it is on the same host, and since the same boot and in the same
 * namespace where that is known. Containers may share a host name and a folder, and not their process ids.
 */
export function isHere(identity: ProcessIdentity): boolean {
  const self = ownIdentity();
  if (identity.host !== self.host) return false;
  return identity.space === undefined || self.space === undefined || identity.space === self.space;
}

/** Whether a process is gone for certain, even if another one has its id by now. False where nobody here can tell. */
export function isGone(identity: ProcessIdentity): boolean {
  if (!isHere(identity)) return false;
  const self = ownIdentity();
  if (identity.pid === self.pid) return !isSameStart(identity, self);
  if (!exists(identity.pid)) return true;
  const status = readStatus(String(identity.pid));
  if (status === undefined) return false;
  return status.ended || (identity.startTicks !== undefined && identity.startTicks !== status.startTicks);
}

/** A process as messages name it. */
export function describeProcess(identity: ProcessIdentity): string {
  return isHere(identity) ? `process ${identity.pid}` : `process ${identity.pid} on ${identity.host}`;
}

function isSameStart(left: ProcessIdentity, right: ProcessIdentity): boolean {
  if (left.startTicks !== undefined && right.startTicks !== undefined) return left.startTicks === right.startTicks;
  return Math.abs(left.processStarted - right.processStarted) <= START_TOLERANCE_MS;
}

/** One that may not be signalled exists. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== 'ESRCH';
  }
}

/** What Linux tells of a process (proc_pid_stat(5)); undefined elsewhere, and where /proc is hidden. */
function readStatus(process: string): { readonly startTicks: string; readonly ended: boolean } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${process}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses, which may hold anything; the third is the state.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const startTicks = fields[22 - 3];
  if (startTicks === undefined) return undefined;
  // A zombie was killed, and its parent has not asked for its status yet.
  return { startTicks, ended: fields[0] === 'Z' || fields[0] === 'X' };
}

function readSpace(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}
