import { defineConfig } from 'vitest/config';

// Tests import `#src/...`, which package.json maps to the build output: what is tested is what is published,
// and worker threads start from the same files as in production.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 600_000,
    pool: 'forks',
    maxWorkers: 2,
    globalSetup: ['test/support/global-setup.ts'],
    server: { deps: { external: [/\/dist\//] } },
  },
});
