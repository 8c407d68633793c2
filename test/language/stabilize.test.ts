// The rounds of stabilize: their roots, the parameters of each round, and the end of the command.
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/kernel/json.ts';
import { FakeCluster } from '../support/fakeCluster.ts';
import { runScript } from '../support/runScript.ts';

interface Round {
  readonly root: number;
  readonly round: number;
  readonly avoid: number[];
  readonly known: number[];
  readonly budgetMs: number;
  readonly timeoutMs: number;
}

/**
 * Servers that converge in the given partitions. Those in `deaf` do not answer; a root waits for
 * them as long as it may.
 */
function createPartitions(
  partitions: number[][],
  deaf: number[] = [],
): { cluster: FakeCluster; rounds: Round[] } {
  const cluster = new FakeCluster();
  const rounds: Round[] = [];
  cluster.respond = (root, method, params, world) => {
    if (method !== 'stabilize') return undefined;
    const { timeoutMs = 0 } = world.asked.at(-1) ?? {};
    const order = params as unknown as Omit<Round, 'root' | 'timeoutMs'>;
    rounds.push({ root, timeoutMs, ...order });
    const part = (partitions.find((members) => members.includes(root)) ?? []).filter(
      (id) => !order.avoid.includes(id),
    );
    const missing = part.filter((id) => deaf.includes(id));
    if (missing.length > 0) world.timeMs += order.budgetMs;
    return { reached: part.filter((id) => !deaf.includes(id)), missing } as Json;
  };
  return { cluster, rounds };
}

function join(count: number): string {
  return Array.from({ length: count }, (_, id) => `joinServer ${id}\n`).join('');
}

describe('stabilize', () => {
  test('A40 without a live server it asks no server', async () => {
    const { cluster, stderr, worlds } = await runScript('stabilize\n');
    expect([cluster.calls, stderr, worlds]).toEqual([[], '', []]);
    const dead = await runScript('joinServer 0\nkillServer 0\nstabilize\n');
    expect(dead.cluster.calls.at(-1)).toBe('kill 0');
  });

  test('one round for a whole cluster, from its lowest server', async () => {
    const { cluster, rounds } = createPartitions([[2, 10, 7]]);
    await runScript('joinServer 10\njoinServer 2\njoinServer 7\nstabilize\n', { cluster });
    expect(rounds).toMatchObject([{ root: 2, round: 1, avoid: [], known: [2, 7, 10] }]);
  });

  test('a round for each partition, and numbers that are never used twice', async () => {
    const { cluster, rounds } = createPartitions([[0, 2], [1], [3, 4]]);
    await runScript(`${join(5)}stabilize\nstabilize\n`, { cluster });
    expect(rounds.map(({ root, round }) => [root, round])).toEqual([
      [0, 1],
      [1, 2],
      [3, 3],
      [0, 4],
      [1, 5],
      [3, 6],
    ]);
  });

  test('A41 a server that does not answer is avoided, asked once more, and named', async () => {
    const { cluster, rounds } = createPartitions([[0, 1], [2, 3], [4]], [1, 3]);
    const { stderr, badLineCount } = await runScript(`${join(5)}stabilize\n`, { cluster });
    expect(rounds.map(({ root, avoid }) => [root, avoid])).toEqual([
      [0, []],
      [2, [1]],
      [4, [1, 3]],
      [1, []],
      [3, [1]],
    ]);
    expect(stderr).toBe('causeway: stdin:6: E_TIMEOUT: no answer from servers 1, 3\n');
    expect(badLineCount).toBe(0);
  });

  test('a slow server is asked again, and not named then; a paused one is', async () => {
    const { cluster, rounds } = createPartitions([[0, 1, 2]]);
    const { respond } = cluster;
    cluster.respond = (root, method, params, world) => {
      const outcome = respond(root, method, params, world);
      if (method !== 'stabilize') return outcome;
      return rounds.length === 1 ? { reached: [0], missing: [1, 2] } : outcome;
    };
    const { stderr } = await runScript(`${join(3)}pauseServer 2\nstabilize\n`, { cluster });
    expect(rounds.map(({ root, avoid }) => [root, avoid])).toEqual([
      [0, []],
      [1, [2]],
    ]);
    expect(stderr).toBe('causeway: stdin:5: E_TIMEOUT: no answer from server 2\n');
  });

  test('a slow server whose own round lacks others is named, and they are not', async () => {
    const { cluster, rounds } = createPartitions([[0, 1]]);
    cluster.respond = (root, method) => {
      if (method !== 'stabilize') return undefined;
      rounds.push({ root } as Round);
      return { reached: [root], missing: [1 - root] };
    };
    const { stderr } = await runScript(`${join(2)}stabilize\n`, { cluster });
    expect(rounds.map(({ root }) => root)).toEqual([0, 1]);
    expect(stderr).toBe('causeway: stdin:3: E_TIMEOUT: no answer from server 1\n');
  });

  test('a paused root is asked like any other, and is missing', async () => {
    const cluster = new FakeCluster();
    const { stderr } = await runScript(`${join(3)}pauseServer 0\nstabilize\n`, { cluster });
    const rounds = cluster.asked.filter(({ method }) => method === 'stabilize');
    expect(rounds.map(({ id }) => id)).toEqual([0, 1]);
    expect(rounds[1]?.params).toMatchObject({ avoid: [0], known: [0, 1, 2] });
    expect(stderr).toBe('causeway: stdin:5: E_TIMEOUT: no answer from server 0\n');
  });

  test.each([
    [1, 2_000],
    [2, 2_000],
    [5, 5_000],
  ])('%i silent servers take %i ms at most', async (count, mostMs) => {
    const cluster = new FakeCluster();
    const pauses = Array.from({ length: count }, (_, id) => `pauseServer ${id}\n`).join('');
    const { stderr } = await runScript(`${join(count)}${pauses}stabilize\n`, { cluster });
    expect(cluster.timeMs).toBeLessThanOrEqual(mostMs);
    const named = Array.from({ length: count }, (_, id) => id).join(', ');
    expect(stderr).toMatch(new RegExp(`E_TIMEOUT: no answer from servers? ${named}\n$`));
  });

  test('each round leaves time for another, and an answer has time to arrive', async () => {
    const { cluster, rounds } = createPartitions([[0, 1], [2, 3], [4]], [1, 3]);
    await runScript(`${join(5)}stabilize\n`, { cluster });
    let leftMs = 5_000;
    for (const { budgetMs, timeoutMs } of rounds.slice(0, 3)) {
      expect(timeoutMs).toBeLessThanOrEqual(Math.ceil(leftMs / 2));
      expect(budgetMs).toBeLessThan(timeoutMs);
      leftMs -= budgetMs;
    }
  });

  test('servers whose turn did not come are named too', async () => {
    const cluster = new FakeCluster();
    cluster.respond = (id, method, _params, world) => {
      if (method !== 'stabilize') return undefined;
      world.timeMs += 5_000;
      return { reached: [id], missing: [] };
    };
    const { stderr } = await runScript(`${join(3)}stabilize\n`, { cluster });
    expect(stderr).toBe('causeway: stdin:4: E_TIMEOUT: no time was left to ask servers 1, 2\n');
  });

  test('a root that does not name itself is not asked for ever', async () => {
    const cluster = new FakeCluster();
    cluster.respond = (_id, method) =>
      method === 'stabilize' ? { reached: [], missing: [] } : undefined;
    await runScript(`${join(2)}stabilize\n`, { cluster });
    expect(cluster.asked.filter(({ method }) => method === 'stabilize')).toHaveLength(2);
  });
});
