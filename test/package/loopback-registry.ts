import { spawn } from 'node:child_process';
import { createReadStream, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { z } from 'zod';

/** A package that a registry has: in a folder as it is installed, or in an archive as it is published. */
export interface ServedPackage {
  /** With its package.json, and, without an archive, all its files. */
  readonly folder: string;
  readonly archive?: string;
}

interface DescribedPackage extends ServedPackage {
  readonly name: string;
  readonly version: string;
  readonly manifest: object;
}

/** A registry that knows few packages. */
export interface LoopbackRegistry extends AsyncDisposable {
  readonly url: string;
  /** `name@version` of every package that was fetched, in order. */
  readonly fetched: readonly string[];
}

const manifestSchema = z.looseObject({ name: z.string(), version: z.string() });

/** The folders of the named packages in `root`'s node_modules, at the version that the repository itself uses. */
export function installedPackages(root: string, names: readonly string[]): ServedPackage[] {
  return names.map((name) => ({ folder: path.join(root, 'node_modules', name) }));
}

/**
 * Serves npm packages on this machine alone. Whatever else a package asks for does not exist there, so an installation succeeds
 * exactly if what is served suffices.
 */
export async function startRegistry(packages: readonly ServedPackage[]): Promise<LoopbackRegistry> {
  const served = packages.map((one): DescribedPackage => {
    const manifest = manifestSchema.parse(JSON.parse(readFileSync(path.join(one.folder, 'package.json'), 'utf8')));
    return { ...one, name: manifest.name, version: manifest.version, manifest };
  });
  const fetched: string[] = [];
  const server = createServer((request, response) => {
    const asked = decodeURIComponent(request.url ?? '/').slice(1);
    const archived = served.find(({ name, version }) => asked === archiveOf(name, version));
    if (archived !== undefined) {
      fetched.push(`${archived.name}@${archived.version}`);
      if (archived.archive === undefined) sendArchive(response, archived.folder);
      else createReadStream(archived.archive).pipe(response);
      return;
    }
    const versions = served.filter(({ name }) => name === asked);
    response.statusCode = versions.length === 0 ? 404 : 200;
    response.end(JSON.stringify(describePackage(asked, versions, `http://${request.headers.host ?? ''}`)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    fetched,
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
function describePackage(name: string, packages: readonly DescribedPackage[], origin: string): unknown {
  const versions = packages.map(({ version, manifest }) => {
    return [version, { ...manifest, dist: { tarball: `${origin}/${archiveOf(name, version)}` } }] as const;
  });
  return { name, 'dist-tags': { latest: packages[0]?.version }, versions: Object.fromEntries(versions) };
}

/** npm drops the first folder of an archive, whatever its name, and takes archives that are not compressed. */
function sendArchive(response: ServerResponse, folder: string): void {
  const args = ['-c', '-f', '-', '--exclude', 'node_modules', '-C', path.dirname(folder), path.basename(folder)];
  const archiver = spawn('tar', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  archiver.once('error', (error) => response.destroy(error));
  archiver.once('close', (code) => {
    if (code !== 0) response.destroy();
  });
  archiver.stdout.pipe(response);
}
