import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { isDeepStrictEqual } from 'node:util';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { z } from 'zod';

import { deployPath, documentsOf, readDeploy } from '../deploy/support/deploy-file.js';
import { renderOverlay } from '../deploy/support/render-overlay.js';
import { runStep } from './run-step.js';

// The manifests of deploy/ by the tools of others: kustomize, the published schemas of Kubernetes, systemd-analyze.
// `npm run test:deploy`; what is missing of them is installed into .cache, and systemd as root.

const TOOLS = path.resolve(import.meta.dirname, '../../.cache/deploy');
const KUSTOMIZE = 'sigs.k8s.io/kustomize/kustomize/v5@v5.7.1';
const SCHEMAS = 'kubernetes-validate==1.37.0';
/** The oldest that has all that the manifests use without a switch, and the newest that has schemas. */
const VERSIONS = ['1.30.0', '1.33.0', '1.37.0'];
/** What systemd-analyze calls "OK"; up to 2 of 10. */
const MOST_EXPOSURE = 2;

type Resource = Readonly<Record<string, unknown>>;
const resourceShape = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});

let failures = 0;
function report(passed: boolean, what: string, details = ''): void {
  process.stdout.write(`${passed ? 'ok    ' : 'FAILED'} ${what}\n${passed || details === '' ? '' : `${details}\n`}`);
  if (!passed) failures++;
}

/** How kustomize is run: that of the machine, that within kubectl, or one that is built. */
function kustomize(): readonly string[] {
  const built = path.join(TOOLS, 'bin', 'kustomize');
  const runs = [
    ['kustomize', 'build'],
    ['kubectl', 'kustomize'],
    [built, 'build'],
  ];
  const found = runs.find(([command = '', word = '']) => spawnSync(command, [word, '--help']).status === 0);
  if (found !== undefined) return found;
  process.stdout.write('Building kustomize takes a minute or two, once.\n');
  const { status, stderr } = spawnSync('go', ['install', KUSTOMIZE], {
    env: { ...process.env, GOBIN: path.join(TOOLS, 'bin') },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`go install ${KUSTOMIZE}: ${stderr}`);
  return [built, 'build'];
}

/** The folder of the schemas, one for each version. */
async function schemaFolder(): Promise<string> {
  const target = path.join(TOOLS, 'schemas');
  const folder = path.join(target, 'kubernetes_validate', 'kubernetes-json-schema');
  if (existsSync(folder)) return folder;
  await mkdir(target, { recursive: true });
  await runStep('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', target, SCHEMAS]);
  return folder;
}

/** Checks resources against the schemas of one version, in which members that it does not know are errors. */
class Kubernetes {
  readonly #ajv: Ajv2020;
  readonly #folder: string;
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(schemas: string, version: string) {
    this.#folder = path.join(schemas, `v${version}-local-strict`);
    this.#ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
    this.#ajv.addSchema(this.#read('_definitions.json'), '/api/_definitions.json');
  }

  /** What is wrong with a resource; empty if nothing is. */
  problems(resource: Resource): string {
    const { kind, apiVersion } = resourceShape.parse(resource);
    const group = apiVersion.split('/').map((part) => part.split('.')[0] ?? '');
    const file = `${[kind, ...group].join('-').toLowerCase()}.json`;
    const validate = this.#validators.get(file) ?? this.#ajv.compile(this.#read(file));
    this.#validators.set(file, validate);
    if (validate(resource)) return '';
    return JSON.stringify(validate.errors, undefined, 2);
  }

  #read(name: string): Record<string, unknown> {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path.join(this.#folder, name), 'utf8')));
  }
}

/** Lists of things with names by these, and no hash of a configuration at the end of its name. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(canonical);
    const named = items.every(
      (one) => typeof one === 'object' && one !== null && ('name' in one || 'mountPath' in one),
    );
    return named ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
  }
  if (typeof value === 'string') return value.replace(/^(isovec-models)-[a-z0-9]{10}$/, '$1');
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, canonical(inner)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function byIdentity(resources: readonly Resource[]): unknown {
  return Object.fromEntries(
    resources.map((one) => {
      const { kind } = resourceShape.parse(one);
      return [kind, canonical(one)];
    }),
  );
}

async function checkKubernetes(): Promise<void> {
  const command = kustomize();
  const schemas = await schemaFolder();
  const clusters = VERSIONS.map((version) => ({ version, cluster: new Kubernetes(schemas, version) }));
  for (const overlay of readdirSync(deployPath('kubernetes/overlays'))) {
    const folder = `kubernetes/overlays/${overlay}`;
    const [program = '', ...words] = command;
    const { status, stdout, stderr } = spawnSync(program, [...words, deployPath(folder)], { encoding: 'utf8' });
    report(status === 0, `${command.map((word) => path.basename(word)).join(' ')} ${folder}`, stderr);
    if (status !== 0) continue;
    const resources = documentsOf(stdout).map((one): Resource => resourceShape.parse(one));
    for (const { version, cluster } of clusters) {
      const problems = resources.map((one) => cluster.problems(one)).filter((problem) => problem !== '');
      report(
        problems.length === 0,
        `${folder}: ${resources.length} resources of Kubernetes ${version}`,
        problems.join('\n'),
      );
    }
    const expected = byIdentity(renderOverlay(folder));
    const same = isDeepStrictEqual(byIdentity(resources), expected);
    report(same, `${folder}: as the tests render it`, JSON.stringify([byIdentity(resources), expected], undefined, 1));
  }
  // A check that refuses nothing would say the same.
  const [{ cluster } = { cluster: undefined }] = clusters;
  const wrong = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'a' },
    automountServiceAccountTokn: true,
  };
  report(cluster?.problems(wrong) !== '', 'the schemas refuse a member that there is not');
}

async function checkUnit(): Promise<void> {
  if (spawnSync('systemd-analyze', ['--version']).status !== 0) {
    await runStep('apt-get', ['update', '-qq']);
    await runStep('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'systemd']);
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), 'isovec-unit-'));
  try {
    const copy = path.join(folder, 'isovec.service');
    // It looks for the program, which may be elsewhere here.
    await writeFile(copy, readDeploy('systemd/isovec.service').replace('/usr/bin/node', process.execPath));
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', copy], { encoding: 'utf8' });
    report(verified.status === 0 && verified.stderr === '', 'systemd-analyze verify isovec.service', verified.stderr);
    const security = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', copy], {
      encoding: 'utf8',
    });
    const exposure = Number(/exposure level for isovec\.service: ([\d.]+)/.exec(security.stdout)?.[1]);
    report(exposure <= MOST_EXPOSURE, `systemd-analyze security: exposure ${exposure} of 10`, security.stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await checkKubernetes();
await checkUnit();
process.exitCode = failures === 0 ? 0 : 1;
