import type { CliHelp } from './cli-help.js';
import type { Finding } from './finding.js';
import type { Located } from './markdown-names.js';

/** Holds every `isovec COMMAND --flag` of a document against the help of the command line itself. */
export async function checkCommands(file: string, lines: readonly Located[], help: CliHelp): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { text, line } of lines) {
    for (const words of isovecCalls(text)) {
      const problem = await problemOf(words, help);
      if (problem !== undefined) {
        findings.push({ file, line, rule: problem, wayOut: 'correct the document, or the command line' });
      }
    }
  }
  return findings;
}

/** The argument lists of all calls of isovec in a shell line, which may hold pipes, prompts and assignments. */
function isovecCalls(text: string): string[][] {
  return text
    .replace(/(^|\s)#\s.*$/, '')
    .split(/\|\||&&|[|;]|\$\(/)
    .flatMap((part) => {
      const words = part
        .trim()
        .replace(/^[$>]\s+/, '')
        .match(/"[^"]*"|'[^']*'|[^\s)]+/g);
      const start = words?.findIndex((word) => word === 'isovec' || word === 'dist/cli/main.js') ?? -1;
      if (words === null || start < 0) return [];
      const before = words.slice(0, start);
      return before.every((word) => /^([A-Z_]+=.*|npx|node|time|env|-y|--)$/.test(word))
        ? [words.slice(start + 1)]
        : [];
    });
}

async function problemOf(words: readonly string[], help: CliHelp): Promise<string | undefined> {
  const command: string[] = [];
  let current = await help.of(command);
  const options = new Set(current.options);
  let positional = false;
  for (const word of words) {
    if (word === '--') return undefined;
    // Not numbers such as -1, and not `-` for standard input.
    if (/^--?[a-zA-Z]/.test(word)) {
      const flag = word.replace(/=.*$/, '');
      if (flag !== '--help' && flag !== '-h' && !options.has(flag)) {
        return `\`${['isovec', ...command].join(' ')}\` has no option ${flag}`;
      }
    } else if (!positional && current.commands.has(word)) {
      command.push(word);
      current = await help.of(command);
      for (const option of current.options) options.add(option);
    } else {
      const placeholder = /^[A-Z<[.…]/.test(word);
      if (!positional && current.commands.size > 0 && !placeholder) {
        return `\`${['isovec', ...command].join(' ')}\` has no command '${word}'`;
      }
      positional = true;
    }
  }
  return undefined;
}
