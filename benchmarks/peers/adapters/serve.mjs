// The child's side of the protocol of ../contestant-process.ts: a request is one line of JSON on standard input, the
// answer one line on standard output that begins with {"answer". Whatever else a library prints there is passed over.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** How often the event loop is looked at, in milliseconds; subtracted from what was found. */
const RESOLUTION = 2;

/**
 * Serves one contestant: `load(options)` gives an object with `embed(texts)`, which resolves to rows (Float32Array or
 * number[]) or to one flat Float32Array; and, where there is such a thing, `embedOne(text)` for a lone query,
 * `tokenIds(texts)`, `versions`, `close()`.
 */
export function serve(load) {
  let peer;
  const operations = {
    async load({ options }) {
      const started = performance.now();
      peer = await load(options);
      return { milliseconds: performance.now() - started, versions: { node: process.versions.node, ...peer.versions } };
    },
    async run({ texts }) {
      const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
      delay.enable();
      await sleep(2 * RESOLUTION);
      delay.reset();
      const started = performance.now();
      await peer.embed(texts);
      const seconds = (performance.now() - started) / 1000;
      // A block that lasted to the end is seen only by the timer after it.
      await sleep(2 * RESOLUTION);
      delay.disable();
      return { seconds, longestBlock: Math.max(0, delay.max / 1e6 - RESOLUTION) };
    },
    async query({ text, count, seconds }) {
      const embedOne = peer.embedOne ?? ((one) => peer.embed([one]));
      const milliseconds = [];
      const end = performance.now() + seconds * 1000;
      while (milliseconds.length < count && performance.now() < end) {
        const started = performance.now();
        await embedOne(text);
        milliseconds.push(performance.now() - started);
      }
      return { milliseconds };
    },
    async vectors({ texts }) {
      const answer = await peer.embed(texts);
      const flat = answer instanceof Float32Array ? answer : Float32Array.from(answer.flatMap((row) => [...row]));
      const bytes = Buffer.from(flat.buffer, flat.byteOffset, flat.byteLength);
      return { base64: bytes.toString('base64'), dimensions: flat.length / texts.length };
    },
    async tokenIds({ texts }) {
      return { ids: peer.tokenIds === undefined ? null : await peer.tokenIds(texts) };
    },
    memory() {
      return { peakBytes: process.resourceUsage().maxRSS * 1024, bytes: process.memoryUsage.rss() };
    },
    async quit() {
      await peer?.close?.();
      return {};
    },
  };
  void answerLines(operations);
}

async function answerLines(operations) {
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    let outcome;
    try {
      outcome = { answer: await operations[request.operation](request) };
    } catch (error) {
      outcome = { answer: null, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    // The line break before it ends whatever a library began to print.
    await new Promise((resolve) => process.stdout.write(`\n${JSON.stringify(outcome)}\n`, resolve));
    if (request.operation === 'quit') process.exit(0);
  }
}

/** Gives `embed` lists of at most `size` texts, one after another, and joins the rows. */
export async function inBatches(texts, size, embed) {
  const rows = [];
  for (let begin = 0; begin < texts.length; begin += size) {
    rows.push(...(await embed(texts.slice(begin, begin + size))));
  }
  return rows;
}

/** The same with texts of about equal length together, as their author would sort them by hand; rows in input order. */
export async function inSortedBatches(texts, size, embed, lengthOf = (text) => text.length) {
  const order = texts.map((text, index) => [lengthOf(text), index]).sort(([left], [right]) => left - right);
  const sorted = await inBatches(
    order.map(([, index]) => texts[index]),
    size,
    embed,
  );
  const rows = new Array(texts.length);
  for (const [at, [, index]] of order.entries()) rows[index] = sorted[at];
  return rows;
}

/** The rows of a flat array, as views. */
export function rowsOf(flat, count) {
  const width = flat.length / count;
  return Array.from({ length: count }, (_, row) => flat.subarray(row * width, (row + 1) * width));
}

/** Imports a package from the folder that `npm install` filled for a contestant. */
export async function importFrom(folder, name) {
  const { createRequire } = await import('node:module');
  const { pathToFileURL } = await import('node:url');
  const path = await import('node:path');
  const { readFile } = await import('node:fs/promises');
  const root = path.join(folder, 'node_modules', name);
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const entry = esmEntry(manifest) ?? createRequire(path.join(folder, 'package.json')).resolve(name);
  const module = await import(pathToFileURL(path.resolve(root, entry)).href);
  return {
    library: module.default !== undefined && Object.keys(module).length === 1 ? module.default : module,
    version: manifest.version,
  };
}

/** What `import` takes where a package has separate builds. */
function esmEntry({ exports }) {
  let entry = exports?.['.'] ?? exports;
  for (const key of ['node', 'import', 'default']) {
    if (typeof entry === 'object' && entry !== null && key in entry) entry = entry[key];
  }
  return typeof entry === 'string' ? entry : undefined;
}
