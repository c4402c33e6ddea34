import { defineConfig } from 'vitest/config';

// The documentation site in a browser: npm run test:site. Apart, because it needs chromium and a built site.
export default defineConfig({
  test: {
    include: ['test/site/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 1,
  },
});
