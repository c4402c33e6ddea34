import { availableParallelism, cpus, loadavg, release, totalmem, type as systemName } from 'node:os';
import { nativeVersion, readVersions } from '../../engine/read-versions.js';
import { usableCores } from '../../engine/usable-cores.js';
import type { BenchEnvironment } from './bench-report.js';

/** The load average over the last minute; 0 on Windows, which has none. */
export function loadAverage(): number {
  return loadavg()[0] ?? 0;
}

/** The machine and the software. `before` is the load average from before the benchmark. */
export async function readEnvironment(before: number): Promise<BenchEnvironment> {
  return {
    ...(await readVersions()),
    onnxruntime: nativeVersion('onnxruntime-node')?.version ?? null,
    os: `${systemName()} ${release()}`,
    cores: await usableCores(),
    machineCores: Math.max(cpus().length, availableParallelism()),
    memoryBytes: totalmem(),
    loadAverage: { before, after: loadAverage() },
  };
}
