import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import process from 'node:process';
import { promisify } from 'node:util';

import type { WeightBits } from '../../convert/quantize/round-rows.js';

/** How a processor adds the products of uint8 activations and int8 weights. */
export type ProcessorProducts =
  /** In 32 bits. */
  | 'exact'
  /** In pairs in 16 bits first, which saturate with weights of 8 bits. */
  | 'saturating'
  /** Nothing is known: nothing is taken for granted. */
  | 'unknown';

/** Any of these adds in 32 bits. AVX512-VNNI comes with every AMX so far; the list does not rely on it. */
const EXACT_FEATURES: ReadonlySet<string> = new Set(['avx512_vnni', 'avx512vnni', 'avx_vnni', 'avxvnni', 'amx_int8']);

/** The first processor's entry of /proc/cpuinfo is shorter; a machine may have hundreds. */
const CPUINFO_BYTES = 16 * 1024;

/**
 * What is known of an architecture (as `process.arch` names it) with the features that its system reports: the text of
 * /proc/cpuinfo, or macOS's list. The kernels for 64-bit ARM widen every product before they add.
 */
export function processorProducts(architecture: string, features: string | undefined): ProcessorProducts {
  if (architecture === 'arm64') return 'exact';
  if (architecture !== 'x64' || features === undefined) return 'unknown';
  // Linux has a line `flags : ...` a processor; macOS gives the list alone.
  const list = /^flags\s*:(.*)$/m.exec(features)?.[1] ?? (features.includes(':') ? undefined : features);
  if (list === undefined) return 'unknown';
  const words = list.toLowerCase().split(/\s+/);
  if (!words.includes('avx2')) return 'unknown';
  return words.some((word) => EXACT_FEATURES.has(word)) ? 'exact' : 'saturating';
}

/** Bits of a weight whose products are exact on such a processor. */
export function safeWeightBits(products: ProcessorProducts): WeightBits {
  return products === 'exact' ? 8 : 7;
}

/** What is known of this machine's processor. */
export async function ownProcessorProducts(): Promise<ProcessorProducts> {
  return processorProducts(process.arch, process.arch === 'x64' ? await ownFeatures() : undefined);
}

/** What the system says; a system that cannot be asked leaves the processor unknown, which costs accuracy only. */
async function ownFeatures(): Promise<string | undefined> {
  try {
    if (process.platform === 'darwin') {
      const names = ['machdep.cpu.features', 'machdep.cpu.leaf7_features'];
      return (await promisify(execFile)('/usr/sbin/sysctl', ['-n', ...names])).stdout;
    }
    if (process.platform !== 'linux') return undefined;
    const file = await open('/proc/cpuinfo');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(CPUINFO_BYTES), 0, CPUINFO_BYTES, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}
