import { spawnSync } from 'node:child_process';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { assembleEngine } from '../../scripts/release/assemble-engine.js';
import { type BundledPackage, SHARED } from '../../scripts/release/bundled-packages.js';
import { ENGINE_PLATFORMS } from '../../scripts/release/engine-platforms.js';
import { stageIsovec } from '../../scripts/release/stage-isovec.js';
import { installedPackages, type ServedPackage, startRegistry } from './loopback-registry.js';
import { type PackedPackage, packPackage, ROOT } from './pack-package.js';
import { type Outcome, runNpm, runProgram, type Surroundings } from './run-npm.js';

/** What a user who compiles has besides; nothing else of the repository's development packages exists for npm. */
const COMPILER = ['typescript', '@types/node', 'undici-types'];
/** By convention the user `nobody`; any number that owns nothing would do. */
const NOBODY = 65534;

/** A user's project, outside of the repository, with isovec installed as it is published. */
export interface Consumer extends AsyncDisposable {
  readonly folder: string;
  /** A checkpoint with Python's vectors, inside of {@link folder}. */
  readonly model: string;
  /** The archive of isovec. */
  readonly packed: PackedPackage;
  /** The packages inside of isovec. */
  readonly bundled: readonly BundledPackage[];
  /** `name@version` of every package that npm fetched for isovec. */
  readonly fetched: readonly string[];
  run(file: string, args: readonly string[]): Promise<Outcome>;
  /** Runs Node in the project. */
  node(args: readonly string[]): Promise<Outcome>;
  /** Installs isovec into another empty project beside this one, for another platform if flags say so. */
  installBeside(name: string, flags: readonly string[]): Promise<Pick<Consumer, 'folder' | 'node' | 'fetched'>>;
}

/**
 * Assembles what is published and installs it as a user without a network does: into an empty folder whose path has
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
  const release = await assemble(path.join(base, 'release'));
  const home = path.join(base, 'home');
  await mkdir(home);
  const install = async (name: string, flags: readonly string[], also: readonly string[]) => {
    const folder = path.join(base, name);
    await mkdir(folder);
    const manifest = JSON.stringify({ name: 'consumer', private: true, type: 'module' });
    await writeFile(path.join(folder, 'package.json'), manifest);
    await cp(path.join(ROOT, 'test/fixtures/tiny/bert-mean'), path.join(folder, 'modèle'), { recursive: true });
    await cp(path.join(ROOT, 'test/package/consumer-process.ts'), path.join(folder, 'main.ts'));
    const user = await giveAway(folder, home);
    const surroundings: Surroundings = { cwd: folder, home, user, environment: { ISOVEC_OFFLINE: '1' } };
    await using registry = await startRegistry([
      ...release.served,
      ...installedPackages(ROOT, [...SHARED, ...COMPILER]),
    ]);
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', `--registry=${registry.url}`];
    await runNpm(['install', ...options, ...flags, 'isovec'], surroundings);
    const fetched = [...registry.fetched];
    if (also.length > 0) await runNpm(['install', ...options, ...flags, '--save-dev', ...also], surroundings);
    const run = (file: string, args: readonly string[]): Promise<Outcome> => runProgram(file, args, surroundings);
    return { folder, fetched, run, node: (args: readonly string[]) => run(process.execPath, args) };
  };
  const project = await install('Projekt für 文本 α', [], ['typescript', '@types/node']);
  return {
    ...project,
    model: path.join(project.folder, 'modèle'),
    packed: release.packed,
    bundled: release.bundled,
    installBeside: (name, flags) => install(name, flags, []),
  };
}

/** All packages of a release: those that are installed here as archives, engines of other platforms in their folders. */
async function assemble(
  folder: string,
): Promise<{ served: ServedPackage[]; packed: PackedPackage; bundled: readonly BundledPackage[] }> {
  const engines = ENGINE_PLATFORMS.map((platform) => {
    const engine = path.join(folder, platform);
    assembleEngine(ROOT, platform, engine);
    return { platform, folder: engine };
  });
  const isovec = path.join(folder, 'isovec');
  const { bundled } = await stageIsovec(ROOT, isovec);
  const packed = await packPackage(folder, isovec);
  const served: ServedPackage[] = [{ folder: isovec, archive: packed.tarball }];
  for (const engine of engines) {
    const own = engine.platform === `${process.platform}-${process.arch}`;
    served.push(own ? { ...engine, archive: (await packPackage(folder, engine.folder)).tarball } : engine);
  }
  return { served, packed, bundled };
}

/** Gives a project and a home to a user without rights, if there is one who can work in them; returns that user. */
async function giveAway(folder: string, home: string): Promise<number | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  // The base folder is the tests' own: others must be let through.
  await chmod(path.dirname(folder), 0o755);
  await chown(folder, NOBODY, NOBODY);
  const probe = spawnSync(process.execPath, ['-e', ''], { cwd: folder, uid: NOBODY, gid: NOBODY });
  // Node or the temporary folder may lie where only root can go.
  if (probe.status !== 0) {
    await chown(folder, 0, 0);
    return undefined;
  }
  await chown(home, NOBODY, NOBODY);
  for (const entry of await readdir(folder, { recursive: true })) {
    await chown(path.join(folder, entry), NOBODY, NOBODY);
  }
  return NOBODY;
}
