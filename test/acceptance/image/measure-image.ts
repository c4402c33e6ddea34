import { markdownTable } from '../../../scripts/image/size-table.js';
import { IMAGE_PATHS } from '../../../scripts/image/image-contents.js';
import { embed, startContained } from './accept-server.js';
import { ContainedProcess, type Container } from './contained-process.js';

const PARALLEL = 8;
const TEXTS = 64;
const LOAD_MILLISECONDS = 5000;

/** What a variant takes to start, and its memory. */
interface Measurement {
  /** Milliseconds until it was ready. */
  readonly start: number;
  /** Milliseconds of processor time until then. */
  readonly processor: number;
  /** Resident bytes then. */
  readonly ready: number;
}

/**
 * Times from the start of a process in its container to its first line, interleaved with a Node that prints a digit, and memory
 * when ready and under load, as Markdown. Nothing is judged.
 */
export async function measureImages(
  containers: ReadonlyMap<string, Container>,
  entrypoint: readonly string[],
  rounds: number,
): Promise<string> {
  const plain: number[] = [];
  const measured = new Map<string, Measurement[]>([...containers.keys()].map((name) => [name, []]));
  const [first] = containers.values();
  if (first === undefined) throw new Error('There is no container to measure.');
  for (let round = 0; round < rounds; round++) {
    plain.push(await timeOfNode(first));
    for (const [name, container] of containers) measured.get(name)?.push(await timeOfServer(container, entrypoint));
  }
  const node = median(plain);
  const rows: string[][] = [
    ['image', 'ready, ms', 'of plain Node', 'processor, ms', 'memory at ready, MB', 'under load, MB', 'most, MB'],
    ['Node alone, printing a digit', node.toFixed(0), '1.0', '', '', '', ''],
  ];
  for (const [name, container] of containers) {
    const times = measured.get(name) ?? [];
    const start = median(times.map((one) => one.start));
    const load = await memoryUnderLoad(container, entrypoint);
    rows.push([
      name,
      start.toFixed(0),
      (start / node).toFixed(1),
      median(times.map(({ processor }) => processor)).toFixed(0),
      megabytes(median(times.map(({ ready }) => ready))),
      megabytes(load.now),
      megabytes(load.most),
    ]);
  }
  return `${markdownTable(rows)}\n\nMedians of ${rounds} interleaved starts; load: ${PARALLEL} requests of ${TEXTS} texts at a time.`;
}

async function timeOfNode(container: Container): Promise<number> {
  const started = performance.now();
  const node = new ContainedProcess(container, [IMAGE_PATHS.node, '--eval', 'console.log(0)']);
  await node.firstLine();
  const time = performance.now() - started;
  await node.ended;
  return time;
}

async function timeOfServer(container: Container, entrypoint: readonly string[]): Promise<Measurement> {
  const started = performance.now();
  const { process: server } = await startContained(container, entrypoint);
  const start = performance.now() - started;
  const ready = server.memory().now;
  const processor = server.processorTime();
  server.signal('SIGTERM');
  await server.ended;
  return { start, processor, ready };
}

async function memoryUnderLoad(
  container: Container,
  entrypoint: readonly string[],
): Promise<{ readonly now: number; readonly most: number }> {
  const { process: server, url } = await startContained(container, entrypoint);
  const until = performance.now() + LOAD_MILLISECONDS;
  const client = async (number: number): Promise<void> => {
    for (let turn = 0; performance.now() < until; turn++) {
      const words = 'a text of some length about harbours, trains and the weather '.repeat(1 + (turn % 4));
      await embed(
        url,
        Array.from({ length: TEXTS }, (_, at) => `${number} ${turn} ${at} ${words}`),
      );
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, (_, number) => client(number)));
  const memory = server.memory();
  server.signal('SIGTERM');
  await server.ended;
  return memory;
}

function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
