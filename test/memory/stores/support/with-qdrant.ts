import { afterAll, beforeAll, describe } from 'vitest';

import { FakeQdrant } from './fake-qdrant.js';

/** A server that tests may fill. */
export interface TestedQdrant {
  readonly url: string;
  readonly apiKey?: string;
}

const url = process.env['QDRANT_URL'];
const apiKey = process.env['QDRANT_API_KEY'];

/** Tests against the imitation, and against the real server that QDRANT_URL names; without one it is said that they were skipped. */
export function describeWithQdrant(name: string, tests: (server: () => TestedQdrant) => void): void {
  if (url === undefined) {
    process.stderr.write(`\nSKIPPED: ${name} with a real Qdrant. QDRANT_URL names none.\n\n`);
  }
  describe.skipIf(url === undefined)(`${name} with a real Qdrant`, () => {
    tests(() => ({ url: url ?? '', ...(apiKey === undefined ? {} : { apiKey }) }));
  });
  describe(`${name} with an imitation of Qdrant`, () => {
    let server: FakeQdrant | undefined;
    beforeAll(async () => {
      server = await FakeQdrant.start();
    });
    afterAll(() => server?.stop());
    tests(() => {
      if (server === undefined) throw new Error('the server is not there yet');
      return { url: server.url };
    });
  });
}
