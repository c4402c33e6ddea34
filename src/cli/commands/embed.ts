import type { Command } from 'commander';
import type { CommandRunner } from '../command-context.js';
import { addEmbedFlags, type EmbedFlags } from '../embed/embed-flags.js';

const EXAMPLES = `
Examples:
  $ isovec embed "How do I reset my password?" "Opening hours"
  $ isovec embed --in texts.txt --out vectors.npy
  $ isovec embed --in articles.csv --column body --keep id,title \\
      --out vectors.parquet
  $ isovec embed --in rows.jsonl.gz --out vectors.parquet --on-error skip
  $ cat texts.txt | isovec embed --quiet | jq -c .vector
  $ isovec embed --query --model ./my-model "what is a vector"

A text file has a text a line: lines end with \\n or \\r\\n and are UTF-8; an empty
line is an empty text, which has a vector, too. Compressed files (gzip; zstd
where Node.js has it) are read as they are; .jsonl and .f32 are compressed when
their name ends in .gz or .zst.

A file of vectors appears when it is complete. Every few seconds of work become
durable: after an interruption, also a power cut, --resume goes on from there,
and the file is the same as without one. Beside it lie FILE.meta.json, which
says what the vectors are (Parquet holds that itself), and with --on-error skip
FILE.refused.jsonl, the rows without a vector and why.
`;

/** Defines `isovec embed`. */
export function defineEmbed(program: Command, run: CommandRunner): void {
  const command = program
    .command('embed')
    .summary('embed texts, or a file of them')
    .description(
      'Embed texts: the arguments, the rows of a file, or each line of standard input if there are none or only "-".',
    )
    .argument('[texts...]', 'texts');
  addEmbedFlags(command)
    .addHelpText('after', EXAMPLES)
    .action((texts: string[], flags: EmbedFlags) =>
      run(flags, async (context) => {
        const { out } = flags;
        if (out === undefined || out === '-') {
          const { embedToOutput } = await import('../embed/embed-to-output.js');
          await embedToOutput(texts, flags, context);
        } else {
          const { embedToFile } = await import('../embed/embed-to-file.js');
          await embedToFile(texts, { ...flags, out }, context);
        }
        return 0;
      }),
    );
}
