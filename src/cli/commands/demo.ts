import type { Command } from 'commander';
import type { CommandContext, CommandRunner } from '../command-context.js';
import type { ExitCode } from '../exit-codes.js';
import {
  addOutputFlags,
  addSourceFlags,
  addThreadsFlag,
  DEFAULT_MODEL,
  loadOptionsOf,
  type ModelFlags,
} from '../model-flags.js';
import { wrapText } from '../text/wrap-text.js';

/** Three themes, in an order that puts each theme's scores beside each other. */
const SENTENCES: readonly string[] = [
  'A cat sleeps on the sofa.',
  'The kitten naps on the couch.',
  '猫 means cat in Japanese.',
  'Bake the bread until golden.',
  'Dough needs flour and yeast.',
  'Knead it, then let it rise.',
  'Interest rates rose again.',
  'The bank raised its rates.',
];

const VALUES_SHOWN = 6;

/** Defines `isovec demo`. */
export function defineDemo(program: Command, run: CommandRunner): void {
  const command = program
    .command('demo')
    .summary('see it work')
    .description('Fetch a small model if it is not there yet, embed a few sentences and compare them.');
  addOutputFlags(addSourceFlags(addThreadsFlag(command)))
    .addHelpText('after', '\nExamples:\n  $ isovec demo\n  $ isovec demo --json\n')
    .action((flags: ModelFlags) => run(flags, (context) => demo(flags, context)));
}

async function demo(flags: ModelFlags, context: CommandContext): Promise<ExitCode> {
  const { loadModel } = await import('../../engine/load-model.js');
  const { similarityTable } = await import('../similarity-table.js');
  const { output, talk, columns, style, signal, json } = context;
  const say = async (text = ''): Promise<void> => {
    talk.clear();
    if (!json) await output.line(wrapText(text, columns));
  };
  await say(`Loading ${style.bold(DEFAULT_MODEL)}. The first time it is fetched (91 MB) and checked.`);
  const started = performance.now();
  const model = await loadModel(DEFAULT_MODEL, loadOptionsOf(flags, context));
  try {
    const loaded = performance.now();
    const { id, dimensions, origin, revision, threads, similarity } = model.info();
    await say(`Loaded in ${seconds(loaded - started)}: ${origin}, revision ${revision ?? 'none'}, ${threads} threads.`);
    const batch = await model.encodeBatch(SENTENCES, { signal });
    const embedded = seconds(performance.now() - loaded);
    const scores = model.similarity(batch, batch);
    if (json) {
      const vectors = batch.toArrays();
      const rows = SENTENCES.map((_, row) => [
        ...scores.data.subarray(row * scores.columns, (row + 1) * scores.columns),
      ]);
      await output.json({ model: id, revision: revision ?? null, dimensions, texts: SENTENCES, vectors, scores: rows });
      return 0;
    }
    const head = Array.from(batch.row(0).subarray(0, VALUES_SHOWN), (value) => value.toFixed(5)).join(', ');
    await say(`Embedded ${batch.count} sentences in ${embedded}: ${dimensions} dimensions each. The first begins`);
    await say(`[${head}, …]`);
    await say();
    await say('How alike they are (cosine; 1 is the same direction):');
    await say();
    const bounded = similarity === 'cosine';
    for (const line of similarityTable(SENTENCES, scores, { columns, style, bounded })) await output.line(line);
    await say();
    await say('Next:');
    for (const command of [
      'embed "any text"',
      'similarity "one text" "another text"',
      'validate',
      'doctor',
      '--help',
    ]) {
      await output.line(`  npx isovec ${command === 'validate' ? `validate ${DEFAULT_MODEL}` : command}`);
    }
    return 0;
  } finally {
    await model.close();
  }
}

function seconds(milliseconds: number): string {
  return milliseconds < 950 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
