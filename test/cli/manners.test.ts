import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { finished, jsonLines, MAIN, run, start, temporaryFolder, tinyModel } from './command-line.js';

const { folder: model } = tinyModel('bert-mean');

let home: Awaited<ReturnType<typeof temporaryFolder>>;
let environment: Readonly<Record<string, string>>;
beforeAll(async () => {
  home = await temporaryFolder();
  environment = { ISOVEC_HOME: path.join(home.path, 'cache') };
});
afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

describe('events', () => {
  const lines = 'a text\n'.repeat(600);

  it('of --json are one object a line on standard error, and results stay on standard output', async () => {
    const long = `${'many words '.repeat(100)}\n`;
    const { code, text, stderr } = await run(['embed', '--model', model, '--json'], {
      input: lines + long,
      environment,
    });
    expect([code, jsonLines(text).length]).toEqual([0, 601]);
    const events = jsonLines(stderr);
    const progress = events.filter(({ event }) => event === 'progress');
    expect(progress).toEqual(
      expect.arrayContaining([expect.objectContaining({ phase: 'load', unit: 'steps', done: 1 })]),
    );
    expect(progress.filter(({ phase }) => phase === 'embed').at(-1)).toMatchObject({ done: 601 });
    const rest = events.filter(({ event }) => event !== 'progress');
    expect(rest).toMatchObject([{ event: 'warning', message: expect.stringContaining('1 of 601 texts') as string }]);
  });

  it('are notices, too, and --quiet leaves both out but no warnings', async () => {
    const empty = await run(['embed', '--model', model, '--json'], { environment });
    expect(jsonLines(empty.stderr)).toContainEqual({ event: 'notice', message: 'There were no texts.' });
    const input = `${'many words '.repeat(100)}\n`;
    const quiet = await run(['embed', '--model', model, '--json', '--quiet'], { input, environment });
    expect(jsonLines(quiet.stderr)).toMatchObject([{ event: 'warning' }]);
  });

  it('end with the error', async () => {
    const { code, stderr } = await run(['embed', '--model', model, '--json', '--prompt-name', 'none', 'x'], {
      environment,
    });
    expect(code).toBe(2);
    expect(jsonLines(stderr).at(-1)).toMatchObject({ error: { code: 'CONFIG_INVALID' } });
  });
});

describe('--timing', () => {
  it('says where the time went, from the start of the process to the end', async () => {
    const args = ['similarity', '--model', model, '--timing', '--quiet', 'one', 'two'];
    const { code, stderr } = await run([...args, '--json'], { environment });
    expect(code).toBe(0);
    const [{ event, steps, total } = {}] = jsonLines(stderr);
    expect(event).toBe('timing');
    const list = steps as { name: string; milliseconds: number; at: number; parts: Record<string, number> }[];
    expect(list.map(({ name }) => name)).toEqual([
      'command line read',
      'model loaded',
      'first vector',
      'everything done',
    ]);
    expect(list.at(-1)?.at).toBe(total);
    const sum = list.reduce((time, { milliseconds }) => time + milliseconds, 0);
    expect(sum).toBeCloseTo(Number(total), 1);
    expect(list.every(({ milliseconds }) => milliseconds >= 0)).toBe(true);
    expect(Object.keys(list[1]?.parts ?? {})).toEqual(expect.arrayContaining(['obtain', 'prepare', 'tokenizer']));
    const table = await run(args, { environment });
    expect(table.stderr).toMatch(/^step +took +over at\ncommand line read +[\d.]+ ms +[\d.]+ ms\n/);
    expect(table.stderr).toMatch(/^ {2}tokenizer +[\d.]+ ms$/m);
  });

  it('works for every command, and tells nothing where it is not asked for', async () => {
    for (const args of [
      ['pull', model],
      ['models', 'list'],
      ['validate', model, '--scenarios'],
    ]) {
      const { stderr } = await run([...args, '--timing', '--quiet'], { environment });
      expect(stderr, args.join(' ')).toContain('everything done');
      expect((await run([...args, '--quiet'], { environment })).stderr).toBe('');
    }
  });
});

describe('a reader that is gone', () => {
  it.each([
    [['--help']],
    [['embed', '--help']],
    [['embed', '--model', model, '-q', 'one', 'two']],
    [['similarity', '--model', model, '-q', 'one', 'two']],
    [['pull', model, '-q']],
    [['validate', model, '-q']],
    [['models', 'show', model, '-q']],
    [['doctor', '-q']],
    [['completion', 'bash']],
  ])('ends %j quietly', async (args) => {
    const child = start(args, { environment });
    child.stdout.destroy();
    child.stdin.end();
    const { code, signal, stderr } = await finished(child);
    expect([code, signal, stderr]).toEqual([0, null, '']);
  });

  it('of the messages does not stop the work', async () => {
    const child = start(['embed', '--model', model, '--json', 'one'], { environment });
    child.stderr.destroy();
    child.stdin.end();
    const { code, text } = await finished(child);
    expect([code, jsonLines(text).length]).toEqual([0, 1]);
  });

  it('is the end of a pipe of a shell, too', async () => {
    const command = `"${process.execPath}" "${MAIN}" completion zsh | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command]);
    expect([stdout, stderr]).toEqual(['#compdef isovec\n0\n', '']);
  });
});

/** A hub that takes every request and never answers; gives its address once it was asked. */
async function silentHub(): Promise<{ readonly address: string; readonly asked: Promise<unknown> } & AsyncDisposable> {
  const server = createServer();
  const asked = once(server, 'request');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('Ctrl-C', () => {
  it.each([
    [['pull', 'some/model']],
    [['convert', 'some/model', '--out', 'converted']],
    [['validate', 'some/model', '--markdown', 'report.md']],
    [['embed', '--model', 'some/model', '--out', 'vectors.npy', 'a text']],
  ])('ends %j while it waits for a model, and leaves nothing half-written', async (args) => {
    await using folder = await temporaryFolder();
    await using hub = await silentHub();
    const child = start([...args, '--json', '--quiet'], {
      cwd: folder.path,
      environment: { ISOVEC_HOME: path.join(folder.path, 'cache'), ISOVEC_OFFLINE: '', HF_ENDPOINT: hub.address },
    });
    const end = finished(child);
    await hub.asked;
    child.kill('SIGINT');
    const { code, signal, text, stderr } = await end;
    expect([code, signal, text]).toEqual([130, null, '']);
    expect(jsonLines(stderr)).toMatchObject([{ error: { code: 'ABORTED' } }]);
    expect((await readdir(folder.path)).filter((name) => name !== 'cache')).toEqual([]);
  });

  it.each([
    ['convert', ['convert', model, '--out', 'result'], 'result'],
    ['validate', ['validate', model, '--reference', '--markdown', 'result'], 'result'],
  ])('at some moment of %s leaves the whole result or none', async (_, args, result) => {
    await using folder = await temporaryFolder();
    for (const delay of [0, 40, 80, 160, 240]) {
      const child = start([...args, '--json'], { cwd: folder.path, environment });
      const end = finished(child);
      // The signal is caught from the first event on.
      child.stderr.once('data', () => setTimeout(() => child.kill('SIGINT'), delay));
      const { code, signal } = await end;
      const found = (await readdir(folder.path)).includes(result);
      expect((await readdir(folder.path)).filter((name) => name !== result)).toEqual([]);
      if (code === 0) expect(found).toBe(true);
      else expect([130, 'SIGINT']).toContain(code ?? signal);
      if (found) break;
    }
  });

  it('ends an embedding that waits for its input', async () => {
    const child = start(['embed', '--model', model, '--json'], { environment });
    const end = finished(child);
    child.stdin.write('a first text\n');
    child.stderr.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('"phase":"load"')) child.kill('SIGINT');
    });
    const { code, signal } = await end;
    expect([130, 'SIGINT']).toContain(code ?? signal);
  });
});

describe('colours and widths', () => {
  it('are off on a pipe, and on where FORCE_COLOR asks for them', async () => {
    const args = ['models', 'show', model, '-q'];
    expect((await run(args, { environment })).text).not.toContain('\u001b[');
    expect((await run(args, { environment: { ...environment, FORCE_COLOR: '1' } })).text).toContain('\u001b[1m');
    const refused = { ...environment, FORCE_COLOR: '1', NO_COLOR: '1' };
    expect((await run(args, { environment: refused })).text).not.toContain('\u001b[');
  });

  it('never get into JSON', async () => {
    const forced = { ...environment, FORCE_COLOR: '1' };
    const { text, stderr } = await run(['pull', model, '--json'], { environment: forced });
    expect(text + stderr).not.toContain('\u001b');
    expect(jsonLines(text)).toHaveLength(1);
    jsonLines(stderr);
  });
});

describe('a terminal', () => {
  it('that cannot move its cursor gets lines instead of bars, and no colours', async () => {
    const texts = path.join(home.path, 'texts.txt');
    await writeFile(texts, 'a text\n'.repeat(2000));
    const command = `"${process.execPath}" "${MAIN}" embed --model "${model}" --out "${home.path}/NAME.npy" < "${texts}"`;
    const onTerminal = async (terminal: string): Promise<string> => {
      const all = {
        ...process.env,
        ...environment,
        TERM: terminal,
        ISOVEC_OFFLINE: '1',
        NO_COLOR: '',
        FORCE_COLOR: '',
      };
      return (
        await promisify(execFile)('script', ['-qec', command.replace('NAME', terminal), '/dev/null'], { env: all })
      ).stdout;
    };
    expect(await onTerminal('dumb')).not.toContain('\u001b');
    expect(await onTerminal('xterm')).toMatch(/\u001b.*loading/);
  });
});
