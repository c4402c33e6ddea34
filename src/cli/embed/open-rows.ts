import process from 'node:process';
import type { RowSource, RowSourceOptions } from '../../files/rows/row-source.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { CommandContext } from '../command-context.js';
import type { EmbedFlags } from './embed-flags.js';

/** Flags that say which rows are read, and how. */
export type RowFlags = Pick<EmbedFlags, 'in' | 'inFormat' | 'column' | 'header' | 'maxRowBytes'>;

/** Whether rows are read from standard input. */
function isPipe(texts: readonly string[], flags: RowFlags): boolean {
  const named = flags.in ?? (texts.length === 0 || (texts.length === 1 && texts[0] === '-') ? '-' : undefined);
  return named === '-';
}

/** The file that rows are read from; undefined for a pipe and for texts of the command line. */
export function inputFile(flags: Pick<RowFlags, 'in'>): string | undefined {
  return flags.in === '-' ? undefined : flags.in;
}

/**
 * Opens what is to be embedded: texts of the command line, a file, or standard input. CONFIG_INVALID for both texts and
 * a file; INPUT_INVALID as every source.
 */
export async function openRows(
  texts: readonly string[],
  flags: RowFlags,
  keep: Pick<RowSourceOptions, 'keep' | 'typed'>,
  { signal, talk }: CommandContext,
): Promise<RowSource> {
  if (flags.in !== undefined && texts.length > 0) {
    throw new IsovecError('CONFIG_INVALID', 'There are texts and --in; give either texts or a file of them.');
  }
  const { openRowSource } = await import('../../files/rows/open-row-source.js');
  const options: RowSourceOptions = {
    column: flags.column,
    header: flags.header,
    maxRowBytes: flags.maxRowBytes,
    signal,
    ...keep,
  };
  const file = inputFile(flags);
  if (file !== undefined) return openRowSource({ file, format: flags.inFormat }, options);
  if (!isPipe(texts, flags)) return openRowSource({ texts, name: 'the command line' }, options);
  if (process.stdin.isTTY) talk.info('Reading texts from the terminal, one a line; Ctrl-D ends them.');
  return openRowSource({ stream: process.stdin, name: 'standard input', format: flags.inFormat }, options);
}

/** The columns that --keep asks for, where the output has columns. */
export function keptColumns({ keep }: EmbedFlags): RowSourceOptions['keep'] {
  if (keep === undefined || (keep.length === 1 && keep[0] === 'all')) return 'all';
  return keep.length === 1 && keep[0] === 'none' ? [] : keep;
}
