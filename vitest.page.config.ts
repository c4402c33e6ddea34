import { defineConfig } from 'vitest/config';

// The playground in a browser: npm run test:page. Apart, because it needs chromium.
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    env: { ORT_DISABLE_TELEMETRY: '1' },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 1,
    globalSetup: ['test/support/global-setup.ts'],
    server: { deps: { external: [/\/dist\//] } },
  },
});
