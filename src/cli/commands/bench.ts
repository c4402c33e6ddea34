import type { Command } from 'commander';
import { addBenchFlags, type BenchFlags } from '../bench/bench-flags.js';
import type { CommandRunner } from '../command-context.js';

const EXAMPLES = `
Workloads:
  standard  100 single texts, then 10 batches of 32 texts
  single    short questions, one a call
  batch     batches of 32 short texts
  mixed     one text a call: many short ones, some paragraphs, a few documents
  long      documents longer than most models read, one a call
  lengths   one text a call, of 8, 16, 32, 64, 128 and 256 words

Examples:
  $ isovec bench
  $ isovec bench --sla single:p95=20ms batch:throughput=200 --out result.json
  $ isovec bench --workload batch --concurrency 1,2,4
  $ isovec bench --workload single --rate 50 --duration 1m
  $ isovec bench --in questions.csv --column question --calls 500
  $ isovec bench --url http://127.0.0.1:8080 --protocol tei --check

Exits with 6 if a limit was not kept or calls failed (errors=0 holds unless an
SLA says otherwise), and with 5 if a server's vectors are not the library's.
A latency at a constant --rate counts from the moment at which the call was due.
`;

/** Defines `isovec bench`. */
export function defineBench(program: Command, run: CommandRunner): void {
  const command = program
    .command('bench')
    .summary('measure latency and throughput')
    .description('Measure how fast texts are embedded: by this process, or by a running server.');
  addBenchFlags(command)
    .addHelpText('after', EXAMPLES)
    .action((flags: BenchFlags) =>
      run(flags, async (context) => {
        const { measure } = await import('../bench/measure.js');
        return measure(flags, context);
      }),
    );
}
