import path from 'node:path';
import { TemporaryFile } from './temporary-file.js';

/** Writes a whole file, which appears complete or not at all. CONFIG_INVALID, STORAGE_FULL. */
export async function writeTextFile(target: string, text: string): Promise<void> {
  const file = await TemporaryFile.create(path.dirname(target));
  try {
    await file.write(text);
    await file.publish(target);
  } finally {
    await file.discard();
  }
}
