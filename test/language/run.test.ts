// What a run still does when it is over: nothing, or a long command would never let go.
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { completeOptions } from '../../src/kernel/protocol.ts';
import { Report } from '../../src/language/report.ts';
import { Run } from '../../src/language/run.ts';
import { runWorkload, WORKLOAD_DEFAULTS } from '../../src/language/workload.ts';
import { FakeCluster } from '../support/fakeCluster.ts';
import { plain } from '../support/tinyProtocols.ts';

test('a workload asks for nothing more once its run is stopped', async () => {
  const cluster = new FakeCluster();
  const sink = { answer: () => undefined, diagnostic: () => undefined };
  const run = new Run({
    createCluster: async () => cluster,
    protocols: [plain],
    protocol: plain,
    options: completeOptions(plain, {}),
    seed: 1,
    report: new Report(sink, { isJson: false, isQuiet: false }, 'stdin'),
  });
  await run.start(0, 'server');
  await run.start(5, 'client');
  let isOver = false;
  cluster.respond = () => {
    if (cluster.asked.length === 3) void run.stop();
    return undefined;
  };
  const ended = runWorkload(run, {
    plan: { ...WORKLOAD_DEFAULTS, ops: 1_000 },
    clients: [5],
    line: 1,
    number: 1,
    isSteady: true,
  });
  void ended.then(() => {
    isOver = true;
  });
  await turn();
  await turn();
  expect(cluster.asked).toHaveLength(3);
  expect(isOver).toBe(false);
});
