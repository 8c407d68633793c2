// What must be true of every evaluation of quorum, on small grids in simulation.
import { describe, expect, test } from 'vitest';
import { Evaluation, type Section } from '../../src/evaluate/evaluation.ts';
import type {
  Experiment,
  FailuresExperiment,
  StalenessExperiment,
  TimesExperiment,
} from '../../src/evaluate/experiment.ts';
import type { FailuresRow } from '../../src/evaluate/failures.ts';
import { QUORUM_EXPERIMENTS } from '../../src/evaluate/quorum.ts';
import type { StalenessRow } from '../../src/evaluate/staleness.ts';
import type { TimesRow } from '../../src/evaluate/times.ts';
import type { Death } from '../../src/kernel/cluster.ts';
import { createSimWorld } from '../../src/master/worlds.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';

const protocol = PROTOCOLS.find(({ name }) => name === 'quorum') as (typeof PROTOCOLS)[number];
const of = <K extends Experiment['kind']>(kind: K) =>
  QUORUM_EXPERIMENTS.find((one) => one.kind === kind) as Extract<Experiment, { kind: K }>;
/** Few keys take less time to fill; these are of all tokens. */
const keys = of('staleness').keys.filter((key) => Number(key) % 8 === 0);
const staleness: StalenessExperiment = { ...of('staleness'), keys, waitsMs: [0, 40, 120] };
const times: TimesExperiment = { ...of('times'), keys };
const failures: FailuresExperiment = { ...of('failures'), keys };

async function evaluate(
  experiment: Experiment,
  rounds: number,
  seed = 1,
  createWorld = () => createSimWorld(),
): Promise<Section> {
  const evaluation = new Evaluation({
    ...{ protocol, protocols: PROTOCOLS, seed, experiments: [experiment], given: new Map() },
    extent: { rounds, seconds: 1, isReduced: false },
    createWorld,
  });
  const sections: Section[] = [];
  for await (const section of evaluation.sections()) sections.push(section);
  expect(sections).toHaveLength(1);
  return sections[0] as Section;
}

describe('staleness', () => {
  const labelled = (rows: readonly StalenessRow[]) =>
    rows.map(({ labels, points }) => ({
      overlaps: Number(labels.R) + Number(labels.W) > Number(labels.N),
      shares: points.map(({ freshShare }) => freshShare ?? Number.NaN),
      points,
    }));

  test('there is none if levels overlap; if not, there is some at first, later less', async () => {
    const { rows, table } = await evaluate(staleness, 40);
    const found = labelled(rows as StalenessRow[]);
    expect(found).toHaveLength(8);
    for (const { overlaps, shares, points } of found) {
      expect(points.map(({ waitMs, rounds }) => [waitMs, rounds])).toEqual([
        ...[
          [0, 40],
          [40, 40],
          [120, 40],
        ],
      ]);
      expect(points.every(({ unanswered }) => unanswered === 0)).toBe(true);
      if (overlaps) expect(shares).toEqual([1, 1, 1]);
      const [atOnce = 0, soon = 0, late = 0] = shares;
      // Forty rounds are right to about five in a hundred.
      expect(soon).toBeGreaterThan(atOnce - 0.1);
      expect(late).toBeGreaterThan(soon - 0.1);
      expect(late).toBeGreaterThanOrEqual(0.95);
    }
    const weak = found
      .filter(({ overlaps }) => !overlaps)
      .map(({ shares: [atOnce = 0] }) => atOnce);
    expect(Math.min(...weak)).toBeLessThan(1);
    expect(table.rows).toHaveLength(8);
  });

  test('depends on the seed alone', async () => {
    const [variant] = staleness.variants.slice(0, 1);
    const one: StalenessExperiment = { ...staleness, variants: variant ? [variant] : [] };
    const first = await evaluate(one, 20, 3);
    expect(await evaluate(one, 20, 3)).toEqual(first);
    expect((await evaluate(one, 20, 4)).rows).not.toEqual(first.rows);
  });
});

test('times are those of the hops: to a coordinator, to replicas, and one between', async () => {
  const { rows } = await evaluate(times, 10);
  for (const row of rows as TimesRow[]) {
    expect(row).toMatchObject({ requests: 100, count: 100, answeredShare: 1 });
    const isMet = row.operation === 'put' ? row.labels.W === '1' : false;
    const hops = row.density.map(({ fromMs }) => fromMs / 10);
    // A put that one replica confirms waits for no other; a get asks the first replica in the list.
    const possible = isMet ? [2, 4] : [2, 4, 6];
    expect(possible).toEqual(expect.arrayContaining(hops));
    expect(hops.length).toBeGreaterThan(1);
  }
});

test('failed servers leave fewer requests answered, and answered ones in time', async () => {
  const small = { ...failures, failed: [0, 2, 5], rates: [1, 50] };
  const { rows } = await evaluate(small, 10);
  const all = rows as FailuresRow[];
  const [strict, sloppy] = [all.slice(0, 5), all.slice(5)];
  const answered = strict.map(({ get, put }) => [get.answeredShare, put.answeredShare]);
  const [none, some, most, rare, frequent] = answered as [number, number][];
  expect(none).toEqual([1, 1]);
  // A put that is passed on to a failed server, which is not suspected yet, has no answer.
  expect(Math.min(...(some ?? []))).toBeGreaterThanOrEqual(0.95);
  expect(Math.max(...(most ?? []))).toBeLessThan(1);
  expect(frequent?.[1]).toBeLessThan(rare?.[1] ?? 0);
  // Others stand in for the failed replicas.
  const [mostSloppy] = sloppy.filter(({ failed }) => failed === 5);
  expect(mostSloppy?.put.answeredShare).toBeGreaterThan(Math.max(...(most ?? [])));
  for (const rows of [strict, sloppy]) {
    expect(rows.map(({ failed, perSecond }) => [failed, perSecond])).toEqual([
      ...[0, 2, 5].map((count) => [count, null]),
      ...[1, 50].map((count) => [null, count]),
    ]);
  }
});

describe('a node that dies of itself', () => {
  /** Server 3 dies when so many operations have begun. */
  const worldWithDeath = (afterOperations: number, isBug: boolean) => {
    const world = createSimWorld();
    const create = world.createCluster.bind(world);
    world.createCluster = async (setup) => {
      const cluster = await create(setup);
      const [ask, onDeath] = [cluster.ask.bind(cluster), cluster.onDeath.bind(cluster)];
      const start = cluster.start.bind(cluster);
      let incarnation = 0;
      let listener: (death: Death) => void = () => undefined;
      let operations = 0;
      cluster.onDeath = (heard) => {
        listener = heard;
        onDeath(heard);
      };
      cluster.start = (spec) => {
        if (spec.id === 3) incarnation = spec.incarnation;
        return start(spec);
      };
      cluster.ask = (id, method, ...rest) => {
        if (method === 'get') operations += 1;
        if (method === 'get' && operations === afterOperations) {
          listener({ id: 3, incarnation, why: 'killed', isBug });
        }
        return ask(id, method, ...rest);
      };
      return cluster;
    };
    return world;
  };

  test.each([
    ['staleness', staleness, 5, false],
    ['times', times, 5, false],
    ['times, with the last request', times, 20, false],
    ['failures, while servers stay failed', failures, 15, false],
    ['failures, while servers fail and recover', failures, 85, false],
    ['a bug', times, 5, true],
  ] as const)('ends the evaluation: %s', async (_, experiment, afterOperations, isBug) => {
    const rounds = experiment.kind === 'staleness' ? 20 : 2;
    const world = () => worldWithDeath(afterOperations, isBug);
    const evaluated = evaluate(experiment, rounds, 1, world);
    await expect(evaluated).rejects.toMatchObject({ message: 'server 3 died: killed' });
    await expect(evaluated).rejects.toMatchObject(isBug ? { name: 'Bug' } : { code: 'E_SPAWN' });
  });
});

test('an evaluation that is stopped between two stages opens no other one', async () => {
  let opened = 0;
  let hasClosed = false;
  const closed = new Promise<void>((resolve) => {
    const evaluation = new Evaluation({
      ...{ protocol, protocols: PROTOCOLS, seed: 1, experiments: [times], given: new Map() },
      extent: { rounds: 1, seconds: 1, isReduced: false },
      createWorld: () => {
        opened += 1;
        return {
          ...createSimWorld(),
          close: async () => {
            if (hasClosed) return;
            hasClosed = true;
            resolve(evaluation.stop());
          },
        };
      },
    });
    void evaluation.sections().next();
  });
  await closed;
  await new Promise((resolve) => setImmediate(resolve));
  expect(opened).toBe(1);
});
