import { afterAll, beforeAll, describe } from 'vitest';

import { findPostgres } from './find-postgres.js';
import { PostgresServer } from './postgres-server.js';

let last = 0;

/** A name that no test before has used. */
export function newSchema(): string {
  return `memories_${++last}`;
}

/** Tests with a real server, started before them; without PostgreSQL they are skipped, and it is said. */
export function describeWithPostgres(name: string, tests: (server: () => PostgresServer) => void): void {
  const programs = findPostgres();
  if (programs === undefined) {
    process.stderr.write(
      `\nSKIPPED: ${name}. There is no PostgreSQL with pgvector here; \`npm run test:stores\` brings one.\n\n`,
    );
  }
  describe.skipIf(programs === undefined)(name, () => {
    let server: PostgresServer | undefined;
    beforeAll(async () => {
      server = await PostgresServer.create(programs ?? '');
    });
    afterAll(() => server?.remove());
    tests(() => {
      if (server === undefined) throw new Error('the server is not there yet');
      return server;
    });
  });
}
