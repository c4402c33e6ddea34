import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';

import { generatedTexts } from '#src/bench/generated-texts.js';
import { loadModel } from '#src/index.js';
import { float32ToBase64 } from '#src/vector/index.js';

import { median, percentile } from './engine/percentile.js';
import { base64Rows, type Contender, libraryContender, serverContender } from './server/contender.js';
import { httpMilliseconds, partsOf } from './server/costs.js';
import { GrpcContender } from './server/grpc-contender.js';
import { HttpClient } from './server/http-client.js';
import { bulkJob, closedLoop, type Outcome, queries } from './server/scenarios.js';
import { serveModel } from './server/serving-process.js';

// The server against the library of the same process count: 32 clients of one text and of 32 texts, a lone client, and
// queries beside a bulk job. The server, over HTTP and gRPC, runs as `isovec serve` in its own process; clients and the library in this one.
// Rounds are interleaved; medians over rounds, and the median of the ratios of each round, are shown.
// Run with `npm run bench:server`.

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2' },
    /** 0 leaves all but the bulk job and the costs out. */
    rounds: { type: 'string', default: '3' },
    /** Seconds of each scenario, each contender and each round. */
    seconds: { type: 'string', default: '5' },
    /** Texts of the bulk job; 0 leaves it out. */
    bulk: { type: 'string', default: '50000' },
    /** Requests of the bulk job at a time. */
    'bulk-clients': { type: 'string', default: '2' },
    /** A folder for a processor profile of the server. */
    profile: { type: 'string' },
  },
});

const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
const model = await loadModel(values.model);
await model.warmUp();
const server = await serveModel(values.model, {
  environment: { ISOVEC_GRPC_PORT: '0' },
  node: values.profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', values.profile],
});

const sample = generatedTexts(3, 64, 4, 48);
const client = new HttpClient(server.url);
const reply = await client.send({
  path: '/v1/embeddings',
  body: { model: values.model, input: sample, encoding_format: 'base64' },
});
const grpc = new GrpcContender(server);
const expected = [...(await model.encodeBatch(sample))].map(float32ToBase64).join();
const isEqual = base64Rows(reply).join() === expected;
const isEqualOverGrpc = (await grpc.vectors(sample)).map(float32ToBase64).join() === expected;
client.close();
if (!isEqual || !isEqualOverGrpc) throw new Error('The server gives other vectors than the library.');

const library = libraryContender(model);
const contenders: readonly Contender[] = [
  library,
  serverContender(server, values.model, 'native'),
  serverContender(server, values.model, 'OpenAI base64'),
  grpc,
];
const pad = (value: number, digits: number, width = 9): string => value.toFixed(digits).padStart(width);
const over = (outcomes: readonly Outcome[], figure: (outcome: Outcome) => number): number =>
  median(outcomes.map(figure));
const rate = ({ texts, milliseconds }: Outcome): number => (texts * 1000) / milliseconds;
const cpu = ({ cpuMilliseconds, latencies }: Outcome): number => cpuMilliseconds / latencies.length;

console.log(`${values.model}, ${model.info().threads} threads each; ${rounds} rounds of ${seconds} s, interleaved`);
console.log('The vectors of the server are those of the library, bit for bit.\n');
console.log('scenario          contender               P50 ms   P99 ms   texts/s    ratio  CPU ms/request');
const scenarios = [
  { name: '32 of 1 text', clients: 32, perRequest: 1 },
  { name: '32 of 32 texts', clients: 32, perRequest: 32 },
  { name: '1 of 1 text', clients: 1, perRequest: 1 },
];
for (const { name, ...shape } of rounds > 0 ? scenarios : []) {
  const outcomes = contenders.map((): Outcome[] => []);
  for (const contender of contenders) await closedLoop(contender, { ...shape, seconds: 1 });
  for (let round = 0; round < rounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      await sleep(200);
      outcomes[i]?.push(await closedLoop(contender, { ...shape, seconds }));
    }
  }
  const [base = []] = outcomes;
  for (const [i, contender] of contenders.entries()) {
    const own = outcomes[i] ?? [];
    const ratio = median(own.map((outcome, round) => rate(outcome) / rate(base[round] ?? outcome)));
    const row = [
      pad(
        over(own, ({ latencies }) => percentile(latencies, 0.5)),
        2,
        7,
      ),
      pad(
        over(own, ({ latencies }) => percentile(latencies, 0.99)),
        2,
        8,
      ),
      pad(over(own, rate), 1),
      pad(ratio, 3, 8),
      pad(over(own, cpu), 2, 15),
    ];
    console.log(`${name.padEnd(17)} ${contender.name.padEnd(22)} ${row.join(' ')}`);
    const inference = over(own, ({ inferences }) => percentile(inferences, 0.5));
    if (shape.clients > 1 || Number.isNaN(inference)) continue;
    const above = over(own, ({ latencies, inferences }) => percentile(latencies, 0.99) - percentile(inferences, 0.5));
    const middle = over(own, ({ latencies, inferences }) => percentile(latencies, 0.5) - percentile(inferences, 0.5));
    console.log(
      `${' '.repeat(18)}P50 of inference ${inference.toFixed(2)} ms; above it: P50 of requests by ${middle.toFixed(2)} ms, P99 by ${above.toFixed(2)} ms (target: 5)`,
    );
  }
}

if (Number(values.bulk) > 0) {
  console.log(`\nqueries, 50 ms apart, beside a job of ${values.bulk} texts`);
  console.log(
    'contender               idle P50   idle P99   busy P50   busy P99  queries   P99 ratio (target: 3)  job texts/s',
  );
  for (const contender of contenders.slice(0, 2)) {
    const idle = await queries(contender, Math.max(seconds, 15));
    const begun = performance.now();
    let jobSeconds = 0;
    const job = bulkJob(contender, Number(values.bulk), Number(values['bulk-clients'])).then(() => {
      jobSeconds = (performance.now() - begun) / 1000;
    });
    const busy = await queries(contender, job);
    const figures = [idle, busy].flatMap(({ latencies }) => [0.5, 0.99].map((share) => percentile(latencies, share)));
    const [, idleP99 = NaN, , busyP99 = NaN] = figures;
    console.log(
      `${contender.name.padEnd(22)} ${figures.map((figure) => pad(figure, 2, 10)).join(' ')} ${pad(busy.latencies.length, 0, 8)} ${pad(busyP99 / idleP99, 2, 11)} ${pad(Number(values.bulk) / jobSeconds, 1, 23)}`,
    );
  }
}

console.log(
  `\nwhere the server's time goes: HTTP alone ${(await httpMilliseconds(server)).toFixed(3)} ms CPU a request`,
);
for (const count of [1, 32, 2048]) {
  const parts = Object.entries(partsOf(count, model.info().dimensions));
  console.log(
    `${String(count).padStart(5)} texts: ${parts.map(([part, ms]) => `${part} ${ms.toFixed(3)} ms`).join('; ')}`,
  );
}
console.log(`resident memory of the server: ${server.residentMebibytes().toFixed(0)} MiB`);
grpc.close();
await server.stop();
await model.close();
