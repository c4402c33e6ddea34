import type { Command } from 'commander';
import type { CommandRunner } from '../command-context.js';
import { addOutputFlags, type SourceFlags } from '../model-flags.js';
import { parseDuration } from '../parse-duration.js';
import type { PruneFlags } from './models/prune.js';
import type { RemoveFlags } from './models/remove.js';

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

const VERIFY_EXAMPLES = `
Every file is read again and its SHA-256 compared; the exit status is 4 when
something is damaged. 'isovec pull MODEL' fetches the damaged files again.

Examples:
  $ isovec models verify
  $ isovec models verify sentence-transformers/all-MiniLM-L6-v2 --json
`;

const REMOVE_EXAMPLES = `
Nothing is asked. A model that a process has loaded stays, and so do the others
that were named, unless --force is given.

Examples:
  $ isovec models remove sentence-transformers/all-MiniLM-L6-v2
  $ isovec models remove org/name@v1.2 org/other --json
`;

const PRUNE_EXAMPLES = `
What nothing needs: leftovers, locks and leases of processes that are gone,
downloads interrupted more than a day ago, files of no model, models prepared
from files that are gone or changed, revisions that a branch has left behind,
environments of the bridge that were interrupted while they were installed.
What a process uses or works on stays.

Examples:
  $ isovec models prune --dry-run
  $ isovec models prune --unused-for 30d
`;

const PATH_EXAMPLES = `
Examples:
  $ du -sh "$(isovec models path)"
  $ ls "$(isovec models path sentence-transformers/all-MiniLM-L6-v2)"
`;

const CACHE_FLAG = [
  '--cache <folder>',
  'folder of the cache (default: $ISOVEC_HOME, or isovec in the user cache)',
] as const;
const MODEL_FORMS = 'org/name[@revision], folder or wheel:PACKAGE==VERSION';

/** Defines `isovec models` and its commands; the code of each is loaded when it runs. */
export function defineModels(program: Command, run: CommandRunner): void {
  const models = program
    .command('models')
    .summary('list, describe, check and remove cached models')
    .description('List, describe, check and remove cached models.');
  const define = (name: string, description: string, examples: string): Command =>
    addOutputFlags(
      models
        .command(name)
        .description(description)
        .option(...CACHE_FLAG),
    ).addHelpText('after', examples);
  define('list', "List the models in the cache, and those of Python's hub cache.", LIST_EXAMPLES).action(
    (flags: SourceFlags) =>
      run(flags, async (context) => (await import('./models/list.js')).listModels(flags, context)),
  );
  define(
    'show',
    'Describe a model that is on this machine: files, origin, licence, and what it computes.',
    SHOW_EXAMPLES,
  )
    .argument('<model>', MODEL_FORMS)
    .action((model: string, flags: SourceFlags) =>
      run(flags, async (context) => (await import('./models/show.js')).showModel(model, flags, context)),
    );
  define('verify', 'Check every file of cached models against its digest.', VERIFY_EXAMPLES)
    .argument('[models...]', 'org/name[@revision] or wheel:PACKAGE==VERSION (default: all)')
    .action((names: readonly string[], flags: SourceFlags) =>
      run(flags, async (context) => (await import('./models/verify.js')).verifyModels(names, flags, context)),
    );
  define('remove', 'Remove models from the cache, with everything that no other model uses.', REMOVE_EXAMPLES)
    .argument('<models...>', 'org/name[@revision] or wheel:PACKAGE==VERSION')
    .option('--force', 'remove models that a process has loaded, too')
    .action((names: readonly string[], flags: RemoveFlags) =>
      run(flags, async (context) => (await import('./models/remove.js')).removeModels(names, flags, context)),
    );
  define('prune', 'Remove from the cache what nothing needs.', PRUNE_EXAMPLES)
    .option('--unused-for <duration>', 'also models that were not used for so long: 12h, 30d, 8w', parseDuration)
    .option('--all-partial', 'also downloads that were interrupted within the last day')
    .option('--environments', "also the environments of 'isovec bridge install'")
    .option('--dry-run', 'say what would be removed, and remove nothing')
    .action((flags: PruneFlags) =>
      run(flags, async (context) => (await import('./models/prune.js')).pruneModels(flags, context)),
    );
  define('path', 'Print the folder of the cache, or of one model.', PATH_EXAMPLES)
    .argument('[model]', MODEL_FORMS)
    .action((model: string | undefined, flags: SourceFlags) =>
      run(flags, async (context) => (await import('./models/path.js')).printPath(model, flags, context)),
    );
}
