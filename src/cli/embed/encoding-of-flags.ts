import type { Embedder } from '../../engine/embedder.js';
import type { EncodeTask } from '../../engine/encode-options.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { CalibrationRanges, Precision } from '../../vector/index.js';
import type { EmbedFlags } from './embed-flags.js';

/** How the flags want texts embedded. */
export interface Encoding {
  readonly precision: Precision;
  readonly dimensions?: number;
  readonly normalize?: boolean;
  readonly ranges?: CalibrationRanges;
}

/** Options of the flags that do not depend on the model. CONFIG_INVALID, FORMAT_INVALID naming --ranges. */
export async function encodingOf(flags: EmbedFlags): Promise<Encoding> {
  const { precision, dimensions, normalize } = flags;
  const calibrated = precision === 'int8' || precision === 'uint8';
  if (calibrated !== (flags.ranges !== undefined)) {
    const rule = calibrated
      ? `--precision ${precision} needs --ranges FILE, the ranges of typical vectors`
      : '--ranges is only for --precision int8 and uint8';
    throw new IsovecError('CONFIG_INVALID', `${rule}.`);
  }
  const ranges =
    flags.ranges === undefined ? undefined : await (await import('../input/read-ranges.js')).readRanges(flags.ranges);
  return {
    precision,
    ...(dimensions === undefined ? {} : { dimensions }),
    ...(normalize === undefined ? {} : { normalize }),
    ...(ranges === undefined ? {} : { ranges }),
  };
}

/** The prompt of the flags, by the rules of encode, encodeQuery and encodeDocument. */
export async function promptOf(flags: EmbedFlags, model: Embedder): Promise<string> {
  const { resolvePrompt } = await import('../../engine/encode-options.js');
  const task: EncodeTask = flags.query === true ? 'query' : flags.document === true ? 'document' : 'plain';
  const { prompt, promptName } = flags;
  const named = { ...(prompt === undefined ? {} : { prompt }), ...(promptName === undefined ? {} : { promptName }) };
  return resolvePrompt(named, task, model.info());
}
