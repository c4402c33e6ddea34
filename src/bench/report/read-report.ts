import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../formats/json/parse-json.js';
import { IsovecError, systemErrorCode } from '../../shared/isovec-error.js';
import type { BenchReport } from './bench-report.js';
import type { NamedReport } from './report-plots.js';

/** A report holds figures only; what is larger is something else (CWE-400). */
const MAX_BYTES = 16 * 1024 * 1024;

const milliseconds = z.number().nonnegative();
const latency = z.looseObject({
  p50: milliseconds,
  p95: milliseconds,
  p99: milliseconds,
  max: milliseconds,
  quantiles: z.array(z.tuple([z.number().min(0).max(1), milliseconds])),
});
const load = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('closed'), concurrency: z.int().positive() }),
  z.looseObject({ kind: z.literal('open'), callsPerSecond: z.number().positive(), maxPending: z.int().positive() }),
]);
const measurement = z.looseObject({
  part: z.string(),
  load,
  calls: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  texts: z.int().nonnegative(),
  tokens: z.int().nonnegative().nullable(),
  latency: latency.nullable(),
  textsPerSecond: z.number().nonnegative(),
  tokensPerSecond: z.number().nonnegative().nullable(),
  process: z.looseObject({
    eventLoopDelay: z.looseObject({ p99: milliseconds }),
    memory: z.looseObject({ peak: z.number().positive() }),
    cpuCores: z.number().nonnegative(),
  }),
});
/** What a page and a table are made from. */
const reportSchema = z.looseObject({
  reportVersion: z.literal(1),
  begun: z.string(),
  target: z.looseObject({ kind: z.enum(['library', 'openai', 'tei']), model: z.string() }),
  workload: z.looseObject({ name: z.string(), seed: z.int().nullable(), digest: z.string() }),
  environment: z.looseObject({
    processor: z.string(),
    cores: z.int().positive(),
    memoryBytes: z.number().positive(),
    os: z.string(),
    node: z.string(),
    isovec: z.string(),
    onnxruntime: z.string().nullable(),
    loadAverage: z.object({ before: z.number(), after: z.number() }),
  }),
  check: z.looseObject({ passed: z.boolean(), detail: z.string() }).nullable(),
  measurements: z.array(measurement),
  slas: z.array(z.looseObject({ sla: z.string(), part: z.string(), load: z.string(), passed: z.boolean() })),
  notes: z.array(z.string()),
});

/**
 * Reads a result that `isovec bench --out` wrote; its name is that of the file. INPUT_INVALID if it cannot be read,
 * FORMAT_INVALID naming the member that is not as it should be.
 */
export async function readReport(file: string): Promise<NamedReport> {
  const value = parseJson(await readBytes(file), file);
  const checked = reportSchema.safeParse(value);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const member = issue?.path.join('.') ?? '';
    throw new IsovecError(
      'FORMAT_INVALID',
      `${file} is no result of isovec bench: ${member === '' ? 'the document' : member}: ${issue?.message ?? 'not valid'}. Name files that --out wrote.`,
      { data: { file, member } },
    );
  }
  return { name: path.basename(file, '.json'), report: value as BenchReport };
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) {
      throw new IsovecError('FORMAT_INVALID', `${file} is larger than any result of isovec bench.`, { data: { file } });
    }
    return await readFile(file);
  } catch (cause) {
    if (systemErrorCode(cause) === undefined) throw cause;
    throw new IsovecError('INPUT_INVALID', `${file} cannot be read (${systemErrorCode(cause) ?? ''}).`, {
      cause,
      data: { file },
    });
  }
}
