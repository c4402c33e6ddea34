import { describe, expect, it } from 'vitest';

import type { EngineManifest } from '../../scripts/release/assemble-engine.js';
import { billOfMaterials } from '../../scripts/release/bill-of-materials.js';

const sha512 = Buffer.alloc(64, 7);
const integrity = `sha512-${sha512.toString('base64')}`;
const one = { name: '@x/one', version: '1.2.3', license: 'MIT', integrity };
const isovec = {
  name: 'isovec',
  version: '0.1.0',
  bundled: [
    { ...one, place: 'node_modules/@x/one' },
    { ...one, place: 'node_modules/two/node_modules/@x/one', version: '2.0.0', license: '(MIT OR ISC)' },
  ],
};
const engine: EngineManifest = {
  name: '@isovec/engine-linux-x64',
  version: '0.1.0',
  platform: 'linux-x64',
  packages: [{ name: 'tokenizers', version: '0.23.2', license: 'Apache-2.0', integrity }],
  files: [{ path: 'tokenizers/index.js', bytes: 1, sha256: 'a'.repeat(64), rewritten: false }],
};

interface Component {
  readonly 'bom-ref': string;
  readonly purl?: string;
  readonly licenses?: unknown;
  readonly hashes?: unknown;
  readonly components?: readonly Component[];
}
interface Bill {
  readonly serialNumber: string;
  readonly components: readonly Component[];
  readonly dependencies: readonly { ref: string; dependsOn: readonly string[] }[];
}

describe('the bill of materials', () => {
  const bill = billOfMaterials(isovec, [engine]) as Bill;

  it('has every package with its address, its licence and the digest of the lock file', () => {
    const [first, second] = bill.components;
    expect(first).toMatchObject({
      purl: 'pkg:npm/%40x/one@1.2.3',
      licenses: [{ license: { id: 'MIT' } }],
      hashes: [{ alg: 'SHA-512', content: sha512.toString('hex') }],
    });
    expect(second?.licenses).toEqual([{ expression: '(MIT OR ISC)' }]);
    const inside = bill.components[2]?.components ?? [];
    expect(inside[0]?.purl).toBe('pkg:npm/tokenizers@0.23.2');
    expect(inside[1]?.hashes).toEqual([{ alg: 'SHA-256', content: 'a'.repeat(64) }]);
  });

  it('names each thing once, and as dependencies only what is named', () => {
    const all = bill.components.flatMap((each) => [each, ...(each.components ?? [])]).map((each) => each['bom-ref']);
    expect(new Set(all).size).toBe(all.length);
    const known = new Set([...all, 'pkg:npm/isovec@0.1.0']);
    const named = bill.dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]);
    expect(named.filter((ref) => !known.has(ref))).toEqual([]);
  });

  it('is the same for the same packages, and another for others', () => {
    expect(billOfMaterials(isovec, [engine])).toEqual(bill);
    const other = billOfMaterials(isovec, []) as Bill;
    expect(bill.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(other.serialNumber).not.toBe(bill.serialNumber);
  });
});
