// The number of messages of a round of stabilize, on every kind of graph (C4): at most two requests
// for each edge and direction upward, and one for each tree edge downward.
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../../src/kernel/ids.ts';
import { createRandomStream } from '../../../src/kernel/random.ts';
import { sample } from '../../support/extent.ts';
import { type Edge, SimulatedRun } from './simulatedRun.ts';

const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const mesh = (count: number): Edge[] =>
  range(count).flatMap((a) => range(count).flatMap((b): Edge[] => (a < b ? [[a, b]] : [])));
const line = (count: number): Edge[] => range(count - 1).map((a) => [a, a + 1]);
const star = (count: number): Edge[] => range(count - 1).map((a) => [0, a + 1]);
const ring = (count: number): Edge[] => [...line(count), [0, count - 1]];

/** A random tree, so that it hangs together, and some edges more. */
function randomGraph(count: number, seed: number): Edge[] {
  const random = createRandomStream(seed, 'graph');
  const tree = range(count - 1).map((b): Edge => [Math.floor(random() * (b + 1)), b + 1]);
  const isInTree = ([a, b]: Edge) => tree.some(([x, y]) => x === a && y === b);
  return [...tree, ...mesh(count).filter((edge) => !isInTree(edge) && random() < 0.3)];
}

const GRAPHS: [string, number, Edge[]][] = [
  ['one server', 1, []],
  ['a pair', 2, line(2)],
  ['a mesh of 7', 7, mesh(7)],
  ['a line of 7', 7, line(7)],
  ['a star of 7', 7, star(7)],
  ['a ring of 7', 7, ring(7)],
  ...sample(range(8), 2).map((seed): [string, number, Edge[]] => [
    `random graph ${seed}`,
    8,
    randomGraph(8, seed),
  ]),
];

function countBy<T>(items: readonly T[], nameOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1);
  return counts;
}

async function runRound(run: SimulatedRun, count: number) {
  run.takeRequests();
  const reached = await run.testbed.stabilize(5_000);
  expect(reached?.sort()).toEqual(range(count));
  expect(new Set(await run.stores()).size).toBe(1);
  return run.takeRequests();
}

const most = (counts: ReadonlyMap<string, number>) => Math.max(0, ...counts.values());
const edgeOf = ({ from, to }: { from: NodeId; to: NodeId }) => `${from} to ${to}`;

describe.each(GRAPHS)('stabilize on %s', (_name, count, edges) => {
  it('converges, within the messages that it may send', async () => {
    const run = await SimulatedRun.start(count, { edges });
    for (const id of range(count)) await run.put(id, `k${id}`, `v${id}`);
    for (const id of range(count)) await run.put(id, 'same', `v${id}`);
    const requests = await runRound(run, count);
    const up = requests.filter(({ method }) => method === 'probe' || method === 'pull');
    const down = requests.filter(({ method }) => method === 'spread');
    expect(up.length + down.length).toBe(requests.length);
    expect(most(countBy(up, edgeOf))).toBeLessThanOrEqual(2);
    expect(most(countBy(down, edgeOf))).toBeLessThanOrEqual(1);
    expect(down).toHaveLength(count - 1);
    const probes = requests.filter(({ method }) => method === 'probe');
    expect(probes).toHaveLength(2 * edges.length - (count - 1));
    await run.cluster.stop();
  });

  it('carries nothing but what differs: nothing the second time', async () => {
    const run = await SimulatedRun.start(count, { edges });
    for (const id of range(count)) await run.put(id, `k${id}`, `v${id}`);
    await runRound(run, count);
    const requests = await runRound(run, count);
    expect(requests.filter(({ method }) => method === 'pull')).toEqual([]);
    const entries = requests.flatMap(({ params }) => (params as { entries?: [] }).entries ?? []);
    expect(entries).toEqual([]);
    await run.put(0, 'one', 'more');
    const last = (await runRound(run, count)).filter(({ method }) => method === 'spread');
    const carried = last.map(({ params }) => (params as { entries: [] }).entries.length);
    expect(carried).toEqual(range(count - 1).map(() => 1));
    await run.cluster.stop();
  });
});
