// The experiments for the protocol quorum. They repeat those of a published report on a simulator
// of Dynamo, whose figures stand beside ours. There every request is delayed, and no answer; here
// answers between servers are delayed, too.
import type { RandomStream } from '../kernel/random.ts';
import { dealOwners } from './dealing.ts';
import type {
  Experiment,
  FailuresExperiment,
  StalenessExperiment,
  TimesExperiment,
  Variant,
} from './experiment.ts';

const SERVERS = 8;
const TOKENS = 16;
const KEYS = 256;
const NORMAL = 'normal(50ms,50ms)';
const UNIFORM = '0..100ms';
const TEN_MS = '10ms';
const BATCH = 10;

const common = {
  servers: SERVERS,
  keys: Array.from({ length: KEYS }, (_, key) => String(key)),
  options: dealTokens,
};

function dealTokens(random: RandomStream): Record<string, string> {
  const owners = dealOwners(random, TOKENS, SERVERS);
  return {
    ...{ partitioner: 'tokens', keys: String(KEYS), q: String(KEYS / TOKENS) },
    owners: owners.join(','),
  };
}

function level(n: number, r: number, w: number): Variant {
  const [replicas, read, write] = [String(n), String(r), String(w)];
  return { labels: { N: replicas, R: read, W: write }, options: { n: replicas, read, write } };
}

const staleness: StalenessExperiment = {
  ...common,
  kind: 'staleness',
  title: 'staleness: % of gets that return the value put so long before, by one session',
  variants: [
    {
      ...level(4, 1, 1),
      published: { [NORMAL]: [75.3, 80.8, 85.8, 91, 98], [UNIFORM]: [79.1, 83.9, 89.9, 96.8, 100] },
    },
    {
      ...level(4, 1, 2),
      published: {
        [NORMAL]: [84.4, 87.8, 91.3, 96.1, 99.1],
        [UNIFORM]: [90.1, 93.8, 96.8, 98.5, 100],
      },
    },
    {
      ...level(4, 2, 1),
      published: { [NORMAL]: [78.2, 82, 87, 92.3, 98.9], [UNIFORM]: [86.7, 93.3, 96.1, 98.6, 100] },
    },
    {
      ...level(4, 2, 3),
      published: {
        [NORMAL]: [95.1, 97.3, 97.7, 99.2, 100],
        [UNIFORM]: [99.3, 99.9, 99.9, 100, 100],
      },
    },
  ],
  delays: [NORMAL, UNIFORM],
  waitsMs: [...range(0, 50, 5), ...range(60, 100, 10)],
  shownWaitsMs: [0, 10, 25, 50, 100],
  // Repairs by reads would change what later rounds find.
  options: (random) => ({ ...dealTokens(random), repair: 'off' }),
};

const times: TimesExperiment = {
  ...common,
  kind: 'times',
  title: `times: milliseconds of a request, ${BATCH} at once, ${TEN_MS} a message`,
  variants: [
    { ...level(4, 1, 3), published: { get: [29.22, 36.68], put: [44.84, 66.28] } },
    { ...level(4, 3, 1), published: { get: [42.78, 77.67], put: [30.13, 38.91] } },
  ],
  delay: TEN_MS,
  batch: BATCH,
  requestsPerRound: 10,
};

const failures: FailuresExperiment = {
  ...common,
  kind: 'failures',
  title: 'failures: % answered, and milliseconds, with failed servers, or failures for 50 ms each',
  variants: ['strict', 'sloppy'].map((quorum) => {
    const { labels, options } = level(4, 2, 2);
    return { labels: { ...labels, quorum }, options: { ...options, quorum } };
  }),
  delay: TEN_MS,
  batch: BATCH,
  requestsPerRound: 5,
  failed: [0, 1, 2, 3, 4, 5],
  rates: [1, 10, 20, 30, 40, 50],
  failureMs: 50,
  mostFailed: 5,
  // Servers that have recovered are heard again.
  options: (random) => ({ ...dealTokens(random), gossip: 'on', interval: '0.5s..0.8s' }),
};

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);
}

export const QUORUM_EXPERIMENTS: readonly Experiment[] = [staleness, times, failures];
