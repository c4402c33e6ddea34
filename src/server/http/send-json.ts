import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { jsonChunks } from './json-chunks.js';

/**
 * Answers with JSON in which a vector may be a Float32Array. A large answer is written chunk by chunk, as fast as its
 * reader takes it, and other requests have their turn in between: it delays nobody, and is never in memory as a whole.
 */
export function sendJson(reply: FastifyReply, answer: object): FastifyReply {
  reply.type('application/json; charset=utf-8');
  const chunks = jsonChunks(answer);
  const [first, second] = [chunks.next().value, chunks.next().value];
  if (first === undefined || second === undefined) return reply.send(first);
  return reply.send(Readable.from(inTurns([first, second], chunks)));
}

async function* inTurns(begun: readonly Buffer[], rest: Iterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  yield* begun;
  for (const chunk of rest) {
    await nextTurn();
    yield chunk;
  }
}
