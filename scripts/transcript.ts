import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

const BLOCK = /^```console\n([\s\S]*?)^```$/gm;
const PROMPT = '$ ';
const CONTINUATION = '> ';

/** Documents whose console blocks were run, each in an empty folder of its own. */
export const TRANSCRIPTS: readonly string[] = [
  'README.md',
  'docs/start/agent-memory.md',
  'docs/start/command-line.md',
  'docs/guides/memory.md',
  'docs/guides/moving/README.md',
  'docs/guides/troubleshooting.md',
];

/**
 * A document with the console blocks that its own commands give when they are run again, one after another, in one
 * empty folder: lines that begin with `$ ` are commands, `> ` goes on with one, everything else is output.
 */
export async function runTranscript(document: string, commandLine: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'isovec-transcript-'));
  try {
    const programs = path.join(folder, 'programs');
    await mkdir(programs);
    const isovec = path.join(programs, 'isovec');
    await writeFile(isovec, `#!/bin/sh\nexec '${process.execPath}' '${commandLine}' "$@"\n`);
    await chmod(isovec, 0o755);
    const work = path.join(folder, 'work');
    await mkdir(work);
    let result = '';
    let end = 0;
    for (const match of document.matchAll(BLOCK)) {
      result += document.slice(end, match.index);
      const outputs: string[] = [];
      for (const command of commandsOf(match[1] ?? '')) {
        outputs.push(shown(command), await runCommand(command, work, programs));
      }
      result += `\`\`\`console\n${outputs.join('')}\`\`\``;
      end = match.index + match[0].length;
    }
    return result + document.slice(end);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The document with what differs between two runs and two machines made equal: times, rates and dates. */
export function withoutTimes(document: string): string {
  return document
    .replaceAll(/in \d+ (?:s|min \d+ s)(?:, [\d,]+ rows\/s)?/g, 'in N s')
    .replaceAll(/\b20\d\d-\d\d-\d\d\b/g, 'DATE');
}

function commandsOf(block: string): string[] {
  const commands: string[] = [];
  for (const line of block.split('\n')) {
    if (line.startsWith(PROMPT)) commands.push(line.slice(PROMPT.length));
    else if (line.startsWith(CONTINUATION) || line === CONTINUATION.trimEnd())
      commands.push(`${commands.pop() ?? ''}\n${line.slice(CONTINUATION.length)}`);
  }
  return commands;
}

function shown(command: string): string {
  // An empty line has no space at its end.
  return `${PROMPT}${command.replaceAll('\n', `\n${CONTINUATION}`).replaceAll(/ +$/gm, '')}\n`;
}

/** What a command writes to both outputs, in the order in which it writes. */
async function runCommand(command: string, folder: string, programs: string): Promise<string> {
  const environment = { ...process.env, PATH: `${programs}${path.delimiter}${process.env['PATH'] ?? ''}` };
  const child = spawn('bash', ['-c', `exec 2>&1\n${command}`], {
    cwd: folder,
    // Never the memories of whoever runs this.
    env: { ...environment, COLUMNS: '80', ISOVEC_MEMORY: path.join(folder, '../memory.db') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`'${command}' ended with status ${code}:\n${output}`);
  return output;
}
