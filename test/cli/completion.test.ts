import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { leafCommands } from '#src/cli/configuration/flag.js';
import { createProgram } from '#src/cli/program.js';
import { run, temporaryFolder } from './command-line.js';

type Shell = 'bash' | 'zsh' | 'fish';

let home: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  home = await temporaryFolder();
  for (const model of ['org--one/0123', 'org--two/4567', 'plain/89ab', 'wheel+some-model/1.0', 'odd%20--name/1']) {
    await mkdir(path.join(home.path, 'cache/isovec/snapshots', model), { recursive: true });
  }
  await mkdir(path.join(home.path, 'work/some folder'), { recursive: true });
  await writeFile(path.join(home.path, 'work/my texts.csv'), '');
  for (const shell of ['bash', 'zsh', 'fish']) await writeFile(file(shell), (await run(['completion', shell])).text);
  // A report of the line that is being edited, by the key Ctrl-X, tells when its completion is over.
  await writeFile(
    path.join(home.path, 'bashrc'),
    `PS1=\nsource ${file('bash')}\nbind -x '"\\C-x": echo "<<$READLINE_LINE>>"'\n`,
  );
  await writeFile(
    path.join(home.path, '.zshrc'),
    `PS1=\nautoload -Uz compinit\ncompinit -D -u\nsource ${file('zsh')}\n` +
      `report() { print -r -- "<<$BUFFER>>"; BUFFER= }\nzle -N report\nbindkey '^X' report\n`,
  );
});
afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

function file(shell: string): string {
  return path.join(home.path, `isovec.${shell}`);
}

function environment(): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return {
    PATH,
    TERM: 'dumb',
    LC_ALL: 'C.UTF-8',
    HOME: home.path,
    ZDOTDIR: home.path,
    XDG_CACHE_HOME: path.join(home.path, 'cache'),
    XDG_CONFIG_HOME: path.join(home.path, 'config'),
    XDG_DATA_HOME: path.join(home.path, 'data'),
  };
}

function has(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

/** The name of a group of tests, which says so when its shell is not here. */
function group(command: string): string {
  return has(command) ? command : `${command} IS NOT INSTALLED: its completion is NOT tested`;
}

/** What bash offers for a line with the cursor at its end: what its function gives, and whether files may follow. */
function offeredByBash(line: string): string[] {
  const script = `source "$1"; COMP_LINE="$2"; COMP_POINT=\${#2}; _isovec; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['--norc', '-c', script, 'bash', file('bash'), line], { env: environment() });
  return output.toString().trimEnd().split('\n');
}

function offeredByFish(line: string): string[] {
  const script = 'source $argv[1]; complete -C $argv[2]';
  const args = ['--no-config', '-c', script, file('fish'), line];
  const output = execFileSync('fish', args, { env: environment(), cwd: path.join(home.path, 'work') });
  const lines = output.toString().split('\n');
  return lines.map((one) => one.split('\t')[0] ?? '').filter((one) => one !== '');
}

/** The line that a shell on a terminal makes of a beginning when Tab is pressed. */
function tabbed(command: string, args: readonly string[], line: string): Promise<string> {
  const child = spawn(command, args, { env: environment(), cwd: path.join(home.path, 'work') });
  child.stdin.write(`${line}\t\u0018`);
  return new Promise((resolve, reject) => {
    let output = '';
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
      const whole = /<<(.*?)>>/.exec(output)?.[1];
      if (whole === undefined) return;
      child.kill('SIGKILL');
      resolve(whole);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', reject);
    child.once('close', () => {
      reject(new Error(`the shell ended: ${output}`));
    });
  });
}

/** Lines, and what every shell must offer for them, among other things or alone. */
const OFFERS: readonly (readonly [line: string, expected: readonly string[], never: readonly string[]])[] = [
  ['isovec ', ['embed', 'similarity', 'models', 'completion'], ['list', 'bash']],
  ['isovec sim', ['similarity'], ['embed']],
  ['isovec models ', ['list', 'show'], ['embed']],
  ['isovec completion ', ['bash', 'zsh', 'fish'], ['embed']],
  ['isovec embed --', ['--model', '--prompt-name', '--json', '--no-config', '--help'], ['--opset', '-m', 'embed']],
  ['isovec embed --pro', ['--prompt', '--prompt-name'], ['--model']],
  ['isovec models list --', ['--cache', '--timing'], ['--model']],
  ['isovec embed --precision ', ['float32', 'ubinary'], ['--model', 'embed']],
  ['isovec embed --precision u', ['uint8', 'ubinary'], ['float32']],
  ['isovec embed --model ', ['org/one', 'org/two', 'plain', 'wheel:some-model==1.0'], ['--model', 'odd%20/name']],
  ['isovec embed -m org/t', ['org/two'], ['org/one']],
  ['isovec pull ', ['org/one'], ['embed']],
  ['isovec embed --query "models" --prec', ['--precision'], []],
  ['isovec similarity embed --prompt-n', ['--prompt-name'], ['--format']],
];

describe(group('bash'), () => {
  it.skipIf(!has('bash')).each(OFFERS)('offers for %j what fits', (line, expected, never) => {
    const offered = offeredByBash(line);
    expect(offered).toEqual(expect.arrayContaining([...expected]));
    expect(offered.filter((word) => never.includes(word) && word !== '-m')).toEqual([]);
  });

  it.skipIf(!has('bash'))('completes what follows an equals sign or a colon', () => {
    expect(offeredByBash('isovec embed --precision=ub')).toEqual(['ubinary']);
    // Bash takes what follows the last of them as the word.
    expect(offeredByBash('isovec embed --model wheel:so')).toEqual(['some-model==1.0']);
  });

  it.skipIf(!has('bash'))('offers no words where a text, a number or a file is expected, and after --', () => {
    for (const line of ['embed x', 'embed --dimensions ', 'embed --out ', 'embed -- --mo', 'embed --cache ']) {
      expect(offeredByBash(`isovec ${line}`), line).toEqual(['']);
    }
  });

  it.skipIf(!has('bash') || !has('script')).each([
    ['isovec emb', 'isovec embed '],
    ['isovec embed --form', 'isovec embed --format '],
    ['isovec embed --format=np', 'isovec embed --format=npy '],
    ['isovec embed --model wheel:s', 'isovec embed --model wheel:some-model==1.0 '],
    ['isovec embed --ranges my', 'isovec embed --ranges my\\ texts.csv '],
    ['isovec embed --cache so', 'isovec embed --cache some\\ folder/'],
    ['isovec embed --cache my', 'isovec embed --cache my'],
    ['isovec embed --dimensions my', 'isovec embed --dimensions my'],
  ])('on a terminal makes of %j and Tab %j', async (line, whole) => {
    const shell = `bash --noprofile --rcfile ${path.join(home.path, 'bashrc')} -i`;
    expect(await tabbed('script', ['-qec', shell, '/dev/null'], line)).toBe(whole);
  });
});

describe(group('zsh'), () => {
  it.skipIf(!has('zsh') || !has('script')).each([
    ['isovec emb', 'isovec embed '],
    ['isovec models sh', 'isovec models show '],
    ['isovec completion f', 'isovec completion fish '],
    ['isovec embed --forma', 'isovec embed --format='],
    ['isovec embed --format np', 'isovec embed --format npy '],
    ['isovec embed --format=np', 'isovec embed --format=npy '],
    ['isovec embed --norm', 'isovec embed --normalize '],
    ['isovec embed -m org/t', 'isovec embed -m org/two '],
    ['isovec pull wheel:s', 'isovec pull wheel:some-model==1.0 '],
    ['isovec embed --ranges my', 'isovec embed --ranges my\\ texts.csv '],
    ['isovec embed --cache so', 'isovec embed --cache some\\ folder/'],
    ['isovec similarity embed --prompt-n', 'isovec similarity embed --prompt-name='],
    ['isovec embed --dimensions my', 'isovec embed --dimensions my'],
    ['isovec embed my', 'isovec embed my'],
  ])('on a terminal makes of %j and Tab %j', async (line, whole) => {
    expect(await tabbed('script', ['-qec', 'zsh -i', '/dev/null'], line)).toBe(whole);
  });
});

describe(group('fish'), () => {
  it.skipIf(!has('fish')).each(OFFERS)('offers for %j what fits', (line, expected, never) => {
    const offered = offeredByFish(line);
    expect(offered).toEqual(expect.arrayContaining([...expected]));
    expect(offered.filter((word) => never.includes(word))).toEqual([]);
  });

  it.skipIf(!has('fish'))('offers files and folders where they are expected, and nowhere else', () => {
    expect(offeredByFish('isovec embed --ranges m')).toEqual(['my texts.csv']);
    expect(offeredByFish('isovec embed --cache s')).toEqual(['some folder/']);
    expect(offeredByFish('isovec embed --dimensions m')).toEqual([]);
  });
});

describe('isovec completion', () => {
  it('knows every command and every flag, in every shell', async () => {
    const program = createProgram(() => Promise.resolve());
    for (const shell of ['bash', 'zsh', 'fish'] satisfies Shell[]) {
      const { text } = await run(['completion', shell]);
      for (const command of leafCommands(program)) {
        expect(text).toContain(command.name());
        for (const { long } of command.options) {
          expect(text).toContain(shell === 'fish' ? `-l ${long?.slice(2) ?? ''} ` : (long ?? ''));
        }
      }
    }
  });

  it('refuses another shell, and names those that it knows', async () => {
    const { code, stderr } = await run(['completion', 'tcsh']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('bash, zsh, fish')]);
  });
});
