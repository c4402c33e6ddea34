import { configDefaults, defineConfig } from 'vitest/config';

// Tests import `#src/...`, which package.json maps to the build output: what is tested is what is published,
// and worker threads start from the same files as in production.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Need a browser, and a built site: npm run test:page, npm run test:site.
    exclude: [...configDefaults.exclude, 'test/browser/**', 'test/site/**'],
    // Some tests load the engine directly; in the product, loading a model declines its telemetry.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    testTimeout: 120_000,
    hookTimeout: 180_000,
    pool: 'forks',
    // One more than the cores of the smallest machine: tests of processes and locks wait a third of their time.
    maxWorkers: 3,
    globalSetup: ['test/support/global-setup.ts'],
    server: { deps: { external: [/\/dist\//] } },
  },
});
