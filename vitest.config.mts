// How the tests run. The limits end what hangs; no test counts on them to pass.
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { Slowest } from './test/support/slowest.ts';

/** Where the results go as JSON, for a program that counts them. */
const { CAUSEWAY_TEST_RESULTS: outputFile } = process.env;
const json: ['json', { outputFile: string }][] =
  outputFile === undefined ? [] : [['json', { outputFile }]];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    allowOnly: false,
    // Most files wait for processes; vitest would leave one of two cores idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', new Slowest(), ...json],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: { include: ['src/**/*.ts'] },
  },
});
