import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { Command } from 'commander';
import type { CommandRunner } from './command-context.js';
import { defineBridge } from './commands/bridge.js';
import { defineBench } from './commands/bench.js';
import { defineCompletion } from './commands/completion.js';
import { defineConvert } from './commands/convert.js';
import { defineDedupe } from './commands/dedupe.js';
import { defineDemo } from './commands/demo.js';
import { defineDoctor } from './commands/doctor.js';
import { defineEmbed } from './commands/embed.js';
import { defineInit } from './commands/init.js';
import { defineMcp } from './commands/mcp.js';
import { defineMemory } from './commands/memory.js';
import { defineModels } from './commands/models.js';
import { definePull } from './commands/pull.js';
import { defineQuantize } from './commands/quantize.js';
import { defineSearch } from './commands/search.js';
import { defineServe } from './commands/serve.js';
import { defineSimilarity } from './commands/similarity.js';
import { defineValidate } from './commands/validate.js';
import { ConfigurableCommand } from './configuration/configurable-command.js';
import { exitCodeRows } from './exit-codes.js';
import { terminalColumns } from './output/terminal-columns.js';

/** Help is written for this width, so that it reads the same everywhere; a narrower terminal gets narrower help. */
const HELP_COLUMNS = 80;

/** The same relative path leads from src/cli and from dist/cli. */
const MANIFEST = new URL('../../package.json', import.meta.url);

/**
 * The command line's definition. `run` is called with what a command has to do after it was parsed. Parsing throws
 * commander's own errors; it prints help and version, and nothing else.
 */
export function createProgram(run: CommandRunner): Command {
  const program = new ConfigurableCommand('isovec')
    .description("Sentence embeddings with the vectors of Python's sentence-transformers.")
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .exitOverride()
    .configureOutput({
      getOutHelpWidth: helpColumns,
      getErrHelpWidth: helpColumns,
      outputError: () => undefined,
    })
    .configureHelp({ minWidthToWrap: 20, subcommandTerm: nameWithArguments })
    .addHelpText('after', rootText());
  defineEmbed(program, run);
  defineSimilarity(program, run);
  defineSearch(program, run);
  defineDedupe(program, run);
  definePull(program, run);
  defineConvert(program, run);
  defineQuantize(program, run);
  defineValidate(program, run);
  defineServe(program, run);
  defineBench(program, run);
  defineBridge(program, run);
  defineMemory(program, run);
  defineMcp(program, run);
  defineModels(program, run);
  defineInit(program, run);
  defineDoctor(program, run);
  defineDemo(program, run);
  defineCompletion(program, run);
  return program;
}

function rootText(): string {
  const codes = exitCodeRows().map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`);
  return [
    '',
    'Data goes to standard output, everything else to standard error.',
    '',
    'Every flag has an environment variable and a key of isovec.config.json, the',
    'nearest one from the working folder upwards: ISOVEC_PROMPT_NAME and promptName',
    'for --prompt-name. What is on the command line comes first, then the',
    'environment, then the file.',
    '',
    'Examples:',
    '  $ isovec demo',
    '  $ isovec embed "a text" "another text"',
    '  $ isovec embed --in texts.csv --out vectors.parquet',
    '  $ isovec search "a question" --in vectors.parquet',
    '  $ isovec similarity "a cat" "a kitten" "a car"',
    '',
    'Exit status:',
    ...codes,
  ].join('\n');
}

/** That a command has options goes without saying. */
function nameWithArguments(command: Command): string {
  const words = command.registeredArguments.map((one) => {
    const name = one.variadic ? `${one.name()}...` : one.name();
    return one.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...words].join(' ');
}

function helpColumns(): number {
  return Math.min(terminalColumns(process.stdout, {}), HELP_COLUMNS);
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(MANIFEST, 'utf8'));
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return known && typeof manifest.version === 'string' ? manifest.version : 'unknown';
}
