import { openRows, type RowFlags } from '../../embed/open-rows.js';
import type { MemoryInput } from '../../../memory/memory-input.js';
import type { MemoryKind } from '../../../memory/memory-record.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import {
  type LevelName,
  levelOf,
  type MemoryModelFlags,
  type NamedModel,
  profileOfFlags,
} from '../../memory/memory-flags.js';
import { storePlaceOf } from '../../memory/store-place.js';
import { useMemory } from '../../memory/use-memory.js';
import { FEW_TEXTS } from '../../model-flags.js';

/** Flags of `isovec memory remember`. */
export interface RememberFlags extends MemoryModelFlags, Pick<RowFlags, 'in' | 'inFormat' | 'column'> {
  readonly id?: string;
  readonly tag: readonly string[];
  readonly level?: LevelName;
  readonly kind?: MemoryKind;
  readonly importance?: number;
  readonly dimension: readonly string[];
  readonly sourceAt?: number;
}

/** Bytes of a row: more than a content may have, so that it is the memory that says so. */
const MAX_ROW_BYTES = 1024 * 1024;

/** `isovec memory remember` */
export async function rememberTexts(
  texts: readonly string[],
  flags: RememberFlags,
  named: NamedModel,
  context: CommandContext,
): Promise<ExitCode> {
  const fields = fieldsOf(flags);
  const contents = await readContents(texts, flags, context);
  if (flags.id !== undefined && contents.length > 1) {
    throw new IsovecError('CONFIG_INVALID', `--id is that of one memory, and there are ${contents.length} texts.`);
  }
  const inputs = contents.map((content) => ({ ...fields, content }));
  const needs = { named, create: true, fewTexts: inputs.length <= FEW_TEXTS };
  const { signal, talk } = context;
  const records = await useMemory(flags, needs, context, (memory) =>
    memory.remember(inputs, { signal, onProgress: talk.onProgress }),
  );
  talk.clear();
  const ids = records.map(({ id }) => id);
  if (context.json) await context.output.json({ store: storePlaceOf(flags, context).name, ids });
  else for (const id of ids) await context.output.line(id);
  return 0;
}

/** The texts, without blank lines: they part notes, and are none. INPUT_INVALID for the first row that cannot be read. */
async function readContents(
  texts: readonly string[],
  flags: RememberFlags,
  context: CommandContext,
): Promise<readonly string[]> {
  const rows = await openRows(texts, { ...flags, header: true, maxRowBytes: MAX_ROW_BYTES }, { keep: [] }, context);
  const contents: string[] = [];
  try {
    for await (const run of rows.rows()) {
      for (const row of run) {
        if ('refused' in row) throw row.refused;
        if (row.text.trim() !== '') contents.push(row.text);
      }
    }
  } finally {
    await rows.close();
  }
  if (contents.length === 0) throw new IsovecError('INPUT_INVALID', `${rows.name} holds no text to remember.`);
  return contents;
}

function fieldsOf({
  id,
  tag,
  level,
  kind,
  importance,
  dimension,
  sourceAt,
}: RememberFlags): Omit<MemoryInput, 'content'> {
  return {
    tags: tag,
    dimensions: profileOfFlags(dimension),
    ...(id === undefined ? {} : { id }),
    ...(level === undefined ? {} : { level: levelOf(level) }),
    ...(kind === undefined ? {} : { kind }),
    ...(importance === undefined ? {} : { importance }),
    ...(sourceAt === undefined ? {} : { sourceAt }),
  };
}
