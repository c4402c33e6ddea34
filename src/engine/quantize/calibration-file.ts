import { fileURLToPath } from 'node:url';
import { openInputFile } from '../../files/rows/open-input-file.js';
import { openRowSource } from '../../files/rows/open-row-source.js';
import { ROW_FORMATS, rowFormatOf } from '../../files/rows/row-format.js';
import { digestFile } from '../../models/cache/content-digest.js';
import { IsovecError } from '../../shared/isovec-error.js';

/** Texts that int8 weights are calibrated on: those of the package, none, or a file of texts in any format of `embed`. */
export type Calibration = 'built-in' | 'none' | (string & {});

/** A file of calibration texts, and what tells it from others. */
export interface CalibrationFile {
  readonly file: string;
  /** SHA-256 over its bytes, hexadecimal. */
  readonly digest: string;
}

const BUILT_IN = fileURLToPath(new URL('../../../data/int8/calibration.jsonl', import.meta.url));

/** Every load reads the file to know it; a few thousand texts say all that there is to say. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_TEXTS = 10_000;
/** With fewer texts the weights would fit those instead of language. */
const LEAST_TEXTS = 64;

/** Finds the file of a calibration. INPUT_INVALID naming the file: absent, unreadable, empty, of no known format, too large. */
export async function findCalibrationFile(
  calibration: Exclude<Calibration, 'none'>,
  signal: AbortSignal | undefined,
): Promise<CalibrationFile> {
  const file = calibration === 'built-in' ? BUILT_IN : calibration;
  checkFormat(file);
  const { handle, byteCount: size } = await openInputFile(file);
  await handle.close();
  if (size === undefined) throw refusal(file, 'is no regular file. Write the texts to a file first: it is read twice.');
  if (size > MOST_BYTES) {
    throw refusal(file, `has ${size} bytes; calibration takes at most ${MOST_BYTES}. Take a sample of its texts.`);
  }
  return { file, digest: (await digestFile(file, { size }, { signal })).sha256 };
}

/**
 * Reads the texts of a calibration file, at most 10 000. Blank ones do not count. INPUT_INVALID for a row that cannot
 * be read or too few texts, and as `openRowSource`; ABORTED.
 */
export async function readCalibrationTexts(file: string, signal: AbortSignal | undefined): Promise<readonly string[]> {
  const source = await openRowSource({ file }, { keep: [], maxRowBytes: MOST_BYTES, signal });
  const texts: string[] = [];
  try {
    for await (const outcomes of source.rows()) {
      for (const outcome of outcomes) {
        if ('refused' in outcome) throw outcome.refused;
        if (outcome.text.trim() !== '' && texts.length < MOST_TEXTS) texts.push(outcome.text);
      }
      if (texts.length >= MOST_TEXTS) break;
    }
  } finally {
    await source.close();
  }
  if (texts.length < LEAST_TEXTS) {
    throw refusal(
      file,
      `has ${texts.length} texts; calibration needs at least ${LEAST_TEXTS}, and gains from several hundred of the kind ` +
        "that will be embedded. Add texts, or take calibration 'built-in'.",
    );
  }
  return texts;
}

function checkFormat(file: string): void {
  try {
    rowFormatOf(file);
  } catch {
    const formats = ROW_FORMATS.join(', ');
    throw refusal(
      file,
      `has no name that says its format: ${formats} can be read. Give it another one, or take 'built-in' or 'none'.`,
    );
  }
}

function refusal(file: string, rule: string): IsovecError {
  return new IsovecError('INPUT_INVALID', `The calibration file ${file} ${rule}`, { data: { file } });
}
