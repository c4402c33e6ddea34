import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

// Before `npm run test:image`: what strips Node and reads binaries, and what runs a process in namespaces of its own, from the
// system's packages where they are missing and may be installed.

const PACKAGES: Readonly<Record<string, string>> = {
  binutils: '/usr/bin/strip',
  bubblewrap: '/usr/bin/bwrap',
  'ca-certificates': '/usr/share/ca-certificates/mozilla',
};

const missing = Object.keys(PACKAGES).filter((name) => !existsSync(PACKAGES[name] ?? ''));
if (missing.length > 0) {
  const commands = [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...missing],
  ];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  if (commands.some((args) => spawnSync('apt-get', args, { stdio: 'inherit', env }).status !== 0)) {
    console.error(`Missing: ${missing.join(', ')}. Install them with apt-get install, as root, or run this as root.`);
    process.exit(1);
  }
}
