// The options of the sharded protocol, as the command line and the `protocol` command give them.

import type { Guarantee } from '../../kernel/guarantee.ts';
import type { Side } from '../../kernel/history.ts';
import { LIVE_NODES } from '../../kernel/limits.ts';
import { countUpTo, oneOf, readMs } from '../../kernel/optionTexts.ts';
import type { OptionSpec, Options } from '../../kernel/protocol.ts';
import { STORAGE, STORAGE_OPTION } from '../../kernel/storageOption.ts';
import type { Partition } from './placement.ts';

/** The options, read. */
export interface Settings {
  readonly partition: Partition;
  /** Undefined: each server is a group. */
  readonly groups: number | undefined;
  /** How many secondaries have a write before it is acknowledged. */
  readonly sync: number | 'all';
  /** The time between two updates of the other secondaries; null: only `stabilize` updates them. */
  readonly intervalMs: number | null;
  /** Whether a server joins when it starts. */
  readonly joinsAtStart: boolean;
  readonly appendSide: Side;
  /** Whether clients keep the configuration, or ask the shard master before each try. */
  readonly isCached: boolean;
}

const LEAST_INTERVAL_MS = 10;
const MOST_INTERVAL_MS = 60_000;
/** The owner of each is a number in each configuration. */
const MOST_SLOTS = 4_096;
const NONE = 'none';

function refuseInterval(text: string): string | undefined {
  const ms = readMs(text) ?? 0;
  const isIn = LEAST_INTERVAL_MS <= ms && ms <= MOST_INTERVAL_MS;
  return isIn || text === 'off' ? undefined : 'off, or a time from 10ms to 60s, such as 2s';
}

export const options: { readonly [name: string]: OptionSpec } = {
  partitioner: {
    about:
      'How keys are divided into shards: any text by its hash, or the numbers from 0 in ranges ' +
      'of equal size, in the order of the groups.',
    fallback: 'hash',
    samples: ['hash', 'range'],
    ...oneOf('hash', 'range'),
  },
  slots: {
    about: 'With partitioner=hash: the number of shards. A group owns whole shards.',
    fallback: '64',
    onlyWith: { option: 'partitioner', value: 'hash' },
    samples: ['8', '64'],
    refuse: countUpTo(MOST_SLOTS),
  },
  keys: {
    about: 'With partitioner=range: the number of keys, which are 0, 1, 2 and so on.',
    fallback: '101',
    onlyWith: { option: 'partitioner', value: 'range' },
    refuse: countUpTo(MOST_SLOTS),
  },
  groups: {
    about:
      'The number of replica groups: the first servers become primaries, each later one a ' +
      'secondary of the smallest group. `none`: each server is a group of its own.',
    fallback: NONE,
    samples: [NONE, '1', '2'],
    refuse: (text) =>
      text === NONE
        ? undefined
        : countUpTo(LIVE_NODES)(text) && `${NONE}, or ${countUpTo(LIVE_NODES)(text)}`,
  },
  sync: {
    about:
      'How many secondaries have a write before it is acknowledged: `all`, or a number, which a ' +
      'smaller group has met when all its secondaries have the write.',
    fallback: 'all',
    samples: ['all', 'all', '0', '1'],
    refuse: (text) =>
      text === 'all' || text === '0'
        ? undefined
        : countUpTo(LIVE_NODES)(text) && `all, or a whole number to ${LIVE_NODES}`,
  },
  interval: {
    about:
      'With sync=NUMBER: the time between two updates of the other secondaries. `off`: only ' +
      'stabilize updates them.',
    fallback: '2s',
    notWith: { option: 'sync', value: 'all' },
    samples: ['300ms', '2s', 'off'],
    refuse: refuseInterval,
  },
  join: {
    about: 'Whether a server joins when it starts, or by the command `join` only.',
    fallback: 'auto',
    samples: ['auto', 'auto', 'auto', 'manual'],
    ...oneOf('auto', 'manual'),
  },
  append: {
    about: 'The end of the value at which `append` adds.',
    fallback: 'left',
    samples: ['left', 'right'],
    ...oneOf('left', 'right'),
  },
  cache: {
    about:
      'Whether a client keeps the configuration until a server refuses it, or asks the shard ' +
      'master before each try.',
    fallback: 'on',
    samples: ['on', 'off'],
    ...oneOf('on', 'off'),
  },
  [STORAGE]: STORAGE_OPTION,
};

/** The options must have been checked, and be complete. */
export function readSettings(given: Options): Settings {
  const { partitioner, slots, keys, groups, sync, interval, join, append, cache } = given;
  return {
    partition:
      partitioner === 'range'
        ? { kind: 'range', slots: Number(keys) }
        : { kind: 'hash', slots: Number(slots) },
    groups: groups === NONE ? undefined : Number(groups),
    sync: sync === 'all' ? 'all' : Number(sync),
    intervalMs: readMs(interval ?? '') ?? null,
    joinsAtStart: join !== 'manual',
    appendSide: append === 'right' ? 'right' : 'left',
    isCached: cache !== 'off',
  };
}

/** With fewer synchronous secondaries than all, a read may miss any write. */
export function claimsOf(given: Options): readonly Guarantee[] {
  return given.sync === 'all' ? ['linearizable'] : [];
}

/** The time after which a group whose servers reach each other has no differences. */
export function convergesWithinMs(given: Options): number | undefined {
  const { sync, intervalMs } = readSettings(given);
  if (sync === 'all') return 0;
  return intervalMs === null ? undefined : 2 * intervalMs;
}
