import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

// Before `npm run test:page`: the browser of the system, from its own packages where it is missing and may be installed.

const CHROMIUM = '/usr/bin/chromium';

function run(command: string, args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env });
  if (status === 0) return;
  const reason = error === undefined ? `ended with ${status}` : error.message;
  console.error(`${[command, ...args].join(' ')}: ${reason}. The page's test needs ${CHROMIUM}; install it by hand.`);
  process.exit(1);
}

if (!existsSync(CHROMIUM)) {
  if (process.getuid?.() !== 0) {
    console.error(`${CHROMIUM} is missing: apt-get install chromium, as root, or run this as root.`);
    process.exit(1);
  }
  run('apt-get', ['update', '-qq']);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium']);
}
