import { spawnSync } from 'node:child_process';
import { chown, cp, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { startRegistry } from './loopback-registry.js';
import { packPackage, ROOT } from './pack-package.js';
import { type Outcome, runNpm, runProgram, type Surroundings } from './run-npm.js';

/** What a user who compiles has besides; nothing else of the repository's development packages exists for npm. */
const COMPILER = ['typescript', '@types/node', 'undici-types'];
/** By convention the user `nobody`; any number that owns nothing would do. */
const NOBODY = 65534;

/** A user's project, outside of the repository, with the package installed from its tarball. */
export interface Consumer extends AsyncDisposable {
  readonly folder: string;
  /** A checkpoint with Python's vectors, inside of {@link folder}. */
  readonly model: string;
  /** `name@version` of what the repository's lock file gives users, sorted. */
  readonly shipped: readonly string[];
  run(file: string, args: readonly string[]): Promise<Outcome>;
  /** Runs Node in the project. */
  node(args: readonly string[]): Promise<Outcome>;
}

/**
 * Packs the repository and installs the tarball as a user without a network does: into an empty folder whose path has
 * spaces and letters beyond ASCII, with scripts disabled, an empty cache of npm and, where the tests run as root, as a
 * user who owns nothing else.
 */
export async function installForConsumer(): Promise<Consumer> {
  const base = await realpath(await mkdtemp(path.join(tmpdir(), 'isovec-package-')));
  const remove = (): Promise<void> => rm(base, { recursive: true, force: true });
  try {
    return { ...(await installBelow(base)), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function installBelow(base: string): Promise<Omit<Consumer, keyof AsyncDisposable>> {
  const folder = path.join(base, 'Projekt für 文本 α');
  const home = path.join(base, 'home');
  await mkdir(folder);
  await mkdir(home);
  const { tarball } = await packPackage(base);
  await writeFile(
    path.join(folder, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
  );
  await cp(path.join(ROOT, 'test/fixtures/tiny/bert-mean'), path.join(folder, 'modèle'), { recursive: true });
  await cp(path.join(ROOT, 'test/package/consumer-process.ts'), path.join(folder, 'main.ts'));

  const user = await giveAway(base);
  const surroundings: Surroundings = { cwd: folder, home, user, environment: { ISOVEC_OFFLINE: '1' } };
  await using registry = await startRegistry(ROOT, COMPILER);
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', `--registry=${registry.url}`];
  await runNpm(['install', ...options, tarball], surroundings);
  await runNpm(['install', ...options, '--save-dev', 'typescript', '@types/node'], surroundings);

  const run = (file: string, args: readonly string[]): Promise<Outcome> => runProgram(file, args, surroundings);
  return {
    folder,
    model: path.join(folder, 'modèle'),
    shipped: registry.shipped,
    run,
    node: (args) => run(process.execPath, args),
  };
}

/** Gives a folder to a user without rights, if there is one who can work in it; returns that user. */
async function giveAway(folder: string): Promise<number | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  await chown(folder, NOBODY, NOBODY);
  const probe = spawnSync(process.execPath, ['-e', ''], { cwd: folder, uid: NOBODY, gid: NOBODY });
  // Node or the temporary folder may lie where only root can go.
  if (probe.status !== 0) {
    await chown(folder, 0, 0);
    return undefined;
  }
  for (const entry of await readdir(folder, { recursive: true })) {
    await chown(path.join(folder, entry), NOBODY, NOBODY);
  }
  return NOBODY;
}
