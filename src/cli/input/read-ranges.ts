import { readFile } from 'node:fs/promises';
import { parseJsonObject } from '../../formats/json/parse-json.js';
import { IsovecError, systemErrorCode } from '../../shared/isovec-error.js';
import type { CalibrationRanges } from '../../vector/index.js';

/** Calibration ranges of a JSON file `{"min": [...], "max": [...]}`. CONFIG_INVALID, FORMAT_INVALID naming the file. */
export async function readRanges(file: string): Promise<CalibrationRanges> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    const code = systemErrorCode(cause) ?? 'unknown reason';
    throw new IsovecError('CONFIG_INVALID', `--ranges: ${file} cannot be read (${code}).`, { cause });
  }
  const ranges = parseJsonObject(bytes, file);
  const unknown = Object.keys(ranges).find((key) => key !== 'min' && key !== 'max');
  if (unknown !== undefined) throw invalid(file, `holds the unknown member ${JSON.stringify(unknown)}`);
  const min = numbers(ranges['min'], 'min', file);
  const max = numbers(ranges['max'], 'max', file);
  if (min.length !== max.length) throw invalid(file, `holds ${min.length} minima, but ${max.length} maxima`);
  return { min, max };
}

function numbers(value: unknown, member: string, file: string): Float32Array {
  if (!Array.isArray(value)) throw invalid(file, `lacks the list "${member}"`);
  return Float32Array.from(value, (one: unknown, index) => {
    if (typeof one === 'number') return one;
    throw invalid(file, `holds ${member}[${index}], which is no number`);
  });
}

function invalid(file: string, rule: string): IsovecError {
  return new IsovecError(
    'FORMAT_INVALID',
    `${file} ${rule}. It must be {"min": [...], "max": [...]}, one number per dimension.`,
    { data: { file } },
  );
}
