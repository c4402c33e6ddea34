import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Runs a program and returns what it prints. Throws with its words if it fails. */
function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

/**
 * Fetches Debian packages for arm64 and unpacks them into one folder, which is returned. They come from the archive that this system's
 * apt knows, by its arm64 index, with lists and state of their own: nothing is installed.
 */
export function debianArm64(names: readonly string[], work: string): string {
  const folder = path.join(work, 'debian');
  const root = path.join(folder, 'root');
  const debs = path.join(folder, 'debs');
  for (const one of ['state/lists/partial', 'cache/archives/partial', 'root', 'debs']) {
    mkdirSync(path.join(folder, one), { recursive: true });
  }
  const status = path.join(folder, 'status');
  writeFileSync(status, '');
  const settings = [
    'APT::Architecture=arm64',
    'APT::Architectures=arm64',
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
    `Dir::State=${path.join(folder, 'state')}`,
    `Dir::State::status=${status}`,
    `Dir::Cache=${path.join(folder, 'cache')}`,
  ].flatMap((setting) => ['-o', setting]);
  run('apt-get', [...settings, '-qq', 'update'], folder);
  run('apt-get', [...settings, '-qq', 'download', ...names], debs);
  for (const deb of readdirSync(debs)) run('dpkg-deb', ['--extract', path.join(debs, deb), root], folder);
  return root;
}

/** Fetches a package of npm by name and version, and unpacks it; returns its folder. */
export function npmPackage(name: string, version: string, work: string): string {
  const folder = path.join(work, name.replaceAll('/', '-'));
  mkdirSync(folder, { recursive: true });
  run('npm', ['pack', '--silent', `${name}@${version}`, '--pack-destination', folder], folder);
  const [archive = ''] = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  run('tar', ['--extract', '--gzip', '--file', archive], folder);
  return path.join(folder, 'package');
}
