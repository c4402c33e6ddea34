import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '#src/bench/seeded-random.js';
import { isIsovecError, loadModel } from '#src/index.js';
import { expect, it, onTestFinished } from 'vitest';

import { temporaryFolder, tinyFolder } from '../../engine/support/tiny-model.js';
import { bridgeChildren, isAlive } from './support/bridge-children.js';

/** `npm run test:kills` asks for more. */
const KILLS = Number(process.env['ISOVEC_BRIDGE_KILLS'] ?? 6);
const CALLERS = 4;
const DEADLINE_MILLISECONDS = 20_000;
const TEXTS = Array.from({ length: 400 }, (_, i) => `text ${i}${' of the river'.repeat(i % 7)}`);

it.runIf(process.platform === 'linux')(
  `${KILLS} kills of the child under load lose nothing but time`,
  { timeout: 60_000 + KILLS * 10_000 },
  async () => {
    const model = await loadModel(tinyFolder('bert-mean'), {
      provider: 'python/echo',
      cache: await temporaryFolder(),
    });
    onTestFinished(() => model.close());
    const expected = [...(await model.encodeBatch(TEXTS))];
    const random = seededRandom(11);
    const outcomes = { right: 0, retryable: 0, other: [] as string[] };
    let killing = true;
    const caller = async (): Promise<void> => {
      while (killing) {
        const from = Math.floor(random() * 300);
        const begun = Date.now();
        try {
          const deadline = begun + DEADLINE_MILLISECONDS;
          const batch = await model.encodeBatch(TEXTS.slice(from, from + 60), { deadline });
          const isRight = [...batch].every((row, i) => row.every((value, j) => value === expected[from + i]?.[j]));
          if (isRight) outcomes.right++;
          else outcomes.other.push('wrong vectors');
        } catch (error) {
          if (isIsovecError(error) && error.retryable) outcomes.retryable++;
          else outcomes.other.push(String(error));
        }
        if (Date.now() - begun > DEADLINE_MILLISECONDS + 2000) outcomes.other.push('an answer after its deadline');
      }
    };
    const callers = Array.from({ length: CALLERS }, caller);
    const resident: number[] = [];
    for (let kill = 0; kill < KILLS;) {
      // Some while it starts, most while it works.
      await sleep(random() * 1000);
      const [pid] = bridgeChildren(process.pid);
      if (pid === undefined) continue;
      process.kill(pid, 'SIGKILL');
      kill++;
      resident.push(process.memoryUsage.rss() / 2 ** 20);
      await expect.poll(() => isAlive(pid), { timeout: 10_000, interval: 20 }).toBe(false);
    }
    killing = false;
    await Promise.all(callers);
    process.stdout.write(
      `${KILLS} kills: ${outcomes.right} right answers, ${outcomes.retryable} to be asked again; resident memory of the parent, a sixth of the kills each: ${sixths(resident).join(', ')} MiB\n`,
    );
    expect(outcomes.other).toEqual([]);
    expect(outcomes.right).toBeGreaterThan(0);
    // While several in a row were killed as they started, work is refused.
    const again = async (): Promise<Float32Array[]> => [...(await model.encodeBatch(TEXTS))];
    await expect.poll(() => again().catch(() => []), { timeout: 30_000 }).toEqual(expected);
    await expect.poll(() => bridgeChildren(process.pid).length).toBe(1);
    await model.close();
    await expect.poll(() => bridgeChildren(process.pid)).toEqual([]);
  },
);

/** Medians of six parts, in order. */
function sixths(values: readonly number[]): string[] {
  return Array.from({ length: 6 }, (_, i) => {
    const part = values.slice((i * values.length) / 6, ((i + 1) * values.length) / 6).toSorted((a, b) => a - b);
    return (part[part.length >> 1] ?? NaN).toFixed(0);
  });
}

it.runIf(process.platform === 'linux')('a child ends when its parent is killed', async () => {
  const program = `
    const { loadModel } = await import(process.argv[1]);
    await loadModel(process.argv[2], { provider: 'python/echo', cache: process.argv[3] });
    console.log('ready');
    setInterval(() => undefined, 1000);`;
  const index = new URL('../../../dist/index.js', import.meta.url).href;
  const args = ['--input-type=module', '-e', program, index, tinyFolder('bert-mean'), await temporaryFolder()];
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    parent.kill('SIGKILL');
  });
  await once(parent.stdout, 'data');
  const [child = 0] = bridgeChildren(parent.pid ?? 0);
  expect(child).toBeGreaterThan(0);
  parent.kill('SIGKILL');
  await expect.poll(() => isAlive(child), { timeout: 5000 }).toBe(false);
});
