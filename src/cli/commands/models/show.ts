import { toIsovecError } from '../../../shared/isovec-error.js';
import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import { cacheRootOf, loadOptionsOf, type SourceFlags } from '../../model-flags.js';
import type { LoadableDescription } from '../../models-report.js';
import { fitName } from '../../text/fit-text.js';
import { formatBytes } from '../../text/format-bytes.js';
import { printableText } from '../../text/printable-text.js';
import { wrapText } from '../../text/wrap-text.js';

const KEY_COLUMNS = 14;
/** Hexadecimal digits that tell digests apart for a person; --json gives all. */
const SHORT_DIGEST = 12;

/** `isovec models show` */
export async function showModel(model: string, flags: SourceFlags, context: CommandContext): Promise<ExitCode> {
  const { obtainFiles } = await import('../../../engine/load-model.js');
  const { prepareModel } = await import('../../../engine/prepare-model.js');
  const { listInt8Forms } = await import('../../../engine/quantize/list-int8-forms.js');
  const { mainFigures, recipeOf } = await import('../../quantization-rows.js');
  const { describeFiles } = await import('../../describe-files.js');
  const { describeFailure, describeRecord, licenceOf } = await import('../../models-report.js');
  const options = { ...loadOptionsOf(flags, context), offline: true };
  const files = await obtainFiles(model, options, context.settings);
  const description = await describeFiles(files, flags, context);
  const licence = await licenceOf(files);
  const computes = await prepareModel(files, cacheRootOf(flags, context), context.signal).then(
    ({ record, space }) => describeRecord(record, space),
    (error: unknown) => {
      const failure = toIsovecError(error);
      if (failure.code === 'ABORTED') throw failure;
      return describeFailure(failure);
    },
  );
  const forms = await listInt8Forms(files, cacheRootOf(flags, context));
  const { output, columns, style, talk } = context;
  talk.clear();
  if (context.json) {
    const { revision } = description;
    await output.json({
      ...description,
      revision: revision ?? null,
      licence: licence ?? null,
      ...computes,
      int8: forms,
    });
    return 0;
  }
  const indent = ' '.repeat(KEY_COLUMNS + 2);
  const row = (key: string, value: string): Promise<void> =>
    output.line(`  ${key.padEnd(KEY_COLUMNS)}${wrapText(printableText(value), columns - indent.length, indent)}`);
  await output.line(style.bold(fitName(description.id, columns)));
  await row('revision', description.revision ?? 'none: a folder has no revision');
  await row('origin', `${description.origin}, ${description.from}`);
  await row('folder', description.path);
  await row('licence', licence ?? 'unknown; see the card of the model');
  await row('size', `${formatBytes(description.bytes)} in ${description.files.length} files`);
  for (const { name, size, sha256 } of description.files) {
    const digest = sha256 === undefined ? '' : `, ${sha256.slice(0, SHORT_DIGEST)}`;
    await row('', `${name}, ${formatBytes(size)}${digest}`);
  }
  if (description.digest !== undefined) await row('digest', description.digest);
  if (description.lastUsedAt !== undefined) await row('last used', description.lastUsedAt);
  if (computes.loadable) for (const [key, value] of loadableRows(computes)) await row(key, value);
  else await row('loadable', `no: ${computes.error.message} [${computes.error.code}]`);
  for (const { quantization, bytes, report } of forms) {
    await row('int8', `${formatBytes(bytes)}: ${recipeOf(quantization)}`);
    await row('', report === undefined ? "not measured; 'isovec quantize' does that" : mainFigures(report));
  }
  return 0;
}

function loadableRows(model: LoadableDescription): [key: string, value: string][] {
  const { normalized, similarity, prompts, defaultPromptName, space } = model;
  const list = Object.entries(prompts).map(([name, text]) => {
    const note = name === defaultPromptName ? ' (default)' : '';
    return `${name}${note}: ${JSON.stringify(text)}`;
  });
  return [
    ['architecture', model.architecture],
    ['dimensions', `${model.dimensions}${normalized ? ', normalised' : ''}`],
    ['max tokens', String(model.maxTokens)],
    ['pooling', model.pooling.join(' + ')],
    ['similarity', similarity],
    ['prompts', list.length === 0 ? 'none' : list.join('; ')],
    ['space', space.fingerprint],
  ];
}
