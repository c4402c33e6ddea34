import { spawn } from 'node:child_process';
import path from 'node:path';

/** How a program is started, away from the settings of whoever runs the tests. */
export interface Surroundings {
  readonly cwd: string;
  /** The home folder: settings and caches of its owner are out of reach. */
  readonly home: string;
  /** Unprivileged user and group to run as; absent: the user who runs the tests. */
  readonly user?: number | undefined;
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a program ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A port on which nothing listens: a proxy there turns every request to a network away at once. */
const NO_PROXY_THERE = 'http://127.0.0.1:1';

/**
 * Runs a program to its end with an environment of its own: nothing of npm, Node or isovec is inherited, no folder of a
 * `node_modules` is on the path, and clients that honour proxies reach only this machine.
 */
export function runProgram(file: string, args: readonly string[], surroundings: Surroundings): Promise<Outcome> {
  const { cwd, home, user, environment } = surroundings;
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((name) => !name.includes('node_modules'));
  const child = spawn(file, args, {
    cwd,
    env: {
      PATH: [path.dirname(process.execPath), ...folders].join(path.delimiter),
      HOME: home,
      LANG: 'C.UTF-8',
      HTTP_PROXY: NO_PROXY_THERE,
      HTTPS_PROXY: NO_PROXY_THERE,
      NO_PROXY: '127.0.0.1',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

/** Runs npm with a cache, settings and a registry of its own; throws with npm's words if it fails. */
export async function runNpm(args: readonly string[], surroundings: Surroundings): Promise<string> {
  const { home } = surroundings;
  const outcome = await runProgram('npm', args, {
    ...surroundings,
    environment: {
      npm_config_cache: path.join(home, 'npm-cache'),
      npm_config_userconfig: path.join(home, 'no-npmrc'),
      npm_config_globalconfig: path.join(home, 'no-global-npmrc'),
      npm_config_update_notifier: 'false',
      npm_config_audit: 'false',
      npm_config_fund: 'false',
      ...surroundings.environment,
    },
  });
  if (outcome.code !== 0) {
    throw new Error(`npm ${args.join(' ')} ended with ${outcome.code}:\n${outcome.stdout}\n${outcome.stderr}`);
  }
  return outcome.stdout;
}
