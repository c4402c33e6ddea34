import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const root = new URL('../fixtures/tiny/', import.meta.url);

/** Every tiny checkpoint of the BERT family. */
export const TINY_BERTS: readonly string[] = readdirSync(root).filter((name) => name.startsWith('bert-'));

/** The folder of a tiny checkpoint. */
export function tinyFolder(name: string): string {
  return fileURLToPath(new URL(name, root));
}

/** A folder of its own, removed after the tests of the file that asks for it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'isovec-validate-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
