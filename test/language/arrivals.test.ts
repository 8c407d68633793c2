// Lines at the beginning of a script that start nodes and make links are under way together, and
// nothing tells: no node, no output, no failure.
import { describe, expect, test } from 'vitest';
import { EnvironmentError, type NodeSpec } from '../../src/kernel/cluster.ts';
import type { NodeId } from '../../src/kernel/ids.ts';
import { createRandomStream, type RandomStream } from '../../src/kernel/random.ts';
import { Arrivals, type Told } from '../../src/language/arrivals.ts';
import { LineError } from '../../src/language/lineError.ts';
import { mayArrive } from '../../src/language/mayArrive.ts';
import { launch, simulate } from '../scripts/programs.ts';
import { FakeCluster } from '../support/fakeCluster.ts';
import { runScript } from '../support/runScript.ts';

/** Every order takes a time of its own, counted in turns of the event loop. */
class SlowCluster extends FakeCluster {
  override startsTogether = true;
  /** By node: the lines because of which it was called, in order. */
  readonly linesByNode = new Map<NodeId, number[]>();
  /** The greatest number of starts that were under way at once. */
  mostStarts = 0;
  failing: readonly NodeId[] = [];
  readonly #chance: RandomStream;
  #starts = 0;

  constructor(seed: number) {
    super();
    this.#chance = createRandomStream(seed, 'master');
  }

  override async start(spec: NodeSpec): ReturnType<FakeCluster['start']> {
    this.#starts += 1;
    this.mostStarts = Math.max(this.mostStarts, this.#starts);
    await this.#pass();
    this.#starts -= 1;
    if (this.failing.includes(spec.id)) throw new EnvironmentError('E_SPAWN', `of ${spec.id}`);
    return super.start(spec);
  }

  override async link(a: NodeId, b: NodeId): Promise<void> {
    const isAwaited = (id: NodeId): boolean => !this.roles.has(id) && !this.failing.includes(id);
    while (isAwaited(a) || isAwaited(b)) await new Promise(setImmediate);
    await this.#pass();
    await super.link(a, b);
  }

  override async ask(...asked: Parameters<FakeCluster['ask']>): ReturnType<FakeCluster['ask']> {
    const [id, , , , line = 0] = asked;
    this.linesByNode.set(id, [...(this.linesByNode.get(id) ?? []), line]);
    const answer = await super.ask(...asked);
    await this.#pass();
    return answer;
  }

  async #pass(): Promise<void> {
    const turns = Math.floor(this.#chance() * 6);
    for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
  }
}

/** Tells nodes of their links as soon as the links are there. */
class Hasty extends Arrivals {
  override enter(_nodes: readonly NodeId[], begin: (told: Told) => Promise<void>): Promise<void> {
    return begin(undefined);
  }
}

const OPENING = `joinServer 3
joinServer 1
joinClient 7 3
joinServer 2
joinClient 8 2
createConnection 7 2
joinServer 4
createConnection 4 8
joinClient 7 1
`;

const SEEDS = Array.from({ length: 30 }, (_, seed) => seed);

async function callsInOrder(cluster: SlowCluster, arrivals?: Arrivals): Promise<string[]> {
  await runScript(OPENING, { cluster, ...(arrivals && { arrivals }) });
  return cluster.calls.sort();
}

const isAscending = (lines: readonly number[]): boolean =>
  lines.every((line, index) => index === 0 || line >= (lines[index - 1] ?? 0));

/** The seeds with which a node is told of a line before an earlier one. */
async function seedsOutOfOrder(createArrivals: () => Arrivals): Promise<number[]> {
  const found: number[] = [];
  for (const seed of SEEDS) {
    const cluster = new SlowCluster(seed);
    await runScript(OPENING, { cluster, arrivals: createArrivals() });
    if (![...cluster.linesByNode.values()].every(isAscending)) found.push(seed);
  }
  return found;
}

describe('lines under way together', () => {
  test('make the calls that they make one by one', async () => {
    for (const seed of SEEDS) {
      const together = await callsInOrder(new SlowCluster(seed), new Arrivals());
      expect(together).toEqual(await callsInOrder(new SlowCluster(seed)));
    }
  });

  test('start nodes at once, after the first', async () => {
    const together = new SlowCluster(1);
    await callsInOrder(together, new Arrivals());
    expect(together.mostStarts).toBe(5);
    const oneByOne = new SlowCluster(1);
    await callsInOrder(oneByOne);
    expect(oneByOne.mostStarts).toBe(1);
  });

  test('tell each node of its links in the order of the lines', async () => {
    expect(await seedsOutOfOrder(() => new Arrivals())).toEqual([]);
    expect((await seedsOutOfOrder(() => new Hasty())).length).toBeGreaterThan(10);
  });

  test('are not more than the processes that are started ahead', async () => {
    const cluster = new SlowCluster(1);
    const joins = Array.from({ length: 40 }, (_, id) => `joinServer ${id}\n`).join('');
    await runScript(joins, { cluster, arrivals: new Arrivals() });
    expect(cluster.mostStarts).toBeGreaterThan(8);
    expect(cluster.mostStarts).toBeLessThanOrEqual(16);
    expect(cluster.roles.size).toBe(40);
  });

  test('have ended before any other line, also a bad one and the end', async () => {
    for (const line of ['sleep 1ms', 'what', 'concurrently\nend', '']) {
      const cluster = new SlowCluster(1);
      const respond: FakeCluster['respond'] = (id, method) =>
        id === 1 && method === 'settle' ? { awaited: [9] } : undefined;
      cluster.respond = respond;
      const { stderr } = await runScript(`joinServer 0\njoinServer 1\njoinServer 2\n${line}`, {
        cluster,
        arrivals: new Arrivals(),
      });
      const [note, ...others] = stderr.split('\n');
      expect(note).toMatch(/^causeway: stdin:2: note: server 1 is not ready yet/);
      expect(others.join()).toMatch(line === 'what' ? /^causeway: stdin:4: E_UNKNOWN/ : /^$/);
      if (line === 'sleep 1ms') expect(cluster.calls.at(-1)).toBe('sleep 1');
    }
  });

  test('stay one by one after any other line', async () => {
    for (const other of ['sleep 1ms', 'link all delay=1ms', 'concurrently\nend']) {
      const cluster = new SlowCluster(1);
      const script = `joinServer 0\n${other}\njoinServer 1\njoinServer 2\n`;
      await runScript(script, { cluster, arrivals: new Arrivals() });
      expect([other, cluster.mostStarts]).toEqual([other, 1]);
    }
  });

  test('report bad lines among them in their order', async () => {
    const script =
      'joinServer 0\njoinServer 1\njoinServer 1\njoinClient 5 4\njoinServer 2\nexpect\n';
    const cluster = new SlowCluster(1);
    const together = await runScript(script, { cluster, arrivals: new Arrivals() });
    const oneByOne = await runScript(script, { cluster: new SlowCluster(1) });
    expect(together.stderr).toBe(oneByOne.stderr);
    expect(together.stderr.match(/E_[A-Z_]+/g)).toEqual(['E_EXISTS', 'E_NO_SUCH_SERVER', 'E_ARGS']);
    expect(together.badLineCount).toBe(3);
    const strict = await runScript(script, {
      cluster: new SlowCluster(1),
      arrivals: new Arrivals(),
      isStrict: true,
    });
    expect(strict.stderr.match(/E_[A-Z_]+/g)).toEqual(['E_EXISTS']);
    expect([...strict.cluster.roles.keys()]).toEqual([0, 1]);
  });

  test('fail with the failure of the first of them that failed', async () => {
    for (const seed of SEEDS) {
      const cluster = new SlowCluster(seed);
      cluster.failing = [2, 4];
      const run = runScript(OPENING, { cluster, arrivals: new Arrivals() });
      await expect(run).rejects.toThrow('of 2');
    }
  });
});

test('both worlds say the same after lines that were under way together', async () => {
  const script = Buffer.from(
    `${OPENING}joinServer 3\njoinClient 9 0\nput 8 a 1\nget 7 a\nget 4 a\nprintStore 1\n` +
      'inspect\nstabilize\nprintStore 4\nget 7 a\n',
  );
  const seen = await launch(script);
  expect(seen).toEqual(await simulate(script));
  expect(seen.stderr.match(/E_[A-Z_]+/g)).toEqual([
    'E_EXISTS',
    'E_NO_SUCH_SERVER',
    'E_NO_SUCH_CLIENT',
  ]);
});

describe('a line may be under way with others', () => {
  const run = { isBegun: true, hasLogs: false, protocol: {}, cluster: { startsTogether: true } };
  type Run = Parameters<typeof mayArrive>[0];
  const asked = (changed: object, check: () => void = () => undefined): boolean =>
    mayArrive({ ...run, ...changed } as unknown as Run, {
      clientsOf: () => [],
      run: () => undefined,
      check,
    });

  test('unless something would tell', () => {
    expect(asked({})).toBe(true);
    expect(asked({ isBegun: false })).toBe(false);
    expect(asked({ hasLogs: true })).toBe(false);
    expect(asked({ protocol: { createService: () => undefined } })).toBe(false);
    expect(asked({ cluster: {} })).toBe(false);
  });

  test('if it can be done, and is of that kind', () => {
    const refuse = (): void => {
      throw new LineError('E_EXISTS', 'server 1 is alive');
    };
    expect(asked({}, refuse)).toBe(false);
    expect(mayArrive(run as unknown as Run, { clientsOf: () => [], run: () => undefined })).toBe(
      false,
    );
    expect(() =>
      asked({}, () => {
        throw new Error('a bug');
      }),
    ).toThrow('a bug');
  });
});
