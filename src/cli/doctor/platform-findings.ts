import { readFile } from 'node:fs/promises';
import os from 'node:os';
import process from 'node:process';
import { formatBytes } from '../text/format-bytes.js';
import type { DoctorFinding } from './finding.js';

/** Oldest Node.js that is supported: `engines` of package.json. */
const OLDEST_NODE = [20, 19] as const;
/** What a small float32 model needs beside its runtime. */
const LITTLE_MEMORY = 512 * 1024 * 1024;

/** Processor flags that the kernels make use of, as the system spells them, by the name people know. */
const FEATURES: readonly (readonly [name: string, flags: readonly string[]])[] = [
  ['AVX2', ['avx2']],
  ['AVX512', ['avx512f']],
  ['VNNI', ['avx512_vnni', 'avx_vnni']],
  ['AMX', ['amx_int8']],
  ['NEON', ['asimd']],
  ['DotProd', ['asimddp']],
  ['I8MM', ['i8mm']],
];

/** Node.js, operating system, processor, cores and memory. */
export async function platformFindings(): Promise<DoctorFinding[]> {
  return [node(), { name: 'platform', status: 'ok', detail: platform() }, await processor(), cores(), memory()];
}

function node(): DoctorFinding {
  const { node: version } = process.versions;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = OLDEST_NODE;
  const detail = `${version}, ${process.execPath}`;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor))
    return { name: 'Node.js', status: 'ok', detail };
  const wayOut = `Install Node.js ${leastMajor}.${leastMinor} or later.`;
  return { name: 'Node.js', status: 'fail', detail, wayOut, essential: true };
}

function platform(): string {
  return `${process.platform} ${process.arch}, ${os.type()} ${os.release()}`;
}

async function processor(): Promise<DoctorFinding> {
  const name = 'processor';
  const model = os.cpus()[0]?.model.trim() ?? 'unknown model';
  const flags = await processorFlags();
  if (flags === undefined) return { name, status: 'ok', detail: `${model}; its features cannot be read here` };
  const found = FEATURES.filter(([, spellings]) => spellings.some((flag) => flags.has(flag))).map(([one]) => one);
  const detail = `${model}; ${found.join(' ') || 'no vector extensions that matter'}`;
  if (process.arch !== 'x64' || found.includes('AVX2')) return { name, status: 'ok', detail };
  return { name, status: 'warn', detail, wayOut: 'Without AVX2 embedding works, but is several times slower.' };
}

async function processorFlags(): Promise<ReadonlySet<string> | undefined> {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => undefined);
  const line = text === undefined ? undefined : /^(?:flags|Features)\s*:\s*(.*)$/m.exec(text)?.[1];
  return line === undefined ? undefined : new Set(line.split(/\s+/));
}

function cores(): DoctorFinding {
  const usable = os.availableParallelism();
  const all = os.cpus().length;
  return { name: 'cores', status: 'ok', detail: usable === all ? String(usable) : `${usable} of ${all} may be used` };
}

function memory(): DoctorFinding {
  const name = 'memory';
  // Within a container the limit is lower than what the machine has.
  const limit = Math.min(process.constrainedMemory() || Infinity, os.totalmem());
  const free = Math.min(os.freemem(), limit);
  const detail = `${formatBytes(limit)}, ${formatBytes(free)} free`;
  if (limit >= LITTLE_MEMORY) return { name, status: 'ok', detail };
  return { name, status: 'warn', detail, wayOut: 'Give the process 512 MB or more, or use --threads 1.' };
}
