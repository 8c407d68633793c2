// The evaluation of sharded, and the comparison of protocols, in simulation: what must be right is
// right, and what is wrong is said.
import { describe, expect, test } from 'vitest';
import type { CompareRow } from '../../src/evaluate/compare.ts';
import { COMPARE_EXPERIMENTS } from '../../src/evaluate/comparison.ts';
import { Evaluation, type Section } from '../../src/evaluate/evaluation.ts';
import type { PartRow } from '../../src/evaluate/examination.ts';
import type { CompareExperiment, Experiment } from '../../src/evaluate/experiment.ts';
import { expectShare, type GroupsRow } from '../../src/evaluate/groups.ts';
import { SHARDED_EXPERIMENTS } from '../../src/evaluate/sharded.ts';
import { serverOfKey } from '../../src/evaluate/shards.ts';
import { createSimWorld } from '../../src/master/worlds.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { extent } from '../support/extent.ts';

const of = <K extends Experiment['kind']>(kind: K) =>
  [...SHARDED_EXPERIMENTS, ...COMPARE_EXPERIMENTS].find((one) => one.kind === kind) as Extract<
    Experiment,
    { kind: K }
  >;

async function evaluate(
  experiment: Experiment,
  { seconds = 1, seed = 1, protocols = PROTOCOLS } = {},
): Promise<Section> {
  const evaluation = new Evaluation({
    protocol: protocols.find(({ name }) => name === 'sharded'),
    ...{ protocols, seed, experiments: [experiment], given: new Map() },
    extent: { rounds: 1, seconds, isReduced: false },
    createWorld: () => createSimWorld(),
  });
  const sections: Section[] = [];
  for await (const section of evaluation.sections()) sections.push(section);
  expect(sections).toHaveLength(1);
  return sections[0] as Section;
}

describe('operations with known answers', () => {
  test('at one server', async () => {
    const { rows, wrong } = await evaluate(of('single'));
    expect(wrong).toEqual([]);
    const counts = (rows as PartRow[]).map(({ part, operations }) => [part, operations]);
    expect(counts).toEqual([
      ['simple', 23],
      ['parallel', 18],
      ['race', 16],
    ]);
  });

  test('while servers leave and join', async () => {
    const { rows, wrong } = await evaluate(of('shards'));
    expect(wrong).toEqual([]);
    const moves = (rows as PartRow[]).map(({ part, servers, movesMs }) => [
      ...[part, servers, movesMs.length],
    ]);
    expect(moves).toEqual([
      ['all leave', '2 to 0', 2],
      ['all leave', '4 to 0', 4],
      ['all leave', '8 to 0', 8],
      ['leaves', '5 to 0', 5],
      ['pieces', '5 to 1 to 6', 9],
    ]);
  });

  test('that are not as they should be are said', async () => {
    const { wrong } = await evaluate({ ...of('single'), options: () => ({ append: 'left' }) });
    expect(wrong).toEqual([
      'simple, servers 1: get 45 gave "?huh!", not "huh!?"',
      'simple, servers 1: lpop 45 gave "?", not "h"',
      'simple, servers 1: rpop 45 gave "!", not "?"',
      'simple, servers 1: lpop 45 gave "h", not "u"',
      'simple, servers 1: rpop 45 gave "h", not "!"',
      'simple, servers 1: rpop 45 gave "u", not "h"',
    ]);
  });

  test('a key at another server than that of its range is said, and so is a refusal', async () => {
    const few = { ...of('shards'), sizes: [2], keyCount: 99 };
    const { rows, wrong } = await evaluate(few);
    const [first] = rows as PartRow[];
    expect(first?.wrong).toEqual(['all leave, servers 2 to 0: query 50 gave 50:0, not 50:1']);
    expect(wrong).toContain(first?.wrong[0]);
    const { rows: beyond } = await evaluate({ ...few, keyCount: 102 });
    const [last] = (beyond as PartRow[])[0]?.wrong.slice(-1) ?? [];
    expect(last).toMatch(/query 101 was refused: ./);
  });

  test('key 81 is where the published evaluation has it', () => {
    const servers = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    const present = [
      ...[
        [0, 5],
        [1, 5],
        [2, 5],
        [3, 5],
        [4, 5],
      ],
      ...[
        [4, 6],
        [4, 7],
        [4, 8],
        [4, 9],
        [4, 10],
      ],
    ];
    const owners = present.map(([from, to]) => serverOfKey(81, servers.slice(from, to), 101));
    expect(owners).toEqual([3, 4, 4, 4, 4, 5, 6, 7, 7, 8]);
  });
});

describe('the share of gets that miss the put before', () => {
  test('is as expected, and none is missed with all secondaries', async () => {
    const seconds = extent({ full: 8, quick: 4 });
    const { rows, wrong } = await evaluate(of('groups'), { seconds });
    expect(wrong).toEqual([]);
    const found = (rows as GroupsRow[]).map(({ labels, olderShare, ...row }) => {
      const { pairs, errors, older, newer, unanswered } = row;
      expect(pairs).toBeGreaterThan(60 * seconds);
      expect(errors).toBe(older + newer + unanswered);
      expect(olderShare).toBe(older / pairs);
      return [labels.L, Math.round(10 * olderShare)];
    });
    expect(found).toEqual([
      ['0', 7],
      ['1', 3],
      ['2', 0],
    ]);
  });

  test('is said if it is another', async () => {
    const { options, ...groups } = of('groups');
    const updated = { ...groups, options: () => ({ ...options(() => 0), interval: '10ms' }) };
    const { wrong } = await evaluate(updated, { seconds: extent({ full: 4, quick: 2 }) });
    expect(wrong[0]).toMatch(/^L = 0: [0-9.]+ % of the gets were older than the own put, /);
    const { wrong: none } = await evaluate({ ...groups, options, clients: 0 });
    expect(none).toEqual(['0', '1', '2'].map((level) => `L = ${level}: no pair was answered`));
  });

  test('may deviate by chance, and fall by updates', () => {
    const many = { pairs: 10_000, updated: 0 };
    const third = expectShare(2, 1, many);
    expect(third.share).toBeCloseTo(1 / 3, 10);
    expect(third.most - third.share).toBeCloseTo(4 * Math.sqrt(2 / 9 / 10_000), 10);
    expect(third.share - third.least).toBeCloseTo(third.most - third.share, 10);
    const { least } = expectShare(2, 1, { ...many, updated: 100 });
    expect(third.least - least).toBeCloseTo(0.01, 10);
    expect(expectShare(2, 2, many)).toEqual({ share: 0, least: 0, most: 0 });
    expect(expectShare(2, 5, many).share).toBe(0);
    expect(expectShare(2, 0, { pairs: 10, updated: 50 }).least).toBe(0);
  });
});

describe('the comparison', () => {
  const { variants, ...rest } = of('compare');
  const CRASHES = extent({ full: 2, quick: 1 });
  /** Few keys take less time to fill; these are of all servers. */
  const keys = rest.keys.slice(0, extent({ full: rest.keys.length, quick: 30 }));
  const small = (protocols: readonly string[], servers: number): CompareExperiment => ({
    ...{ ...rest, keys, crashes: CRASHES, clients: 3 },
    variants: variants.filter((one) => {
      return protocols.includes(one.protocol) && one.servers === servers;
    }),
  });

  test('gives a row for each protocol, with its crashes', async () => {
    const names = ['causal', 'chain', 'quorum', 'sharded'];
    const { rows, wrong, table } = await evaluate(small(names, 4));
    expect(wrong).toEqual([]);
    const all = rows as CompareRow[];
    expect(all.map(({ protocol }) => protocol)).toEqual([
      ...['causal', 'chain', 'quorum', 'quorum', 'sharded', 'sharded'],
    ]);
    for (const { gapsMs, put } of all) {
      expect(gapsMs).toHaveLength(CRASHES);
      for (const ms of gapsMs) expect(ms).toBeGreaterThan(put.p50Ms ?? Number.NaN);
    }
    const unsynced = all.at(-1);
    expect(Number(unsynced?.older) / Number(unsynced?.pairs)).toBeGreaterThan(0.4);
    expect(table.rows).toHaveLength(6);
  });

  test('depends on the seed alone', async () => {
    const first = await evaluate(small(['chain'], 2), { seed: 3 });
    expect(await evaluate(small(['chain'], 2), { seed: 3 })).toEqual(first);
    expect((await evaluate(small(['chain'], 2), { seed: 4 })).rows).not.toEqual(first.rows);
  });

  test('says a claim that was not kept, and a service that ends with a server', async () => {
    const protocols = PROTOCOLS.map((protocol) => ({
      ...protocol,
      claims: ['linearizable'] as const,
    }));
    const { rows, wrong } = await evaluate(small(['quorum'], 2), {
      ...{ seconds: extent({ full: 4, quick: 1 }), protocols },
    });
    expect(wrong).toEqual([
      expect.stringMatching(
        /^quorum read=one write=one, servers 2: [0-9]+ of [0-9]+ gets were older .* linearizable/,
      ),
    ]);
    // A quorum of three is two, and one is left.
    expect((rows as CompareRow[]).map(({ gapsMs }) => gapsMs.includes(null))).toEqual([
      true,
      false,
    ]);
  });
});
