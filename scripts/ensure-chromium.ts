import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

// Before `npm run test:page`: the browser of the system, and what finds the graphics device in software that comes with it,
// from the system's own packages where they are missing and may be installed.

const ARCHITECTURE = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const PACKAGES: Readonly<Record<string, string>> = {
  chromium: '/usr/bin/chromium',
  libvulkan1: `/usr/lib/${ARCHITECTURE}-linux-gnu/libvulkan.so.1`,
};

function run(command: string, args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env });
  if (status === 0) return;
  const reason = error === undefined ? `ended with ${status}` : error.message;
  console.error(`${[command, ...args].join(' ')}: ${reason}. The page's test needs ${missing.join(', ')}.`);
  process.exit(1);
}

const missing = Object.keys(PACKAGES).filter((name) => !existsSync(PACKAGES[name] ?? ''));
if (missing.length > 0) {
  if (process.getuid?.() !== 0) {
    console.error(`Missing: ${missing.join(', ')}. Install them with apt-get install, as root, or run this as root.`);
    process.exit(1);
  }
  run('apt-get', ['update', '-qq']);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing]);
}
