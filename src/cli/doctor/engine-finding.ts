import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { readVersions } from '../../engine/read-versions.js';
import { isJsonObject, parseJsonObject } from '../../formats/json/parse-json.js';
import { type EnginePackage, findNative } from '../../runtime/native-packages.js';
import { errorMessage, IsovecError } from '../../shared/isovec-error.js';
import type { DoctorFinding } from './finding.js';

const NAME = 'engine package';
const PUT_BACK = 'Remove node_modules and install isovec again.';

/** The engine package of this platform: whether it is of this version, and its files are those that it was published with. */
export async function engineFinding(): Promise<DoctorFinding> {
  const engine = findNative('onnxruntime-node')?.engine;
  if (engine === undefined) {
    const detail = `none for ${process.platform}-${process.arch}; the official packages are used`;
    return { name: NAME, status: 'ok', detail };
  }
  try {
    const { version, files, differing } = await compareEngine(engine);
    if (differing.length > 0) {
      const detail = `${engine.name} ${version}: ${differing.join(', ')} not as in its manifest`;
      return { name: NAME, status: 'fail', detail, wayOut: PUT_BACK, essential: true };
    }
    const detail = `${engine.name} ${version}, ${files} files as in its manifest`;
    const { isovec } = await readVersions();
    if (version === isovec) return { name: NAME, status: 'ok', detail };
    return { name: NAME, status: 'warn', detail: `${detail}; isovec is ${isovec}`, wayOut: PUT_BACK };
  } catch (error) {
    return { name: NAME, status: 'fail', detail: errorMessage(error), wayOut: PUT_BACK, essential: true };
  }
}

/** Reads every file of an engine that its manifest lists. FORMAT_INVALID for a manifest that is none. */
async function compareEngine(
  engine: EnginePackage,
): Promise<{ version: string; files: number; differing: readonly string[] }> {
  const manifest = parseJsonObject(await readFile(path.join(engine.folder, 'manifest.json')), 'manifest.json');
  const { version, files } = manifest;
  if (typeof version !== 'string' || !Array.isArray(files) || files.length === 0) {
    throw new IsovecError('FORMAT_INVALID', `manifest.json of ${engine.name} lists no files.`);
  }
  const differing: string[] = [];
  for (const file of files) {
    const { path: name, sha256 } = isJsonObject(file) ? file : {};
    const content = await readFile(path.join(engine.folder, String(name))).catch(() => undefined);
    if (content === undefined || createHash('sha256').update(content).digest('hex') !== sha256) {
      differing.push(String(name));
    }
  }
  return { version, files: files.length, differing };
}
