// One provider and lone requests one after another, in a process of its own:
// node requests-child.mjs PROVIDER MODEL COUNT WARM [PYTHON]. PROVIDER is what `loadModel` takes, "chain" (of the model in process)
// or "remote" (a server of isovec in a process of its own). With WARM "ready" it waits for `warmUp()` first, as a server does.
// Prints the time of the load and of each request, in milliseconds, as JSON.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const [kind, model, count, warm, python] = process.argv.slice(2);
const { createProvider } = await import('../../dist/index.js');
let server;
const begin = performance.now();
const provider = await createProvider(await optionsOf(kind));
if (warm === 'ready') await provider.warmUp();
const load = performance.now() - begin;
const requests = [];
for (let at = 0; at < Number(count); at++) {
  const started = performance.now();
  await provider.encode('how do I reset my password?');
  requests.push(performance.now() - started);
}
const warmUp = provider.info().timings?.warmUp ?? 0;
process.stdout.write(JSON.stringify({ load, warmUp, requests }));
await provider.close();
if (server !== undefined) {
  server.kill('SIGTERM');
  await once(server, 'exit');
}

async function optionsOf(kind) {
  if (kind === 'chain') return { kind, members: [{ kind: 'local', model }] };
  if (kind === 'remote') {
    const space = { model, dimensions: 384 };
    return { kind, protocol: 'openai', url: await startServer(), space };
  }
  return { kind: 'local', model, provider: kind, ...(python === undefined ? {} : { python }) };
}

/** Address of a server that is ready. */
async function startServer() {
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  const env = { ...process.env, ISOVEC_GRPC_PORT: '0' };
  server = spawn(process.execPath, [main, 'serve', model, '--port', '0', '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // The first line of its output is its address, once it is ready.
  process.once('exit', () => server.kill());
  const [line] = await once(createInterface({ input: server.stdout }), 'line');
  return `${JSON.parse(line).url}/v1`;
}
