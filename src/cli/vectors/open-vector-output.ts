import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CommandContext } from '../command-context.js';
import type { ByteSink } from '../output/byte-sink.js';
import { resolveOutputFile } from '../output/output-file.js';
import { TemporaryFile } from '../output/temporary-file.js';
import { PLAIN_STYLE } from '../text/style.js';
import { JsonLinesWriter } from './json-lines-writer.js';
import { NpyWriter } from './npy-writer.js';
import { TableWriter } from './table-writer.js';
import type { VectorLayout, VectorWriter } from './vector-writer.js';

/** Formats in which vectors are written. */
export type VectorFormat = 'table' | 'jsonl' | 'npy';

/** An open output: what writes to it, and how it is completed or given up. */
export interface VectorOutput {
  readonly writer: VectorWriter;
  /** Completes the output and makes a file visible. */
  finish(): Promise<void>;
  /** Gives up what is not finished. Idempotent. */
  discard(): Promise<void>;
}

/** Opens the output of vectors: a file that appears when it is complete, or standard output. */
export async function openVectorOutput(
  format: VectorFormat,
  out: string | undefined,
  layout: VectorLayout,
  context: CommandContext,
): Promise<VectorOutput> {
  const target = out === undefined ? undefined : await resolveOutputFile(out);
  if (target === undefined && format !== 'npy') {
    const writer = streamingWriter(format, context.output, layout, context);
    return { writer, finish: () => writer.end(), discard: () => Promise.resolve() };
  }
  // A .npy header says how many rows follow: on a pipe it can be written only after the last.
  const file = await TemporaryFile.create(target === undefined ? tmpdir() : path.dirname(target));
  try {
    const writer =
      format === 'npy' ? await NpyWriter.begin(file, layout) : streamingWriter(format, file, layout, context);
    const finish = async (): Promise<void> => {
      await writer.end();
      if (target === undefined) await file.copyTo(context.output);
      else await file.publish(target);
    };
    return { writer, finish, discard: () => file.discard() };
  } catch (error) {
    await file.discard();
    throw error;
  }
}

function streamingWriter(
  format: Exclude<VectorFormat, 'npy'>,
  sink: ByteSink,
  layout: VectorLayout,
  context: CommandContext,
): VectorWriter {
  if (format === 'jsonl') return new JsonLinesWriter(sink);
  return new TableWriter(sink, layout, sink === context.output ? context.style : PLAIN_STYLE, context.columns);
}
