import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

import { onTestFinished } from 'vitest';
import { z } from 'zod';

const replySchema = z.object({
  vector: z.array(z.number()).optional(),
  floats: z.boolean().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
});

/** Starts child.mjs; it is ended after the test if it still runs. */
export function startChild(
  step: 'close' | 'close-early' | 'leave',
  folder: string,
  cache: string,
  {
    uid,
    home,
    dtype = 'float32',
  }: { readonly uid?: number | undefined; readonly home?: string; readonly dtype?: string } = {},
): ChildProcess {
  const script = path.join(import.meta.dirname, 'child.mjs');
  const child = spawn(process.execPath, [script, step, folder, cache, dtype], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid }),
    ...(home === undefined ? {} : { env: { PATH: process.env['PATH'], HOME: home } }),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** What a child wrote, once it has ended by itself. */
export async function childReply(child: ChildProcess): Promise<z.infer<typeof replySchema>> {
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the child ended with ${String(code)}: ${output}`);
  return replySchema.parse(JSON.parse(output));
}
