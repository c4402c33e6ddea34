import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ProtocolName } from '../../bench/targets/server-target.js';
import type { WorkloadName } from '../../bench/workload/generated-workload.js';
import type { RowFormat } from '../../files/rows/row-source.js';
import {
  addDtypeFlag,
  addModelFlag,
  addOutputFlags,
  addSourceFlags,
  addProviderFlags,
  type ModelFlags,
} from '../model-flags.js';
import { parseDuration } from '../parse-duration.js';
import { parseTolerance } from '../parse-tolerance.js';
import { parseWholeNumber } from '../parse-whole-number.js';

const TEXTS = 'Options of the texts:';
const LOAD = 'Options of the load:';
const SERVER = 'Options of a server:';
const RESULT = 'Options of the result:';
const MODEL = 'Options of the model:';

const WORKLOAD_NAMES: readonly WorkloadName[] = ['standard', 'single', 'batch', 'mixed', 'long', 'lengths'];
const ROW_FORMATS: readonly RowFormat[] = ['text', 'jsonl', 'csv', 'tsv', 'parquet'];
const PROTOCOL_NAMES: readonly ProtocolName[] = ['openai', 'tei'];
/** Above what any machine has cores for, and below what a process has sockets for. */
const MOST_CONCURRENCY = 10_000;

/** Flags of `isovec bench`. */
export interface BenchFlags extends ModelFlags {
  readonly workload: WorkloadName;
  readonly in?: string;
  readonly inFormat?: RowFormat;
  readonly column?: string;
  readonly batch?: number;
  readonly seed?: number;
  readonly calls?: number;
  readonly duration?: number;
  readonly warmUp: number;
  readonly concurrency?: readonly number[];
  readonly rate?: readonly number[];
  readonly maxPending: number;
  readonly timeout: number;
  readonly url?: string;
  readonly protocol: ProtocolName;
  readonly check?: boolean;
  readonly tolerance: number;
  readonly sla?: readonly string[];
  readonly out?: string;
  readonly html?: string;
  readonly compare?: readonly string[];
}

/** Adds the flags of `isovec bench`. */
export function addBenchFlags(command: Command): Command {
  const groups: readonly (readonly [heading: string, options: readonly Option[]])[] = [
    [
      TEXTS,
      [
        new Option('--workload <name>', 'generated texts to embed').choices(WORKLOAD_NAMES).default('standard'),
        new Option('-i, --in <file>', 'your own texts instead: .txt .jsonl .csv .tsv .parquet'),
        new Option('--in-format <format>', 'format of the file (default: by its name)').choices(ROW_FORMATS),
        new Option('--column <name>', 'column of the texts (default: "text", or the only one)'),
        new Option('--batch <n>', 'texts of a call with several (default: 32; of a file: 1)').argParser(
          parseWholeNumber,
        ),
        new Option('--seed <n>', 'whole number that the texts are made from (default: 1)').argParser(parseWholeNumber),
      ],
    ],
    [
      LOAD,
      [
        new Option('--calls <n>', 'calls of each measurement (default: what the workload says)')
          .argParser(parseWholeNumber)
          .conflicts('duration'),
        new Option('--duration <time>', 'length of each measurement instead: 30s, 10m').argParser(parseDuration),
        new Option('--warm-up <time>', 'calls for so long before each measurement are not counted')
          .default(1000, '1s')
          .argParser(parseDuration),
        new Option('--concurrency <n>', 'calls at a time; several to compare: 1,2,4 (default: 1)')
          .argParser(parseConcurrency)
          .conflicts('rate'),
        new Option(
          '--rate <n>',
          'calls a second instead, whether or not earlier ones are done; several: 50,100',
        ).argParser(parseRates),
        new Option('--max-pending <n>', 'with --rate: calls that may be in flight; further ones are dropped')
          .default(1000)
          .argParser(parseWholeNumber),
        new Option('--timeout <time>', 'a call that takes longer has failed')
          .default(30_000, '30s')
          .argParser(parseDuration),
      ],
    ],
    [
      SERVER,
      [
        new Option('--url <address>', 'measure a running server: http://127.0.0.1:8080'),
        new Option('--protocol <name>', "OpenAI's /v1/embeddings, or /embed of TEI")
          .choices(PROTOCOL_NAMES)
          .default('openai'),
        new Option('--check', "compare the server's vectors with those of the library"),
        new Option('--tolerance <error>', 'with --check: largest difference that passes')
          .default(1e-5, '1e-5')
          .argParser(parseTolerance),
      ],
    ],
    [
      RESULT,
      [
        new Option('--sla <limit...>', 'p50, p95, p99, max, throughput or errors: p95=20ms, batch:p99=1s, errors=0.1%'),
        new Option('-o, --out <file>', 'write the result as JSON'),
        new Option('--html <file>', 'write a report with plots (needs the packages vega and vega-lite)'),
        new Option('--compare <file...>', 'measure nothing: set results that --out wrote beside each other'),
      ],
    ],
  ];
  for (const [heading, options] of groups) {
    for (const option of options) command.addOption(option.helpGroup(heading));
  }
  command.optionsGroup(MODEL);
  return addOutputFlags(addSourceFlags(addProviderFlags(addDtypeFlag(addModelFlag(command)))));
}

function parseConcurrency(text: string): number[] {
  return text.split(',').map((one) => {
    const value = parseWholeNumber(one.trim());
    if (value > MOST_CONCURRENCY) throw new InvalidArgumentError(`It must be at most ${MOST_CONCURRENCY}.`);
    return value;
  });
}

function parseRates(text: string): number[] {
  return text.split(',').map((one) => {
    const value = one.trim() === '' ? Number.NaN : Number(one);
    if (!Number.isFinite(value) || value <= 0) {
      throw new InvalidArgumentError('It must be a number above 0, or several with commas: 50,100.');
    }
    return value;
  });
}
