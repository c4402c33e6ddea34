import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Installation } from './contestant.js';

/** The name of the file that says, when all is done, what is installed. */
const COMPLETE = 'complete.json';

/** The interpreter of a virtual environment. */
export function pythonOf(folder: string): string {
  return process.platform === 'win32' ? path.join(folder, 'Scripts/python.exe') : path.join(folder, 'bin/python');
}

/**
 * Puts a contestant's software into its folder below `root`, unless just that is there already; what an interrupted run
 * left is used. Install scripts of npm packages do not run: they download. Throws with the reason where it cannot be done.
 */
export async function install(root: string, installation: Installation, log: (line: string) => void): Promise<void> {
  const folder = path.join(root, installation.folder);
  const wanted = JSON.stringify(installation);
  if ((await textOf(path.join(folder, COMPLETE))) === wanted) return;
  if (installation.kind === 'python' && installation.over !== undefined) await install(root, installation.over, log);
  log(`installing ${describe(installation)} into ${path.relative(process.cwd(), folder)}`);
  await mkdir(folder, { recursive: true });
  if (installation.kind === 'npm') {
    await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
    const options = ['--ignore-scripts', '--save-exact', '--no-audit', '--no-fund', '--no-package-lock'];
    await run('npm', ['install', ...options, ...installation.packages], folder);
  } else {
    await run('python3', ['-m', 'venv', folder], root);
    if (installation.over !== undefined) await seeThrough(folder, path.join(root, installation.over.folder));
    await run(
      pythonOf(folder),
      ['-m', 'pip', 'install', '--no-input', '--progress-bar', 'off', ...installation.requirements],
      root,
    );
  }
  await writeFile(path.join(folder, COMPLETE), wanted);
}

/** Lets one environment see another's packages behind its own, by a .pth file as Python's `site` module reads it. */
async function seeThrough(folder: string, below: string): Promise<void> {
  const ask = 'import sysconfig; print(sysconfig.get_path("purelib"))';
  const own = (await run(pythonOf(folder), ['-c', ask], folder)).trim();
  const other = (await run(pythonOf(below), ['-c', ask], below)).trim();
  await writeFile(path.join(own, 'below.pth'), `${other}\n`);
}

/** Runs a program to its end and gives its standard output; throws with what it said last if it fails. */
export async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const child = spawn(program, [...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { output: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.errors += text));
  const status = await new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve(code ?? signal ?? 'unknown');
    });
  });
  if (status === 0) return said.output;
  const lines = `${said.output}\n${said.errors}`.split('\n').filter((line) => /error/i.test(line));
  throw new Error(
    `${path.basename(program)} ${args[0] ?? ''} ended with ${status}: ${(lines[0] ?? said.errors).trim()}`,
  );
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function describe(installation: Installation): string {
  return installation.kind === 'npm' ? installation.packages.join(', ') : installation.requirements.join(', ');
}
