import { existsSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';

import { ERROR_TABLE, type ErrorCode, type ErrorTableRow } from '../src/shared/error-table.js';
import { commandLineHelp } from './command-line-help.js';
import { commandLineReference } from './command-line-reference.js';
import { configurationSchema } from './configuration-schema.js';
import { environmentReference } from './environment-reference.js';
import type { Finding } from './finding.js';
import { INDEX_RANK, type Layer, LAYERS } from './layers.js';
import { mcpReference } from './mcp-reference.js';
import { metricsReference } from './metrics-reference.js';
import { peersBlocks, peersChart } from './peers-report.js';
import { readSource } from './source-files.js';

/** A part of a document that is written from a table of the sources. */
export interface GeneratedBlock {
  readonly file: string;
  /** The block stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->`; all else in the file is written by hand. */
  readonly name: string;
  readonly content: string;
  /** Heading and introduction of the file when it does not exist yet. */
  readonly preamble: string;
}

/** A file that is written from a table of the sources as a whole. */
export interface GeneratedFile {
  readonly file: string;
  readonly content: string;
  /** Whether the content is the file as it is, and not formatted. */
  readonly verbatim?: boolean;
}

/** The generated files of this repository. */
export async function houseFiles(root: string): Promise<readonly GeneratedFile[]> {
  return [
    { file: 'data/command-line-help.json', content: JSON.stringify(commandLineHelp()) },
    { file: 'data/isovec.config.schema.json', content: JSON.stringify(configurationSchema()) },
    ...(await peersChart(root)),
  ];
}

/** The file's whole text as it must be. */
export async function expectedFile(root: string, { file, content, verbatim = false }: GeneratedFile): Promise<string> {
  if (verbatim) return content;
  const location = path.join(root, file);
  return format(content, { ...(await resolveConfig(location)), filepath: location });
}

/** The generated parts of this repository's documents. Ranks without a folder are plans, which no document shows. */
export function houseBlocks(root: string): readonly GeneratedBlock[] {
  const present = LAYERS.filter(({ folder }) => existsSync(path.join(root, 'src', folder)));
  return [
    layersBlock(present),
    errorsBlock(ERROR_TABLE),
    commandLineBlock(),
    environmentBlock(),
    metricsBlock(),
    mcpBlock(),
    ...peersBlocks(root),
  ];
}

/** The table of ranks for ARCHITECTURE.md. */
function layersBlock(layers: readonly Layer[]): GeneratedBlock {
  const rows = [...layers]
    .sort((a, b) => a.rank - b.rank)
    .map(({ folder, rank, node, purpose }) => `| ${rank} | \`src/${folder}/\` | ${purpose} | ${node ? 'yes' : 'no'} |`);
  return {
    file: 'ARCHITECTURE.md',
    name: 'layers',
    preamble: '# Architecture\n',
    content: [
      '| rank | folder | what it holds | may use Node |',
      '| --- | --- | --- | --- |',
      ...rows,
      `| ${INDEX_RANK} | \`src/index.ts\` | the main entry point | yes |`,
    ].join('\n'),
  };
}

/** The table of error codes for docs/reference/errors.md. */
function errorsBlock(table: Readonly<Record<ErrorCode, ErrorTableRow>>): GeneratedBlock {
  const rows = Object.entries(table).map(
    ([code, row]) =>
      `| \`${code}\` | ${row.meaning} | ${row.http} | ${row.grpc} | ${row.jsonRpc} | ${yes(row.retryable)} | ${yes(row.fallback)} |`,
  );
  return {
    file: 'docs/reference/errors.md',
    name: 'errors',
    preamble: [
      '# Error codes',
      '',
      'Every error of isovec is an `IsovecError` with one of these codes. Test the code, not the class or the message:',
      'the code stays the same across threads, processes and copies of the package. _Retry_ means that the same request',
      'may succeed later; _fall back_ means that a chain of providers tries its next member.',
      '',
    ].join('\n'),
    content: [
      '| code | meaning | HTTP | gRPC | JSON-RPC | retry | fall back |',
      '| --- | --- | --- | --- | --- | --- | --- |',
      ...rows,
    ].join('\n'),
  };
}

/** The reference of the command line, for docs/reference/cli.md. */
function commandLineBlock(): GeneratedBlock {
  return {
    file: 'docs/reference/cli.md',
    name: 'command-line',
    preamble: '# Command line\n',
    content: commandLineReference(),
  };
}

/** The environment variables, for docs/reference/environment.md. */
function environmentBlock(): GeneratedBlock {
  return {
    file: 'docs/reference/environment.md',
    name: 'environment',
    preamble: '# Environment variables\n',
    content: environmentReference(),
  };
}

/** The server's metrics, for the guide to observability. */
function metricsBlock(): GeneratedBlock {
  return {
    file: 'docs/guides/observability.md',
    name: 'metrics',
    preamble: '# Observe a server\n',
    content: metricsReference(),
  };
}

/** What agents are offered, for the guide to the memory over MCP. */
function mcpBlock(): GeneratedBlock {
  return {
    file: 'docs/guides/memory-over-mcp.md',
    name: 'mcp',
    preamble: '# A memory for agents, over MCP\n',
    content: mcpReference(),
  };
}

/** The file's whole text as it must be, or undefined if it exists but lacks the block's two markers. */
export async function expectedDocument(root: string, block: GeneratedBlock): Promise<string | undefined> {
  const begin = `<!-- ${block.name}:begin -->`;
  const end = `<!-- ${block.name}:end -->`;
  const location = path.join(root, block.file);
  const current = existsSync(location) ? readSource(root, block.file) : `${block.preamble}\n${begin}\n${end}\n`;
  const from = current.indexOf(begin);
  const to = current.indexOf(end);
  if (from < 0 || to < from) return undefined;
  const text = `${current.slice(0, from + begin.length)}\n\n${block.content}\n\n${current.slice(to)}`;
  return format(text, { ...(await resolveConfig(location)), parser: 'markdown' });
}

/** Finds generated files, and documents with a generated part, that are not what their table gives. */
export async function checkGenerated(
  root: string,
  blocks: readonly GeneratedBlock[],
  files: readonly GeneratedFile[] = [],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const generated of files) {
    const { file } = generated;
    if (existsSync(path.join(root, file)) && readSource(root, file) === (await expectedFile(root, generated))) continue;
    findings.push({ file, rule: 'this generated file is not current', wayOut: 'run `npm run docs`' });
  }
  for (const block of blocks) {
    const { file, name } = block;
    const expected = await expectedDocument(root, block);
    if (expected === undefined) {
      const rule = `the markers <!-- ${name}:begin --> and <!-- ${name}:end --> are gone`;
      findings.push({ file, rule, wayOut: 'put them back, then run `npm run docs`' });
    } else if (!existsSync(path.join(root, file)) || readSource(root, file) !== expected) {
      findings.push({ file, rule: `the generated part '${name}' is not current`, wayOut: 'run `npm run docs`' });
    }
  }
  return findings;
}

function yes(value: boolean): string {
  return value ? 'yes' : '';
}
