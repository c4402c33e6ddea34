import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { z } from 'zod';

import { finished, start } from './command-line.js';

/** Starts `isovec serve` on a free port; gives its address as soon as it is printed. */
export async function serve(home: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const child = start(['serve', ...args, '--port', '0', '--json'], {
    environment: { ISOVEC_HOME: home, ...environment },
  });
  const end = finished(child);
  const ready = once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>;
  // A server that does not start says why; nobody waits for a line that never comes.
  const failed = end.then(({ code, stderr }) => {
    throw new Error(`isovec serve ended with ${String(code)}: ${stderr}`);
  });
  const [line] = await Promise.race([ready, failed]);
  failed.catch(() => undefined);
  const { url } = z.object({ event: z.literal('ready'), url: z.url() }).parse(JSON.parse(line));
  return { child, end, url };
}
