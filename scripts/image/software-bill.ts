/** One piece of software, or a model, in an image. */
export interface Component {
  readonly type: 'application' | 'library' | 'machine-learning-model';
  readonly name: string;
  readonly version: string;
  /** SPDX expression; undefined where `statement` says more than one could. */
  readonly licence: string | undefined;
  /** File of the image that says who holds rights and what is allowed. */
  readonly statement?: string | undefined;
  /** Package URL. */
  readonly purl: string;
  /** Digest of the package as the registry has it, in the form of package-lock.json. */
  readonly integrity?: string | undefined;
}

/** A bill of materials in CycloneDX 1.5 (JSON), without serial number or time: the same components give the same bytes. */
export function softwareBill(subject: Component, components: readonly Component[]): string {
  const sorted = [...components].sort((left, right) => (left.purl < right.purl ? -1 : 1));
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: describe(subject) },
    components: sorted.map(describe),
  };
  return `${JSON.stringify(bill, undefined, 1)}\n`;
}

function describe({ type, name, version, licence, statement, purl, integrity }: Component): object {
  const [, algorithm, digest] = /^sha(256|384|512)-(.+)$/.exec(integrity ?? '') ?? [];
  return {
    type,
    'bom-ref': purl,
    name,
    version,
    ...(algorithm === undefined || digest === undefined
      ? {}
      : { hashes: [{ alg: `SHA-${algorithm}`, content: Buffer.from(digest, 'base64').toString('hex') }] }),
    // A name of the list of SPDX, or an expression of such names.
    ...(licence === undefined
      ? {}
      : { licenses: [/\s/.test(licence) ? { expression: licence } : { license: { id: licence } }] }),
    purl,
    ...(statement === undefined ? {} : { properties: [{ name: 'isovec:licence-file', value: statement }] }),
  };
}
