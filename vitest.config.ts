import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/services.ts'],
    setupFiles: ['test/support/properties.ts'],
    // Real services start and stop in these tests.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
