import { readFile } from 'node:fs/promises';
import path from 'node:path';

import {
  ownProcessorProducts,
  type ProcessorProducts,
  processorProducts,
  safeWeightBits,
} from '#src/engine/quantize/processor-products.js';
import { describe, expect, it } from 'vitest';

const stored = (name: string): Promise<string> =>
  readFile(path.resolve(import.meta.dirname, '../fixtures/cpuinfo', `${name}.txt`), 'utf8');

describe('what a processor does with products of 8 bits', () => {
  it.each<[string, string, ProcessorProducts]>([
    ['haswell', 'x64', 'saturating'],
    ['zen2', 'x64', 'saturating'],
    ['skylake-server', 'x64', 'saturating'],
    ['cascade-lake', 'x64', 'exact'],
    ['alder-lake', 'x64', 'exact'],
    ['zen4', 'x64', 'exact'],
    ['macos-ice-lake', 'x64', 'exact'],
    ['macos-coffee-lake', 'x64', 'saturating'],
    ['neoverse-n1', 'arm64', 'exact'],
  ])('is read from what the system says: %s', async (name, architecture, products) => {
    expect(processorProducts(architecture, await stored(name))).toBe(products);
  });

  it.each<[string, string, string | undefined]>([
    ['a system that cannot be asked', 'x64', undefined],
    ['an empty answer', 'x64', ''],
    ['an answer without flags', 'x64', 'processor : 0\nmodel name : something\n'],
    ['another architecture', 'riscv64', 'isa : rv64imafdcv'],
    ['an entry that was cut before the list is whole', 'x64', 'flags : fpu vme'],
  ])('is unknown for %s', (_, architecture, features) => {
    expect(processorProducts(architecture, features)).toBe('unknown');
  });

  it('decides the bits of weights, and what is unknown counts as unsafe', async () => {
    expect([safeWeightBits('exact'), safeWeightBits('saturating'), safeWeightBits('unknown')]).toEqual([8, 7, 7]);
    expect(['exact', 'saturating', 'unknown']).toContain(await ownProcessorProducts());
  });
});
