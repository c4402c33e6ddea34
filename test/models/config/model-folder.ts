import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { IsovecError } from '#src/shared/isovec-error.js';
import { onTestFinished } from 'vitest';

/** A folder under test/fixtures. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
}

/** The JSON of a fixture's file. */
export async function fixtureJson<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(fixture(name), 'utf8')) as T;
}

/** An empty temporary folder, removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'isovec-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A writable copy of a fixture, removed after the test. */
export async function copyOf(name: string): Promise<string> {
  const folder = await temporaryFolder();
  await cp(fixture(name), folder, { recursive: true });
  return folder;
}

/** Replaces a JSON file by what `change` makes of it. */
export async function editJson(
  folder: string,
  file: string,
  change: (value: Readonly<Record<string, unknown>>) => unknown,
): Promise<void> {
  const target = path.join(folder, file);
  await writeFile(
    target,
    JSON.stringify(change(JSON.parse(await readFile(target, 'utf8')) as Record<string, unknown>)),
  );
}

/** The IsovecError that a call throws or rejects with; any other outcome fails the test. */
export async function failure(call: () => unknown): Promise<IsovecError> {
  let outcome: unknown;
  try {
    outcome = await call();
  } catch (error) {
    if (error instanceof IsovecError) return error;
    throw new Error('threw something that is not an IsovecError', { cause: error });
  }
  throw new Error(`did not fail but gave a ${typeof outcome}`);
}
