import { setTimeout as sleep } from 'node:timers/promises';

import { HttpClient, type Reply } from '../../../benchmarks/server/http-client.js';
import type { ServingProcess } from '../../../benchmarks/server/serving-process.js';
import { sameVectors, vectorsOf } from './support.js';

/** What is sent, and what a right answer is. */
export interface OverloadPlan {
  readonly server: ServingProcess;
  /** Clients that send one request after another, whatever the answer. */
  readonly clients: number;
  readonly milliseconds: number;
  /** Requests, with the library's vectors. */
  readonly requests: readonly { readonly texts: readonly string[]; readonly vectors: readonly Float32Array[] }[];
}

/** What came of it. */
export interface OverloadReport {
  readonly sent: number;
  readonly vectors: number;
  readonly wrong: number;
  readonly refused: number;
  /** Answers that are neither vectors nor a refusal with Retry-After; empty if all is well. */
  readonly odd: readonly string[];
  /** Requests without an answer; empty if all is well. */
  readonly lost: readonly string[];
  /** Times of an answer with vectors, in milliseconds. */
  readonly latencies: readonly number[];
  /** Seconds of every Retry-After. */
  readonly waits: readonly number[];
  /** Resident memory of the server, four times a second, in MiB. */
  readonly resident: readonly number[];
  /** Of a client that waits as long as it is told: refusals before each of its answers. */
  readonly patience: readonly number[];
}

/** Asks for more than a server can do, for a while, and notes what becomes of every request. */
export async function overload({ server, clients, milliseconds, requests }: OverloadPlan): Promise<OverloadReport> {
  const report = { sent: 0, vectors: 0, wrong: 0, refused: 0 };
  const odd: string[] = [];
  const lost: string[] = [];
  const latencies: number[] = [];
  const waits: number[] = [];
  const resident: number[] = [];
  const patience: number[] = [];
  const client = new HttpClient(server.url);
  const over = performance.now() + milliseconds;
  const isOver = (): boolean => performance.now() >= over;

  const ask = async (index: number): Promise<number | undefined> => {
    const { texts, vectors } = requests[index % requests.length] ?? { texts: [], vectors: [] };
    const begun = performance.now();
    report.sent++;
    let reply: Reply;
    try {
      reply = await client.send({ path: '/embed', body: { texts } });
    } catch (error) {
      lost.push(String(error));
      return undefined;
    }
    const after = Number(reply.headers['retry-after']);
    if (reply.status === 200) {
      report.vectors++;
      latencies.push(performance.now() - begun);
      if (!sameVectors(vectorsOf(reply), vectors)) report.wrong++;
      return undefined;
    }
    if ((reply.status !== 429 && reply.status !== 503) || !(after >= 1)) {
      odd.push(`${reply.status} ${reply.body.toString().slice(0, 200)}`);
      return undefined;
    }
    report.refused++;
    waits.push(after);
    return after;
  };
  const impatient = async (first: number): Promise<void> => {
    for (let index = first; !isOver(); index++) {
      // As a program that tries again at once would; without a pause the clients would only fight for the processor.
      if ((await ask(index)) !== undefined) await sleep(20);
    }
  };
  const patient = async (): Promise<void> => {
    for (let refusals = 0; !isOver();) {
      const wait = await ask(refusals);
      if (wait === undefined) {
        patience.push(refusals);
        refusals = 0;
      } else {
        refusals++;
        await sleep(Math.min(wait * 1000, Math.max(0, over - performance.now())));
      }
    }
  };
  const watch = async (): Promise<void> => {
    while (!isOver()) {
      resident.push(server.residentMebibytes());
      await sleep(250);
    }
  };
  await Promise.all([watch(), patient(), ...Array.from({ length: clients }, (_, i) => impatient(i))]);
  client.close();
  return { ...report, odd, lost, latencies, waits, resident, patience };
}
