import { createHash } from 'node:crypto';

import type { EngineManifest } from './assemble-engine.js';
import type { BundledPackage } from './bundled-packages.js';
import type { StagedIsovec } from './stage-isovec.js';

/**
 * What the published packages are made of, as CycloneDX 1.6 in JSON: isovec with the packages in it, and every engine with the
 * official packages and the digests of its files. Without times and random numbers, so that it is the same for the same input.
 */
export function billOfMaterials(isovec: StagedIsovec, engines: readonly EngineManifest[]): unknown {
  const root = purl(isovec.name, isovec.version);
  const engineComponents = engines.map((engine) => ({
    ...component(engine.name, engine.version),
    licenses: [{ expression: 'MIT AND Apache-2.0' }],
    components: [
      ...engine.packages.map((one) => official(engine, one)),
      ...engine.files.map((file) => ({
        type: 'file',
        'bom-ref': `${purl(engine.name, engine.version)}#${file.path}`,
        name: file.path,
        hashes: [{ alg: 'SHA-256', content: file.sha256 }],
      })),
    ],
  }));
  const bundled = isovec.bundled.map((one) => ({ ...ofRegistry(one), 'bom-ref': `${root}#${one.place}` }));
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { ...component(isovec.name, isovec.version), type: 'library' } },
    components: [...bundled, ...engineComponents],
    dependencies: [
      { ref: root, dependsOn: [...bundled, ...engineComponents].map((one) => one['bom-ref']) },
      ...engines.map((engine) => ({
        ref: purl(engine.name, engine.version),
        dependsOn: engine.packages.map((one) => official(engine, one)['bom-ref']),
      })),
    ],
  };
  const digest = createHash('sha256').update(JSON.stringify(document)).digest('hex');
  return { ...document, serialNumber: `urn:uuid:${uuid(digest)}` };
}

function official(engine: EngineManifest, one: EngineManifest['packages'][number]): { 'bom-ref': string } {
  return { ...ofRegistry(one), 'bom-ref': `${purl(engine.name, engine.version)}#${one.name}` };
}

function ofRegistry(one: Pick<BundledPackage, 'name' | 'version' | 'license' | 'integrity'>): object {
  const [, encoded = ''] = /^sha512-(.+)$/.exec(one.integrity) ?? [];
  return {
    ...component(one.name, one.version),
    licenses: [/[ (]/.test(one.license) ? { expression: one.license } : { license: { id: one.license } }],
    hashes: [{ alg: 'SHA-512', content: Buffer.from(encoded, 'base64').toString('hex') }],
  };
}

function component(name: string, version: string): { type: string; 'bom-ref': string; name: string; purl: string } {
  const reference = purl(name, version);
  return { type: 'library', 'bom-ref': reference, name, ...{ version }, purl: reference };
}

/** The address of an npm package by the rules of package-url: the `@` of a scope is encoded. */
function purl(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** A UUID of version 8, which is for digests, from hexadecimal digits. */
function uuid(digits: string): string {
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `8${digits.slice(13, 16)}`, `a${digits.slice(17, 20)}`];
  return [...parts, digits.slice(20, 32)].join('-');
}
