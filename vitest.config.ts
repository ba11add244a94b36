import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/services.ts'],
    setupFiles: ['test/support/properties.ts'],
    // Real services start and stop in these tests.
    testTimeout: 60_000,
    // A process that has loaded the program runs file after file: loading it anew for each is half of the time. No test mocks a module.
    isolate: false,
    hookTimeout: 120_000,
    // Most of them wait for services and programs, so a core is not enough for each; one by one they take twice as long.
    maxWorkers: Math.max(2, availableParallelism()),
  },
});
