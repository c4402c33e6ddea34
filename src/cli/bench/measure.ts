import type { LoadShape } from '../../bench/load/load-shape.js';
import type { BenchReport } from '../../bench/report/bench-report.js';
import { runBench } from '../../bench/run-bench.js';
import { parseSla } from '../../bench/sla/parse-sla.js';
import { libraryTarget } from '../../bench/targets/library-target.js';
import { serverTarget } from '../../bench/targets/server-target.js';
import type { BenchTarget } from '../../bench/targets/target.js';
import { fileWorkload } from '../../bench/workload/file-workload.js';
import { generatedWorkload } from '../../bench/workload/generated-workload.js';
import type { Workload } from '../../bench/workload/workload.js';
import { resolveOutputFile } from '../../jobs/output-file.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { CommandContext } from '../command-context.js';
import type { ExitCode } from '../exit-codes.js';
import { DEFAULT_MODEL, openModel } from '../model-flags.js';
import { writeTextFile } from '../output/write-text-file.js';
import type { BenchFlags } from './bench-flags.js';
import { benchTable } from './bench-table.js';

const EXITS: Readonly<Record<BenchReport['verdict'], ExitCode>> = { pass: 0, vectors: 5, sla: 6 };

/** Measures what the flags of `isovec bench` name, and prints and writes the result. */
export async function measure(flags: BenchFlags, context: CommandContext): Promise<ExitCode> {
  const { output, style, columns, talk, signal } = context;
  checkFlags(flags);
  if (flags.compare !== undefined) {
    const { compareReports } = await import('./compare-reports.js');
    await compareReports(flags.compare, flags.html, context);
    return 0;
  }
  // What cannot be written or kept is noticed before the work is done.
  for (const sla of flags.sla ?? []) parseSla(sla);
  const target = flags.out === undefined ? undefined : await resolveOutputFile(flags.out);
  const page = flags.html === undefined ? undefined : await openPage(flags.html);
  const workload = await openWorkload(flags, signal);
  for (const note of workload.notes) talk.warn(note);
  const report = await withTargets(flags, context, (measured, library) =>
    runBench(measured, workload, {
      loads: loadsOf(flags),
      warmUp: flags.warmUp,
      timeout: flags.timeout,
      slas: flags.sla ?? [],
      signal,
      onProgress: talk.onProgress,
      ...(flags.calls === undefined ? {} : { calls: flags.calls }),
      ...(flags.duration === undefined ? {} : { duration: flags.duration }),
      ...(library === undefined ? {} : { check: { against: library, tolerance: flags.tolerance } }),
    }),
  );
  context.timing.mark('measured');
  if (target !== undefined) await writeTextFile(target, `${JSON.stringify(report, undefined, 2)}\n`);
  await page?.(report);
  talk.clear();
  if (context.json) await output.json(report);
  else for (const line of benchTable(report, { columns, style })) await output.line(line);
  return EXITS[report.verdict];
}

/** What writes the page. That the plotting library is missing is noticed before the work is done. */
async function openPage(file: string): Promise<(report: BenchReport) => Promise<void>> {
  const { loadVega } = await import('../../bench/plots/load-vega.js');
  const { toHtml } = await import('../../bench/report/to-html.js');
  await loadVega();
  const target = await resolveOutputFile(file);
  return async (report) => writeTextFile(target, await toHtml([{ name: report.target.model, report }]));
}

function checkFlags(flags: BenchFlags): void {
  const refuse = (rule: string): IsovecError => new IsovecError('CONFIG_INVALID', rule);
  if (flags.check === true && flags.url === undefined) {
    throw refuse('--check compares a server with the library: name the server with --url.');
  }
  if (flags.compare !== undefined && (flags.out !== undefined || flags.url !== undefined || flags.in !== undefined)) {
    throw refuse('--compare measures nothing: it goes with --html only. Leave --out, --url and --in out.');
  }
  if (flags.in === undefined && (flags.column !== undefined || flags.inFormat !== undefined)) {
    throw refuse('--column and --in-format are about a file: name it with --in.');
  }
  if (flags.in !== undefined && flags.seed !== undefined) {
    throw refuse('--seed is about generated texts, and --in brings its own; leave one out.');
  }
}

function openWorkload(flags: BenchFlags, signal: AbortSignal): Promise<Workload> | Workload {
  const { workload, seed, calls, batch, column, inFormat } = flags;
  if (flags.in !== undefined) {
    return fileWorkload(flags.in, {
      signal,
      ...(batch === undefined ? {} : { batchSize: batch }),
      ...(column === undefined ? {} : { column }),
      ...(inFormat === undefined ? {} : { format: inFormat }),
    });
  }
  return generatedWorkload(workload, {
    ...(seed === undefined ? {} : { seed }),
    ...(batch === undefined ? {} : { batchSize: batch }),
    // A measurement of a length of time sends as many different calls as there may be.
    ...(calls === undefined && flags.duration === undefined ? {} : { calls: calls ?? Infinity }),
  });
}

function loadsOf({ concurrency, rate, maxPending }: BenchFlags): readonly LoadShape[] {
  if (rate !== undefined) return rate.map((callsPerSecond) => ({ kind: 'open', callsPerSecond, maxPending }));
  return (concurrency ?? [1]).map((one) => ({ kind: 'closed', concurrency: one }));
}

/** Opens what is measured and, for a comparison of vectors, the library; closes both. */
async function withTargets(
  flags: BenchFlags,
  context: CommandContext,
  work: (measured: BenchTarget, library: BenchTarget | undefined) => Promise<BenchReport>,
): Promise<BenchReport> {
  const apiKey = context.environment['ISOVEC_API_KEY'];
  const server =
    flags.url === undefined
      ? undefined
      : serverTarget({
          url: flags.url,
          protocol: flags.protocol,
          model: flags.model ?? DEFAULT_MODEL,
          ...(apiKey === undefined || apiKey === '' ? {} : { apiKey }),
        });
  if (server !== undefined && flags.check !== true) return work(server, undefined);
  const model = await openModel(flags, context);
  try {
    const library = libraryTarget(model);
    if (server !== undefined) return await work(server, library);
    // What would start beside the first calls is no part of service.
    await model.warmUp();
    return await work(library, undefined);
  } finally {
    await model.close();
  }
}
