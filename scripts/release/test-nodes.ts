import { spawnSync } from 'node:child_process';
import path from 'node:path';

// `npm run test:nodes`: the tests of the installed package under each line of Node that isovec supports. The programs come from the
// packages of the registry that hold Node, one for each platform, into a folder that git ignores; npm is that of the caller.

const LINES = ['20', '22', '24'];
const root = path.resolve(import.meta.dirname, '../..');
const holder = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

function run(command: string, args: readonly string[], programs?: string): boolean {
  const folders = programs === undefined ? [] : [programs];
  const env = { ...process.env, PATH: [...folders, process.env['PATH'] ?? ''].join(path.delimiter) };
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', env }).status === 0;
}

const wanted = process.argv.slice(2);
const lines = wanted.length === 0 ? LINES : wanted;
const failed: string[] = [];
for (const line of lines) {
  const folder = path.join(root, '.cache/nodes', line);
  const install = ['install', '--prefix', folder, '--ignore-scripts', '--no-save', '--no-audit', '--no-fund'];
  if (!run('npm', [...install, `${holder}@${line}`])) {
    console.error(`${holder}@${line} cannot be installed.`);
    process.exit(1);
  }
  const programs = path.join(folder, 'node_modules', holder, 'bin');
  const node = path.join(programs, 'node');
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  console.log(`\n== Node ${stdout.trim()}`);
  const tests = ['run', 'test/package/install.test.ts', '--disable-console-intercept'];
  if (!run(node, ['node_modules/vitest/vitest.mjs', ...tests], programs)) failed.push(stdout.trim());
}
console.log(
  failed.length === 0 ? `\nThe package works on Node ${lines.join(', ')}.` : `\nFailed: ${failed.join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
