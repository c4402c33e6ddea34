import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { z } from 'zod';

const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional(), dev: z.boolean().optional() })),
});

/** A package as it lies in a `node_modules` folder. */
interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

/** A registry that knows few packages. */
export interface LoopbackRegistry extends AsyncDisposable {
  readonly url: string;
  /** `name@version` of every package that users get with this one, sorted. */
  readonly shipped: readonly string[];
}

/**
 * Serves npm, on this machine alone, the packages that lie in `root`'s node_modules: those that its lock file marks as
 * needed outside of development, and the named `tools`. Whatever else a package asks for does not exist there, so an
 * installation succeeds exactly if the declared dependencies suffice.
 */
export async function startRegistry(root: string, tools: readonly string[]): Promise<LoopbackRegistry> {
  const { packages } = lockSchema.parse(JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')));
  const served: InstalledPackage[] = [];
  const shipped: string[] = [];
  // What lies at the top is the version that the repository itself uses; it becomes the latest one.
  const byDepth = Object.entries(packages).sort(([left], [right]) => left.length - right.length);
  for (const [place, { version, dev }] of byDepth) {
    const name = place.split('node_modules/').at(-1) ?? '';
    const folder = path.join(root, place);
    // The empty place is the repository; a place without a folder is an optional package of another platform.
    if (place === '' || version === undefined || !existsSync(folder)) continue;
    if (dev !== true) shipped.push(`${name}@${version}`);
    if (dev !== true || tools.includes(name)) served.push({ name, version, folder });
  }

  const server = createServer((request, response) => {
    const asked = decodeURIComponent(request.url ?? '/').slice(1);
    const archived = served.find(({ name, version }) => asked === archiveOf(name, version));
    if (archived !== undefined) {
      sendArchive(response, archived);
      return;
    }
    const versions = served.filter(({ name }) => name === asked);
    response.statusCode = versions.length === 0 ? 404 : 200;
    response.end(JSON.stringify(describePackage(asked, versions, `http://${request.headers.host ?? ''}`)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    // A version that only tools here need at the top puts one that users need in several places.
    shipped: [...new Set(shipped)].sort(),
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

function archiveOf(name: string, version: string): string {
  return `${name}/-/${version}.tgz`;
}

/** The document that a registry keeps for a package. */
function describePackage(name: string, packages: readonly InstalledPackage[], origin: string): unknown {
  const versions = packages.map(({ version, folder }) => {
    const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
    return [version, { ...manifest, dist: { tarball: `${origin}/${archiveOf(name, version)}` } }] as const;
  });
  return { name, 'dist-tags': { latest: packages[0]?.version }, versions: Object.fromEntries(versions) };
}

/** npm drops the first folder of an archive, whatever its name, and takes archives that are not compressed. */
function sendArchive(response: ServerResponse, { folder }: InstalledPackage): void {
  const args = ['-c', '-f', '-', '--exclude', 'node_modules', '-C', path.dirname(folder), path.basename(folder)];
  const archiver = spawn('tar', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  archiver.once('error', (error) => response.destroy(error));
  archiver.once('close', (code) => {
    if (code !== 0) response.destroy();
  });
  archiver.stdout.pipe(response);
}
