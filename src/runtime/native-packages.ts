import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { missingNative } from './missing-native.js';

/** The native packages, by their official names. */
export type NativeName = 'onnxruntime-node' | 'tokenizers';

/** Where a native package of this process comes from. */
export interface NativePackage {
  /** The folder with its package.json. */
  readonly folder: string;
  /** The engine package that holds it; undefined if it is the official package itself. */
  readonly engine: EnginePackage | undefined;
}

/** The package that holds the native parts for one platform. */
export interface EnginePackage {
  readonly name: string;
  readonly folder: string;
}

/**
 * The name of a package is computed here alone: the engine is that of the platform. That it is `require`, and not an import, saves
 * Node from reading CommonJS packages for the names of their exports first.
 */
const requirePackage = createRequire(import.meta.url);

/**
 * Loads a native package: that of this platform's engine package if there is one, whatever state it is in, else the official
 * one. PACKAGE_MISSING with the ways out on this platform.
 */
export function loadNative(name: NativeName): unknown {
  try {
    return requirePackage(findNative(name)?.folder ?? name);
  } catch (cause) {
    throw missingNative(name, cause);
  }
}

/** Where {@link loadNative} finds a package; undefined if it is nowhere. */
export function findNative(name: NativeName): NativePackage | undefined {
  const engine = findEngine();
  const folder = engine === undefined ? packageFolder(name) : path.join(engine.folder, name);
  return folder === undefined ? undefined : { folder, engine };
}

function findEngine(): EnginePackage | undefined {
  const name = `@isovec/engine-${process.platform}-${process.arch}`;
  const folder = packageFolder(name);
  return folder === undefined ? undefined : { name, folder };
}

function packageFolder(name: string): string | undefined {
  try {
    return path.dirname(requirePackage.resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}
