import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** The Debian package that a file of this machine came with. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** What Debian says about its authors and licences; undefined where the package leaves that to another one. */
  readonly copyright: string | undefined;
}

/** The package of a file; undefined if none has it. dpkg knows files of a merged /usr by either path. */
export function debianPackageOf(file: string): DebianPackage | undefined {
  const real = realpathSync(file);
  const folders = [realpathSync(path.dirname(file)), path.dirname(real)];
  const names = new Set(
    folders.flatMap((folder) => [path.join(folder, path.basename(file)), path.join(folder, path.basename(real))]),
  );
  for (const name of [...names].flatMap((one) => [one, one.replace(/^\/usr/, ''), `/usr${one}`])) {
    const owner = /^([^:,\s]+)/.exec(output('dpkg-query', ['--search', name]))?.[1];
    if (owner === undefined) continue;
    const [version = '', architecture = ''] =
      output('dpkg-query', ['--show', '--showformat=${Version} ${Architecture}\n', owner])
        .trim()
        .split('\n')[0]
        ?.split(' ') ?? [];
    const copyright = `/usr/share/doc/${owner}/copyright`;
    return {
      name: owner,
      version,
      architecture,
      copyright: existsSync(copyright) ? realpathSync(copyright) : undefined,
    };
  }
  return undefined;
}

function output(command: string, args: readonly string[]): string {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return status === 0 ? stdout : '';
}
