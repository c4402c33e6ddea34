import { type BridgeEnvironment, listEnvironments } from '../../../models/cache/bridge-environments.js';
import { CacheLayout } from '../../../models/cache/cache-layout.js';
import { listSnapshots } from '../../../models/cache/cached-snapshots.js';
import { folderSize } from '../../../models/cache/folder-size.js';
import { listLeases } from '../../../models/cache/leases.js';
import { leasesOf } from '../../../models/cache/model-removal.js';
import { listPreparedModels } from '../../../models/cache/prepared-models.js';
import { describeProcess } from '../../../models/cache/process-identity.js';
import { listPythonCacheModels } from '../../../models/cache/python-cache-models.js';
import type { ModelOrigin } from '../../../models/model-files.js';
import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import { cacheRootOf, type SourceFlags } from '../../model-flags.js';
import { fitName, fitText } from '../../text/fit-text.js';
import { formatBytes } from '../../text/format-bytes.js';

/** A model of either cache as it is listed. */
interface ListedModel {
  readonly id: string;
  readonly revision: string;
  readonly origin: ModelOrigin;
  readonly names: readonly string[];
  readonly size: number;
  readonly createdAt?: string;
  /** ISO 8601; null where nobody knows. */
  readonly lastUsedAt: string | null;
  /** SHA-256 over the digests of the files; null where they are not known. */
  readonly digest: string | null;
  /** Process ids, those of other hosts with their host. */
  readonly inUseBy: readonly string[];
  /** Whether `models remove` and `models prune` may remove it. */
  readonly removable: boolean;
}

/** Hexadecimal digits that tell digests apart for a person. */
const SHORT_DIGEST = 12;

/** `isovec models list` */
export async function listModels(flags: SourceFlags, context: CommandContext): Promise<ExitCode> {
  const { output, columns, style, talk, settings } = context;
  const cache = cacheRootOf(flags, context);
  const own = await ownModels(cache);
  const python = await pythonModels(cache, settings.pythonHubCache);
  const environments = await listedEnvironments(cache);
  if (context.json) {
    await output.json({ cache, models: [...own, ...python], environments });
    return 0;
  }
  for (const model of [...own, ...python]) {
    const { id, revision, names, size, origin, createdAt } = model;
    const named = names.length === 0 ? '' : ` (${names.join(', ')})`;
    await output.line(style.bold(fitName(id, columns)));
    const facts = [formatBytes(size), origin, createdAt?.slice(0, 10)].filter((fact) => fact !== undefined).join(', ');
    await output.line(`  ${fitName(`${revision}${named}`, columns - 4 - facts.length)}, ${facts}`);
    await output.line(`  ${style.dim(fitText(details(model), columns - 2))}`);
  }
  const total = own.reduce((sum, { size }) => sum + size, 0);
  talk.info(`${own.length} ${own.length === 1 ? 'model' : 'models'}, ${formatBytes(total)}, in ${cache}`);
  for (const { backend, size, complete } of environments) {
    const state = complete ? "'isovec models prune --environments' removes it" : 'its installation was interrupted';
    talk.info(`The bridge's environment ${backend}, ${formatBytes(size)}: ${state}`);
  }
  if (python.length > 0) {
    talk.info(`${python.length} in Python's hub cache ${settings.pythonHubCache}: used there, never removed`);
  }
  return 0;
}

function details({ lastUsedAt, digest, inUseBy, removable }: ListedModel): string {
  const used = lastUsedAt === null ? [] : [`last used ${lastUsedAt.slice(0, 10)}`];
  const content = digest === null ? [] : [`digest ${digest.slice(0, SHORT_DIGEST)}`];
  const users = inUseBy.length === 0 ? [] : [`in use by ${inUseBy.join(', ')}`];
  const foreign = removable ? [] : ["not isovec's: never removed"];
  return [...used, ...content, ...users, ...foreign].join(', ');
}

async function listedEnvironments(cache: string): Promise<(BridgeEnvironment & { readonly size: number })[]> {
  const environments = await listEnvironments(new CacheLayout(cache));
  return Promise.all(environments.map(async (one) => ({ ...one, size: await folderSize(one.path) })));
}

async function ownModels(cache: string): Promise<(ListedModel & { readonly path: string })[]> {
  const leases = await listLeases(new CacheLayout(cache));
  return (await listSnapshots(cache)).map((snapshot) => ({
    ...snapshot,
    inUseBy: [...new Set(leasesOf(leases, snapshot).map((lease) => describeProcess(lease.holder)))],
    removable: true,
  }));
}

/** Nothing is written into Python's cache; when a model was used there is known by what was prepared from it. */
async function pythonModels(cache: string, root: string): Promise<ListedModel[]> {
  const layout = new CacheLayout(cache);
  const prepared = await listPreparedModels(layout);
  const leases = await listLeases(layout);
  return (await listPythonCacheModels(root)).map((model) => {
    const { id, revision } = model;
    const uses = prepared.flatMap(({ source, lastUsed }) =>
      source?.id === id && source.revision === revision && lastUsed !== undefined ? [lastUsed] : [],
    );
    const users = leases.filter((one) => one.origin === 'python-cache' && one.id === id && one.revision === revision);
    return {
      ...model,
      lastUsedAt: uses.length === 0 ? null : new Date(Math.max(...uses)).toISOString(),
      digest: null,
      inUseBy: [...new Set(users.map((lease) => describeProcess(lease.holder)))],
      removable: false,
    };
  });
}
