import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/out/**'],
    testTimeout: 60_000,
    pool: 'threads',
    // Files share what they load: half of the time. Nothing that is loaded keeps what a test has done.
    isolate: false,
    maxWorkers: '100%',
  },
});
