import { base64ToFloat32 } from '#src/vector/index.js';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

import { type Reply } from '../../../benchmarks/server/http-client.js';
import { type ServingOptions, serveModel, type ServingProcess } from '../../../benchmarks/server/serving-process.js';
import { temporaryFolder, tinyFolder } from '../../engine/support/tiny-model.js';

export const TINY: string = tinyFolder('bert-mean');

/** `isovec serve` with a tiny model in a process of its own; it is ended after the test. */
export async function servedTiny(options: ServingOptions = {}): Promise<ServingProcess> {
  const environment = {
    ISOVEC_HOME: await temporaryFolder(),
    ISOVEC_GRPC_PORT: '0',
    ...options.environment,
  };
  const server = await serveModel(TINY, { ...options, environment });
  onTestFinished(() => {
    server.child.kill('SIGKILL');
  });
  return server;
}

const number = z.number().transform(Math.fround);
const answer = z.union([
  z.object({ embeddings: z.array(z.array(number)) }).transform(({ embeddings }) => embeddings),
  z
    .object({ data: z.array(z.object({ embedding: z.union([z.array(number), z.string()]) })) })
    .transform(({ data }) => data.map(({ embedding }) => embedding)),
  z.array(z.array(number)),
]);

/** The vectors of an answer in any of the three shapes. */
export function vectorsOf({ body }: Reply): Float32Array[] {
  return answer
    .parse(JSON.parse(body.toString()))
    .map((row) => (typeof row === 'string' ? base64ToFloat32(row) : Float32Array.from(row)));
}

/** Whether two lists of vectors are the same, bit for bit. */
export function sameVectors(left: readonly Float32Array[], right: readonly Float32Array[]): boolean {
  return left.length === right.length && left.every((row, i) => sameBytes(row, right[i] ?? new Float32Array()));
}

function sameBytes(left: Float32Array, right: Float32Array): boolean {
  const bytes = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
    Buffer.from(buffer, byteOffset, byteLength);
  return bytes(left).equals(bytes(right));
}
