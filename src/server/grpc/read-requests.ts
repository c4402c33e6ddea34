import type { ServerReadableStream } from '@grpc/grpc-js';

/**
 * The requests of a stream, read as they are asked for. The stream's own iterator would close it when the last request
 * has come, or when an error is to be answered: before the answers are sent.
 */
export async function* readRequests<T>(stream: ServerReadableStream<T, unknown>): AsyncGenerator<T, void, void> {
  for (;;) {
    const request = stream.read() as T | null;
    if (request !== null) yield request;
    else if (stream.readableEnded || stream.destroyed) return;
    else await change(stream);
  }
}

async function change(stream: ServerReadableStream<unknown, unknown>): Promise<void> {
  const events = ['readable', 'end', 'close'];
  await new Promise<void>((resolve) => {
    const go = (): void => {
      for (const event of events) stream.off(event, go);
      resolve();
    };
    for (const event of events) stream.on(event, go);
  });
}
