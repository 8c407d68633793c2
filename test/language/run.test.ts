// A stopped run makes no further calls, or a long command would keep the program from ending. And
// the questions that a run asks servers that join.
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { NodeSpec } from '../../src/kernel/cluster.ts';
import type { InitialWrite, RecoveredWrite } from '../../src/kernel/history.ts';
import { completeOptions } from '../../src/kernel/protocol.ts';
import { Report } from '../../src/language/report.ts';
import { Run } from '../../src/language/run.ts';
import { runWorkload, WORKLOAD_DEFAULTS } from '../../src/language/workload.ts';
import { FakeCluster } from '../support/fakeCluster.ts';
import { tiny } from '../support/tinyProtocol.ts';
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
  await run.start(0, 'server', 1);
  await run.start(5, 'client', 1);
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

class RecoveringCluster extends FakeCluster {
  readonly specs: NodeSpec[] = [];
  recovered: readonly RecoveredWrite[] = [];

  override async start(spec: NodeSpec): Promise<readonly RecoveredWrite[]> {
    await super.start(spec);
    this.specs.push(spec);
    return this.recovered;
  }
}

test('a server with a log says what it has recovered, once', async () => {
  const cluster = new RecoveringCluster();
  const told: InitialWrite[] = [];
  const sink = { answer: () => undefined, diagnostic: () => undefined };
  const setup = {
    createCluster: async () => cluster,
    protocols: [tiny],
    protocol: tiny,
    seed: 1,
    report: new Report(sink, { isJson: false, isQuiet: false }, 'stdin'),
    onInitialWrite: (write: InitialWrite) => void told.push(write),
  };
  const run = new Run({ ...setup, options: completeOptions(tiny, { storage: 'log' }) });
  const write = { key: 'x', value: '1', version: [1, 0, 1], outcome: 'ok' } as const;
  cluster.recovered = [write];
  await run.start(0, 'server', 1);
  await run.start(1, 'server', 1);
  await run.start(5, 'client', 1);
  await run.kill(0, 1);
  await run.start(0, 'server', 1);
  expect(cluster.specs.map(({ id, tellsRecovered }) => [id, tellsRecovered])).toEqual([
    [0, true],
    [1, true],
    [5, false],
    [0, false],
  ]);
  expect(told).toEqual([{ ...write, server: 0 }]);
  const { lines } = await run.history.judge(['linearizable']);
  expect(lines).toEqual(['linearizable: undecided: there was no operation']);

  const forgetful = new Run({ ...setup, options: completeOptions(tiny, {}) });
  await forgetful.start(0, 'server', 1);
  expect(cluster.specs.at(-1)?.tellsRecovered).toBe(false);
});

test('what is set for all links before the first join holds in a world chosen later', async () => {
  const clusters: FakeCluster[] = [];
  const sink = { answer: () => undefined, diagnostic: () => undefined };
  const run = new Run({
    createCluster: async () => {
      clusters.push(new FakeCluster());
      return clusters.at(-1) as FakeCluster;
    },
    protocols: [plain, tiny],
    protocol: plain,
    options: completeOptions(plain, {}),
    seed: 1,
    report: new Report(sink, { isJson: false, isQuiet: false }, 'stdin'),
  });
  await run.setLink({ direction: 'all', setting: { loss: 0.5 } });
  await run.openCluster();
  await run.setLink({ direction: 'all', setting: { duplication: 0.5 } });
  await run.chooseProtocol(tiny, new Map());
  await run.start(0, 'server', 1);
  await run.setLink({ direction: 'all', setting: null });
  const changes = ['setLink all {"loss":0.5}', 'setLink all {"duplication":0.5}'];
  expect(clusters.map((cluster) => cluster.calls.filter((call) => call !== 'stop'))).toEqual([
    changes,
    [...changes, 'start server 0.1', 'setLink all null'],
  ]);
});
