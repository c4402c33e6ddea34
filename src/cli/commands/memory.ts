import { type Command, Option } from 'commander';
import type { CommandRunner } from '../command-context.js';
import { MEMORY_EXAMPLES, type MemoryCommand } from '../memory/command-examples.js';
import { addFilterFlags, sourceOption } from '../memory/filter-flags.js';
import {
  addMemoryModelFlags,
  addStoreFlags,
  dimensionOption,
  kindOption,
  levelOption,
  namedModel,
  repeatable,
  tagOption,
} from '../memory/memory-flags.js';
import type { MemoryModelFlags, StoreFlags } from '../memory/memory-flags.js';
import { parseMoment } from '../memory/parse-moment.js';
import { parseShare } from '../memory/parse-share.js';
import { addOutputFlags } from '../model-flags.js';
import { parseWholeNumber } from '../parse-whole-number.js';
import type { ConsolidateFlags } from './memory/consolidate.js';
import type { ExportFlags } from './memory/export.js';
import type { ForgetFlags } from './memory/forget.js';
import type { ListFlags } from './memory/list.js';
import type { LoadFlags } from './memory/load.js';
import type { RecallFlags } from './memory/recall.js';
import type { RememberFlags } from './memory/remember.js';

/** Memories of each group where nothing else is asked for: what fits on a screen or two. */
const DEFAULT_LIMIT = 5;

/** Defines `isovec memory` and its commands; the code of each is loaded when it runs. */
export function defineMemory(program: Command, run: CommandRunner): void {
  const memory = program
    .command('memory')
    .summary('remember texts, and recall them by what they mean')
    .description('Remember texts, Markdown files and git history, and recall them by what they mean.');
  const define = (name: MemoryCommand, description: string, summary: string): Command =>
    memory.command(name).summary(summary).description(description);
  /** The flags that all have, and the examples, which come last in the help. */
  const finish = (command: Command, name: MemoryCommand): Command =>
    addOutputFlags(addStoreFlags(command)).addHelpText('after', MEMORY_EXAMPLES[name]);
  const finishWithModel = (command: Command, name: MemoryCommand): Command =>
    addOutputFlags(addMemoryModelFlags(addStoreFlags(command))).addHelpText('after', MEMORY_EXAMPLES[name]);

  const remember = define(
    'remember',
    'Remember texts: the arguments, the rows of a file, or each line of standard input if there are none or only "-".',
    'remember texts',
  )
    .argument('[texts...]', 'texts')
    .option('-i, --in <file>', 'file of texts: .txt .jsonl .csv .tsv .parquet; - for a pipe')
    .option('--column <name>', 'column of the texts (default: "text", or the only one)')
    .addOption(tagOption('a word to find it by'))
    .addOption(levelOption('how general it is (default: episode)'))
    .addOption(kindOption('what happened, or what is known (default: episodic)'))
    .option('--importance <share>', 'how much it matters, 0 to 1 (default: 0.5)', parseShare)
    .option('--id <id>', 'its id (default: a new one)')
    .option('--source-at <when>', 'when it happened: a date, a time with its zone, or how long ago (7d)', parseMoment)
    .addOption(dimensionOption('a cognitive dimension, 0 to 1, in place of what is read from the text'));
  finishWithModel(remember, 'remember').action((texts: readonly string[], flags: RememberFlags) =>
    run(flags, async (context) =>
      (await import('./memory/remember.js')).rememberTexts(texts, flags, namedModel(remember), context),
    ),
  );

  const recall = define(
    'recall',
    'Recall what a query brings to mind: what answers it, what is near, and bridges to what is not.',
    'recall what a query brings to mind',
  )
    .argument('<query>', 'what to think of')
    .option('--limit <n>', 'most memories of each group', parseWholeNumber, DEFAULT_LIMIT)
    .addOption(dimensionOption('draws memories of a mood, time or setting nearer, 0 to 1'))
    .option('--no-touch', 'do not count this as an access');
  finishWithModel(addFilterFlags(recall), 'recall').action((query: string, flags: RecallFlags) =>
    run(flags, async (context) =>
      (await import('./memory/recall.js')).recallMemories(query, flags, namedModel(recall), context),
    ),
  );

  const load = define(
    'load',
    'Remember Markdown files, all of a folder, or the history of a git repository.',
    'remember Markdown files and git history',
  )
    .argument('[paths...]', 'Markdown files and folders')
    .addOption(repeatable('--git <repository>', 'a repository whose commits are remembered', (text) => text))
    .option('--commits <n>', 'most commits of a repository, the newest (default: 1000)', parseWholeNumber)
    .option('--dry-run', 'say what would change, and change nothing');
  finishWithModel(load, 'load').action((paths: readonly string[], flags: LoadFlags) =>
    run(flags, async (context) =>
      (await import('./memory/load.js')).loadMemories(paths, flags, namedModel(load), context),
    ),
  );

  const forget = define('forget', 'Forget memories by id, tag or source.', 'forget memories by id, tag or source')
    .argument('[ids...]', 'ids of memories')
    .addOption(tagOption('memories with this tag'))
    .addOption(new Option('--all-tags', 'with every --tag, not with any of them'))
    .addOption(sourceOption('memories of this source'))
    .option('--dry-run', 'say what would be forgotten, and forget nothing')
    .option('--yes', 'forget them');
  finish(forget, 'forget').action((ids: readonly string[], flags: ForgetFlags) =>
    run(flags, async (context) => (await import('./memory/forget.js')).forgetMemories(ids, flags, context)),
  );

  const status = define('status', 'Say what is remembered, where, and with which model.', 'say what is remembered');
  finish(status, 'status').action((flags: StoreFlags) =>
    run(flags, async (context) => (await import('./memory/status.js')).printStatus(flags, context)),
  );

  const list = define('list', 'List memories, in the order of their ids.', 'list memories').option(
    '--limit <n>',
    'at most so many',
    parseWholeNumber,
  );
  finish(addFilterFlags(list), 'list').action((flags: ListFlags) =>
    run(flags, async (context) => (await import('./memory/list.js')).listMemories(flags, context)),
  );

  const exporting = define('export', 'Write all memories with their vectors and connections.', 'write all memories')
    .option('-o, --out <file>', 'JSON lines (default: standard output)')
    .option('--force', 'replace what is there');
  finish(exporting, 'export').action((flags: ExportFlags) =>
    run(flags, async (context) => (await import('./memory/export.js')).exportMemories(flags, context)),
  );

  const importing = define('import', 'Read what export wrote.', 'read what export wrote').argument(
    '<file>',
    'JSON lines; - for a pipe',
  );
  finishWithModel(importing, 'import').action((file: string, flags: MemoryModelFlags) =>
    run(flags, async (context) =>
      (await import('./memory/import.js')).importMemories(file, flags, namedModel(importing), context),
    ),
  );

  const reindex = define('reindex', 'Make all vectors anew, with another model.', 'make all vectors anew');
  finishWithModel(reindex, 'reindex').action((flags: MemoryModelFlags) =>
    run(flags, async (context) =>
      (await import('./memory/reindex.js')).reindexMemories(flags, namedModel(reindex), context),
    ),
  );

  const backup = define('backup', 'Copy the file of memories as it is now.', 'copy the file of memories').argument(
    '<file>',
    'where nothing is yet',
  );
  finish(backup, 'backup').action((file: string, flags: StoreFlags) =>
    run(flags, async (context) => (await import('./memory/backup.js')).backupMemories(file, flags, context)),
  );

  const verify = define('verify', 'Look for damage in the file of memories.', 'look for damage');
  finish(verify, 'verify').action((flags: StoreFlags) =>
    run(flags, async (context) => (await import('./memory/verify.js')).verifyMemories(flags, context)),
  );

  const reconcile = define(
    'reconcile',
    'Make a Qdrant server hold exactly what the file holds.',
    'make Qdrant hold what the file holds',
  );
  finish(reconcile, 'reconcile').action((flags: StoreFlags) =>
    run(flags, async (context) => (await import('./memory/reconcile.js')).reconcileMemories(flags, context)),
  );

  const consolidate = define(
    'consolidate',
    'Make knowledge of what was recalled often.',
    'make knowledge of what was recalled often',
  ).option('--accesses <n>', 'recalls from which an episode is knowledge (default: 5)', parseWholeNumber);
  finish(consolidate, 'consolidate').action((flags: ConsolidateFlags) =>
    run(flags, async (context) => (await import('./memory/consolidate.js')).consolidateMemories(flags, context)),
  );
}
