import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import process from 'node:process';
import { z } from 'zod';
import { parseJson } from '../formats/json/parse-json.js';
import type { ValidationReport } from './validation-report.js';

/** The same relative path leads from src/validate and from dist/validate. */
const MANIFEST = new URL('../../package.json', import.meta.url);

/** What a report says about the software and the machine that made it. */
export async function readVersions(): Promise<ValidationReport['versions']> {
  const manifest = z.object({ version: z.string() }).parse(parseJson(await readFile(MANIFEST), 'package.json'));
  return {
    isovec: manifest.version,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
  };
}
