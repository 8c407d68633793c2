// Each fault of single nodes finds a mistake that no other fault finds in as many seeds: a lease
// that trusts a clock, a timer, or the speed of its server.
import { describe, expect, test } from 'vitest';
import { runLevelTrial } from '../src/fuzz/levelTrial.ts';
import { createScriptLanguage } from '../src/fuzz/scriptSession.ts';
import { parseFaults, SERVICE_FAULTS_SYNTAX } from '../src/sim/faultText.ts';
import { extent, sample } from './support/extent.ts';
import { lease } from './support/protocols/lease/index.ts';

const PLANS = {
  drift: 'clock-drift=1:0.3',
  jump: 'clock-jump=0.5:10000',
  slow: 'slow=0.5:50',
  stall: 'stall=0.02:3000',
  messages: 'loss=0.1,duplication=0.1,delay=1..40,tail=0.05:2000',
  service: SERVICE_FAULTS_SYNTAX,
};
type Name = keyof typeof PLANS;

/** By mistake: the fault that shows it, and the first seed that does. */
const TWINS = {
  long: ['drift', 1],
  wall: ['jump', 2],
  timer: ['stall', 2],
  ticks: ['slow', 4],
} as const;

const SEEDS = extent({ full: 40, quick: 4 });
const OTHER_SEEDS = extent({ full: SEEDS, quick: 1 });
const OTHERS = sample(Object.keys(PLANS) as Name[], 3);

const language = createScriptLanguage([lease]);

/** Reads at one server beside writes at another, for ten seconds. */
const ROUNDS = Array.from({ length: 120 }, (_, round) => [
  `get ${2 + (round % 4)} x`,
  ...(round % 3 === 0 ? [`put ${6 + (round % 2)} x v${round}`] : []),
  'sleep 89ms',
]).flat();
const NODES = [
  ...['joinServer 0', 'joinServer 1'],
  ...[2, 3, 4, 5].map((client) => `joinClient ${client} 0`),
  ...[6, 7].map((client) => `joinClient ${client} 1`),
];

/** The seeds from 1 on under which a read misses a write. */
async function findStale(tenure: string, name: Name, seeds: number): Promise<number[]> {
  const lines = [`protocol lease tenure=${tenure}`, ...NODES, 'concurrently', ...ROUNDS, 'end'];
  const faults = parseFaults(PLANS[name]);
  const stale: number[] = [];
  for (let seed = 1; seed <= seeds; seed += 1) {
    const testCase = { protocol: lease, seed, lines, faults };
    const { failure, isUndecided } = await runLevelTrial(language, testCase, 'linearizable');
    expect(isUndecided).toBe(false);
    if (failure !== undefined) expect(failure.kind).toBe('linearizable');
    if (failure !== undefined) stale.push(seed);
  }
  return stale;
}

describe.each(Object.entries(TWINS))('the mistake %s', (tenure, [own, first]) => {
  test(`is found by ${own}`, async () => {
    expect((await findStale(tenure, own, SEEDS))[0]).toBe(first);
  }, 120_000);

  test.each(OTHERS.filter((name) => name !== own))(
    'is not found by %s',
    async (name) => {
      expect(await findStale(tenure, name, OTHER_SEEDS)).toEqual([]);
    },
    120_000,
  );
});

test.each(OTHERS)(
  'a sound lease holds under %s',
  async (name) => {
    expect(await findStale('sound', name, OTHER_SEEDS)).toEqual([]);
  },
  120_000,
);

test('a sound lease holds under all of them at once', async () => {
  const all = Object.values(PLANS).join(',');
  const lines = ['protocol lease', ...NODES, 'concurrently', ...ROUNDS, 'end'];
  for (let seed = 1; seed <= OTHER_SEEDS; seed += 1) {
    const testCase = { protocol: lease, seed, lines, faults: parseFaults(all) };
    const held = { failure: undefined, isUndecided: false };
    expect(await runLevelTrial(language, testCase, 'linearizable')).toEqual(held);
  }
}, 120_000);
