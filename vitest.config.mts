// How the tests run. The limits end what hangs; no test counts on them to pass.
import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { Slowest } from './test/support/slowest.ts';

/** Where the results go as JSON, for a program that counts them. */
const { CAUSEWAY_TEST_RESULTS: outputFile } = process.env;
const json: ['json', { outputFile: string }][] =
  outputFile === undefined ? [] : [['json', { outputFile }]];

/**
 * Run by `npm run test:full`, and when the command line names a path in `test/`: they break the
 * code on purpose, start processes by the dozen, or need a Chromium, which not every user has.
 */
const SLOW = [
  'test/browser/*.test.ts',
  'test/chainTwins.test.ts',
  'test/logTwins.test.ts',
  'test/randomTwins.test.ts',
  'test/shippedTwins.test.ts',
  'test/twins.test.ts',
  'test/gradingPage.test.ts',
  'test/master/subcommands/grade.test.ts',
  'test/master/subcommands/gradeMasters.test.ts',
  'test/master/subcommands/gradeMastersMany.test.ts',
  'test/master/subcommands/gradeTwins.test.ts',
  'test/master/submissions/runMaster.test.ts',
  'test/evaluate/sharded.test.ts',
  'test/conformance/linearizable.test.ts',
  'test/codeCaches.test.ts',
  'test/engines/badNodes.test.ts',
  'test/engines/nats.test.ts',
  'test/bench/engines.test.ts',
  'test/engines/nodesPage.test.ts',
  'test/engines/nodesTwins.test.ts',
  'test/fullDisk.test.ts',
  'test/grading/oracleExhaustive.test.ts',
  'test/libraryTypes.test.ts',
  'test/newProtocol.test.ts',
  'test/crash.test.ts',
  'test/newRun.test.ts',
  'test/processes/hygiene.test.ts',
  'test/runsInTurn.test.ts',
  'test/scenarios.test.ts',
];
const isNamed = process.argv.some((word) => word.startsWith('test/'));
const isFull = process.env.CAUSEWAY_FULL === '1';
const isWhole = isFull || isNamed;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(isWhole ? [] : SLOW)],
    allowOnly: false,
    // To import everything anew for each file would cost a quick run a third of its time. The full
    // run does so, and shows that no file needs what another has left.
    isolate: isWhole,
    // Nor need a quick run translate again what has not changed since the last one.
    experimental: { fsModuleCache: !isFull, fsModuleCachePath: 'node_modules/.cache/vitest' },
    // Most files wait for processes; vitest would leave one of two cores idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', new Slowest(), ...json],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: { include: ['src/**/*.ts'] },
  },
});
