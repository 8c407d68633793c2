// The experiments for the protocol sharded: those of the evaluation of a published course.
import type {
  Experiment,
  GroupsExperiment,
  ShardsExperiment,
  SingleExperiment,
} from './experiment.ts';

const KEYS = 101;
const GROUPS = 2;
const CLIENTS = 3;
const INTERVAL_MS = 2_000;

/** The course's keys, ranges, and end at which `append` joins. */
const COURSE = { partitioner: 'range', keys: String(KEYS), append: 'right' };

const single: SingleExperiment = {
  kind: 'single',
  title: 'single: one server, operations with known answers',
  servers: 1,
  clients: CLIENTS,
  variants: [{ labels: {}, options: {} }],
  options: () => COURSE,
};

const shards: ShardsExperiment = {
  kind: 'shards',
  title: 'shards: operations with known answers, while servers leave and join',
  servers: 5,
  sizes: [2, 4, 8],
  keyCount: KEYS,
  variants: [{ labels: {}, options: {} }],
  options: () => COURSE,
};

const groups: GroupsExperiment = {
  kind: 'groups',
  title: 'groups: pairs of a put and a get of the same key, L synchronous secondaries of 2',
  servers: 3 * GROUPS,
  groups: GROUPS,
  clients: CLIENTS,
  keys: Array.from({ length: KEYS }, (_, key) => String(key)),
  intervalMs: INTERVAL_MS,
  variants: ['0', '1', '2'].map((level) => ({ labels: { L: level }, options: { sync: level } })),
  options: () => ({ ...COURSE, groups: String(GROUPS), interval: `${INTERVAL_MS}ms` }),
};

export const SHARDED_EXPERIMENTS: readonly Experiment[] = [single, shards, groups];
