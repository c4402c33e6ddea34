import type { Transform } from 'node:stream';
import { ZstdFrameWalker } from './zstd-frame-walker.js';

/**
 * Decompresses frames of zstd that follow each other, as `cat a.zst b.zst` and parallel compressors write them. Node's
 * stream drops what follows the first frame whose end is not the end of a chunk, and in some versions takes a frame
 * that was cut short for a whole one; so each frame gets a stream of its own, and ends where its blocks say. Errors of
 * the source, the frames and the decompressor are thrown; those of the data have codes of zlib.
 */
export async function* decompressFrames(
  source: AsyncGenerator<Buffer, void, undefined>,
  create: () => Transform,
): AsyncGenerator<Buffer, void, undefined> {
  const walker = new ZstdFrameWalker();
  let rest: Buffer | undefined;
  for (;;) {
    let chunk = rest ?? (await nextChunk(source));
    if (chunk === undefined) return;
    const frame = create();
    const feed = async (): Promise<Buffer | undefined> => {
      for (; chunk !== undefined && !frame.destroyed; chunk = await nextChunk(source)) {
        const end = walker.push(chunk);
        await write(frame, chunk.subarray(0, end));
        if (end === undefined) continue;
        frame.end();
        return end < chunk.length ? chunk.subarray(end) : undefined;
      }
      walker.end();
      return undefined;
    };
    // A failure ends the loop below, which throws it.
    const feeding = feed().catch((error: unknown) => {
      frame.destroy(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    });
    for await (const data of frame) yield Buffer.from(data as Uint8Array);
    rest = await feeding;
  }
}

async function nextChunk(source: AsyncGenerator<Buffer, void, undefined>): Promise<Buffer | undefined> {
  const next = await source.next();
  return next.done === true ? undefined : next.value;
}

/** Resolves when the chunk was taken, also when the stream fails over it. */
function write(frame: Transform, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      frame.off('close', done);
      resolve();
    };
    frame.once('close', done);
    frame.write(chunk, done);
  });
}
