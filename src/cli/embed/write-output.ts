import { tmpdir } from 'node:os';
import process from 'node:process';
import type { Embedder } from '../../engine/embedder.js';
import type { EmbedWork } from '../../jobs/embed-job.js';
import { encoderFor } from '../../jobs/encoder-for.js';
import { identifyJob } from '../../jobs/job-identity.js';
import { streamRows } from '../../jobs/stream-rows.js';
import type { CommandContext } from '../command-context.js';
import { formatCount } from '../text/format-count.js';
import { EncodedWriter } from '../vectors/encoded-writer.js';
import { TableWriter } from '../vectors/table-writer.js';
import type { VectorWriter } from '../vectors/vector-writer.js';
import type { OutputFormat } from './embed-flags.js';
import { reportTruncation } from '../vectors/report-truncation.js';

/** Reasons of refused rows that are told one by one. */
const TOLD = 10;

/** Embeds the rows of some work to standard output as they come, and tells what became of them. */
export async function writeOutput(
  work: EmbedWork,
  shown: OutputFormat,
  model: Embedder,
  context: CommandContext,
): Promise<void> {
  const { output, style, columns, talk, signal } = context;
  const stream = streamRows(model, work, { signal, onProgress: talk.onProgress });
  const drain = async (writer: VectorWriter): Promise<void> => {
    for await (const { rows, vectors, refused } of stream.segments()) {
      context.timing.mark('first vector');
      for (const { refused: reason } of refused.slice(0, Math.max(0, TOLD - stream.tally.refused + refused.length))) {
        talk.warn(reason.message);
      }
      talk.clear();
      if (rows.length > 0) await writer.write({ rows, vectors });
    }
  };
  if (shown === 'table') {
    await drain(new TableWriter(output, identifyJob(model, work), style, columns));
  } else {
    const encoder = await encoderFor(work, identifyJob(model, work), []);
    const complete = (): ReturnType<typeof encoder.end> => encoder.end(stream.metadata(process.cwd()));
    if (shown === 'npy') {
      // The header says how many rows follow: on a pipe it can be written only after the last.
      const { TemporaryFile } = await import('../output/temporary-file.js');
      const file = await TemporaryFile.create(tmpdir());
      try {
        await drain(await EncodedWriter.begin(encoder, file));
        const { tail, head } = complete();
        await file.write(tail);
        if (head !== undefined) await file.overwriteStart(head);
        await file.copyTo(output);
      } finally {
        await file.discard();
      }
    } else {
      await drain(await EncodedWriter.begin(encoder, output));
      await output.write(complete().tail);
    }
  }
  context.timing.mark('printed');
  const { tally } = stream;
  const { rows, refused } = tally;
  if (refused > 0) {
    talk.warn(`${formatCount(refused)} of ${formatCount(rows + refused)} rows have no vector and were left out.`);
  }
  reportTruncation(tally, model.info().maxSequenceLength, talk);
}
