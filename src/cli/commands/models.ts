import type { Command } from 'commander';
import { toIsovecError } from '../../shared/isovec-error.js';
import type { CommandContext, CommandRunner } from '../command-context.js';
import type { ExitCode } from '../exit-codes.js';
import { addOutputFlags, cacheRootOf, loadOptionsOf, type SourceFlags } from '../model-flags.js';
import type { LoadableDescription } from '../models-report.js';
import { fitName } from '../text/fit-text.js';
import { formatBytes } from '../text/format-bytes.js';
import { printableText } from '../text/printable-text.js';
import { wrapText } from '../text/wrap-text.js';

const LIST_EXAMPLES = `
Examples:
  $ isovec models list
  $ isovec models list --json | jq -r '.models[].id'
`;

const SHOW_EXAMPLES = `
Examples:
  $ isovec models show sentence-transformers/all-MiniLM-L6-v2
  $ isovec models show ./my-model --json
`;

const CACHE_FLAG = [
  '--cache <folder>',
  'folder of the cache (default: $ISOVEC_HOME, or isovec in the user cache)',
] as const;
const KEY_COLUMNS = 14;

/** Defines `isovec models list` and `isovec models show`. */
export function defineModels(program: Command, run: CommandRunner): void {
  const models = program
    .command('models')
    .summary('list and describe cached models')
    .description('List and describe cached models.');
  addOutputFlags(
    models
      .command('list')
      .description('List the models in the cache.')
      .option(...CACHE_FLAG),
  )
    .addHelpText('after', LIST_EXAMPLES)
    .action((flags: SourceFlags) => run(flags, (context) => list(flags, context)));
  const show = models
    .command('show')
    .description('Describe a model that is on this machine: files, origin, licence, and what it computes.')
    .argument('<model>', 'org/name[@revision], folder or wheel:PACKAGE==VERSION');
  addOutputFlags(show.option(...CACHE_FLAG))
    .addHelpText('after', SHOW_EXAMPLES)
    .action((model: string, flags: SourceFlags) => run(flags, (context) => describe(model, flags, context)));
}

async function list(flags: SourceFlags, context: CommandContext): Promise<ExitCode> {
  const { listSnapshots } = await import('../../models/cache/cached-snapshots.js');
  const { output, columns, style, talk } = context;
  const cache = cacheRootOf(flags, context);
  const snapshots = await listSnapshots(cache);
  if (context.json) {
    await output.json({ cache, models: snapshots });
    return 0;
  }
  for (const { id, revision, names, size, origin, createdAt } of snapshots) {
    const named = names.length === 0 ? '' : ` (${names.join(', ')})`;
    await output.line(style.bold(fitName(id, columns)));
    const facts = [formatBytes(size), origin, createdAt.slice(0, 10)].join(', ');
    await output.line(`  ${fitName(`${revision}${named}`, columns - 4 - facts.length)}, ${facts}`);
  }
  const total = snapshots.reduce((sum, { size }) => sum + size, 0);
  talk.info(`${snapshots.length} ${snapshots.length === 1 ? 'model' : 'models'}, ${formatBytes(total)}, in ${cache}`);
  return 0;
}

async function describe(model: string, flags: SourceFlags, context: CommandContext): Promise<ExitCode> {
  const { obtainFiles } = await import('../../engine/load-model.js');
  const { prepareModel } = await import('../../engine/prepare-model.js');
  const { describeFiles } = await import('../describe-files.js');
  const { describeFailure, describeRecord, licenceOf } = await import('../models-report.js');
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
  const { output, columns, style, talk } = context;
  talk.clear();
  if (context.json) {
    const { revision } = description;
    await output.json({ ...description, revision: revision ?? null, licence: licence ?? null, ...computes });
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
  for (const { name, size } of description.files) await row('', `${name}, ${formatBytes(size)}`);
  if (computes.loadable) for (const [key, value] of loadableRows(computes)) await row(key, value);
  else await row('loadable', `no: ${computes.error.message} [${computes.error.code}]`);
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
