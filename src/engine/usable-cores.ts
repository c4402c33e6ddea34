import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

/** Where Linux tells a process its share of processor time: version 2 of control groups, then version 1. */
const QUOTA_FILES = [
  ['/sys/fs/cgroup/cpu.max'],
  ['/sys/fs/cgroup/cpu/cpu.cfs_quota_us', '/sys/fs/cgroup/cpu/cpu.cfs_period_us'],
] as const;

/**
 * Cores that this process may keep busy: those it may be scheduled on, and no more than its container's quota of
 * processor time. Node counts the first only; a worker per core of a large host would then share two cores' time.
 */
export async function usableCores(): Promise<number> {
  const quotas = await Promise.all(QUOTA_FILES.map((files) => readQuota(files)));
  return Math.min(availableParallelism(), ...quotas);
}

/** Whole cores that a quota stands for, at least one; Infinity for none. `text` is "quota period" in microseconds. */
export function coresOfQuota(text: string): number {
  const [quota, period] = text.trim().split(/\s+/).map(Number);
  if (quota === undefined || period === undefined || !(quota > 0) || !(period > 0)) return Infinity;
  return Math.max(1, Math.floor(quota / period));
}

async function readQuota(files: readonly string[]): Promise<number> {
  try {
    const parts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    return coresOfQuota(parts.join(' '));
  } catch {
    // Not Linux, no container, or another version of control groups: no quota is known.
    return Infinity;
  }
}
