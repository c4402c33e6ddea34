import path from 'node:path';
import type { Command } from 'commander';
import type { VectorFile } from '../../files/vectors/vector-file.js';
import type { NearDuplicates } from '../../search/group-near-duplicates.js';
import type { CommandContext, CommandRunner, OutputFlags } from '../command-context.js';
import type { ExitCode } from '../exit-codes.js';
import { addOutputFlags, addThreadsFlag } from '../model-flags.js';
import {
  addVectorFileFlags,
  openVectors,
  parseNumber,
  type VectorFileFlags,
} from '../vector-input/vector-file-flags.js';

interface DedupeFlags extends OutputFlags, VectorFileFlags {
  readonly threshold: number;
  readonly out?: string;
  readonly force?: boolean;
  readonly threads?: number;
  readonly maxMemory?: number;
}

/** Cosine above which texts say the same in other words, for most models. */
const DEFAULT_THRESHOLD = 0.95;

const GIGABYTE = 1e9;
/** Lines of an output that are written at a time. */
const LINES_AT_ONCE = 10_000;

const EXAMPLES = `
Two rows are in one group if a chain of pairs at or above the threshold leads
from one to the other. The first row of a group stands for it.

Examples:
  $ isovec dedupe --in vectors.npy
  $ isovec dedupe --in mails.parquet --threshold 0.98 --out duplicates.jsonl
`;

/** Defines `isovec dedupe`. */
export function defineDedupe(program: Command, run: CommandRunner): void {
  const command = program
    .command('dedupe')
    .summary('find near duplicates in a file of vectors')
    .description('Find groups of rows whose vectors are nearly the same. Exact: all pairs are compared.');
  addVectorFileFlags(command)
    .option('--threshold <cosine>', 'least cosine of near duplicates, up to 1', parseNumber, DEFAULT_THRESHOLD)
    .option('--out <file>', 'write a JSON line for each duplicate: row, representative, score')
    .option('--force', 'replace the output if it exists')
    .option('--max-memory <gigabytes>', 'most memory for the vectors (default: 4)', parseNumber);
  addOutputFlags(addThreadsFlag(command))
    .addHelpText('after', EXAMPLES)
    .action((flags: DedupeFlags) => run(flags, (context) => dedupe(flags, context)));
}

async function dedupe(flags: DedupeFlags, context: CommandContext): Promise<ExitCode> {
  const { threshold, threads, maxMemory } = flags;
  const { signal, talk } = context;
  const out = flags.out === undefined ? undefined : await checkedOutput(flags.out, flags.force === true);
  const { groupNearDuplicates } = await import('../../search/group-near-duplicates.js');
  const file = await openVectors(flags, context);
  try {
    const found = await groupNearDuplicates(file, {
      threshold,
      threads,
      maxBytes: maxMemory === undefined ? undefined : maxMemory * GIGABYTE,
      signal,
      onProgress: talk.onProgress,
      logger: talk,
    });
    context.timing.mark('compared');
    if (out !== undefined) await writeDuplicates(found, out);
    await print(found, file, flags, context);
    return 0;
  } finally {
    await file.close();
  }
}

async function checkedOutput(name: string, force: boolean): Promise<string> {
  const { resolveOutputFile } = await import('../../jobs/output-file.js');
  const { exists } = await import('../../jobs/job-output.js');
  const target = await resolveOutputFile(name);
  if (force || !(await exists(target))) return target;
  const { IsovecError } = await import('../../shared/isovec-error.js');
  throw new IsovecError('CONFIG_INVALID', `${name} exists already. Replace it with --force, or choose another name.`, {
    data: { file: name },
  });
}

async function writeDuplicates({ groups }: NearDuplicates, target: string): Promise<void> {
  const { TemporaryFile } = await import('../output/temporary-file.js');
  const lines = groups
    .flatMap(({ representative, duplicates }) =>
      duplicates.map(({ index, score }) => ({ row: index + 1, representative: representative + 1, score })),
    )
    .sort((a, b) => a.row - b.row);
  const file = await TemporaryFile.create(path.dirname(target));
  try {
    for (let begin = 0; begin < lines.length; begin += LINES_AT_ONCE) {
      const part = lines.slice(begin, begin + LINES_AT_ONCE).map((line) => `${JSON.stringify(line)}\n`);
      await file.write(part.join(''));
    }
    await file.publish(target);
  } finally {
    await file.discard();
  }
}

async function print(
  found: NearDuplicates,
  file: VectorFile,
  { threshold, out }: DedupeFlags,
  { json, output, talk, style, columns, signal }: CommandContext,
): Promise<void> {
  const { duplicateCount, duplicateList, shownIndices } = await import('../vector-input/duplicate-list.js');
  const { rows, groups } = found;
  talk.clear();
  if (json) {
    const duplicates = duplicateCount(found);
    await output.json({
      file: file.name,
      threshold,
      rows,
      duplicates,
      remaining: rows - duplicates,
      groups: groups.map((group) => ({
        representative: group.representative + 1,
        duplicates: group.duplicates.map(({ index, score }) => ({ row: index + 1, score })),
      })),
    });
  } else {
    const records = await file.records(shownIndices(found), signal);
    const textOf = (index: number): string | undefined => records.get(index)?.text;
    for (const line of duplicateList(found, { threshold, columns, style, textOf })) await output.line(line);
  }
  if (out !== undefined) talk.info(`${duplicateCount(found)} lines were written to ${out}.`);
}
