// The options of the quorum protocol, as the command line and the `protocol` command give them.

import type { Guarantee } from '../../kernel/guarantee.ts';
import { MAX_NODE_ID, type NodeId } from '../../kernel/ids.ts';
import { LIVE_NODES, OPERATION_DEADLINE_MS } from '../../kernel/limits.ts';
import { countUpTo, isCount, oneOf, readMs } from '../../kernel/optionTexts.ts';
import type { OptionSpec, Options } from '../../kernel/protocol.ts';
import { hasLog, STORAGE, STORAGE_OPTION } from '../../kernel/storageOption.ts';
import type { Interval } from '../../replication/repeating.ts';
import { countOf, type Level, readLevel } from './levels.ts';

const PARTITIONERS = ['hash', 'tokens', 'byteOrdered'] as const;
export type Partitioner = (typeof PARTITIONERS)[number];

/** The ring of partitioner=tokens. */
export interface Tokens {
  /** How many keys each token has. */
  readonly q: number;
  /** The server of each token. */
  readonly owners: readonly NodeId[];
}

/** The options, read. */
export interface Settings {
  readonly partitioner: Partitioner;
  readonly n: number;
  readonly vnodes: number;
  /** Only with partitioner=tokens. */
  readonly tokens?: Tokens;
  readonly read: Level;
  readonly write: Level;
  readonly isSloppy: boolean;
  readonly versions: 'lww' | 'vector';
  /** Whether a coordinator keeps hints, and whether a read repairs replicas. */
  readonly hasHints: boolean;
  readonly hasReadRepair: boolean;
  /** Whether servers gossip from their start, and the bounds of the time between two pings. */
  readonly isGossiping: boolean;
  readonly intervalMs: Interval;
  /** The time between two exchanges of a member with another one; null for none. */
  readonly antiEntropyMs: number | null;
  readonly timeoutMs: number;
  /**
   * How long a coordinator waits for one server. With a sloppy quorum another one takes the place
   * of a silent server while there is time.
   */
  readonly callMs: number;
  readonly suspectsOnError: boolean;
}

const LEAST_INTERVAL_MS = 10;
const MOST_INTERVAL_MS = 60_000;
/** With tokens: the greatest number of keys, and of tokens. */
const MOST_KEYS = 2 ** 20;
const MOST_TOKENS = 1_024;
const NUMBER = /^(?:0|[1-9][0-9]{0,6})$/;

/** The time for a hop to a coordinator and back, beyond the coordinator's own timeout. */
export const HOP_MS = 250;
/** A request may be passed on once, so its client waits two hops longer than the coordinator. */
const MOST_TIMEOUT_MS = OPERATION_DEADLINE_MS - 4 * HOP_MS;
const LEAST_TIMEOUT_MS = 20;

function refuseOwners(text: string): string | undefined {
  const isId = (word: string): boolean => NUMBER.test(word) && Number(word) <= MAX_NODE_ID;
  return text.split(',').every(isId) ? undefined : 'ids of servers, separated by commas';
}

function refuseLevel(text: string): string | undefined {
  const isWord = typeof readLevel(text) === 'string';
  return isWord || isCount(text) ? undefined : 'one, quorum, all, or a number of replicas';
}

function refuseTimeout(text: string): string | undefined {
  const ms = readMs(text);
  if (ms !== undefined && ms >= LEAST_TIMEOUT_MS && ms <= MOST_TIMEOUT_MS) return undefined;
  return `${LEAST_TIMEOUT_MS}ms to ${MOST_TIMEOUT_MS}ms, such as 500ms or 2s`;
}

function refuseInterval(text: string): string | undefined {
  const { least, most } = readInterval(text) ?? { least: 0, most: 0 };
  const isIn = LEAST_INTERVAL_MS <= least && least <= most && most <= MOST_INTERVAL_MS;
  return isIn ? undefined : 'two times from 10ms to 60s, such as 0.5s..0.8s, or one such as 1s';
}

function refuseAntiEntropy(text: string): string | undefined {
  const ms = readMs(text) ?? 0;
  const isIn = LEAST_INTERVAL_MS <= ms && ms <= MOST_INTERVAL_MS;
  return isIn || text === 'off' ? undefined : 'off, or a time from 10ms to 60s, such as 1s';
}

/** One time, or two with dots between them. */
function readInterval(text: string): Interval | undefined {
  const times = text.split('..').map(readMs);
  const [least, most = least] = times;
  if (times.length > 2 || times.includes(undefined)) return undefined;
  return least === undefined || most === undefined ? undefined : { least, most };
}

export const options: { readonly [name: string]: OptionSpec } = {
  partitioner: {
    about:
      'How keys are placed: by consistent hashing, on a ring of tokens that `owners` describes, ' +
      "or in equal ranges of the keys 0 to 255, in the order of the servers' ids.",
    fallback: 'hash',
    samples: ['hash', 'hash', 'tokens', 'byteOrdered'],
    ...oneOf(...PARTITIONERS),
  },
  n: {
    about: 'How many replicas each key has. Levels count against it, with fewer servers too.',
    fallback: '3',
    samples: ['1', '2', '3', '3', '3'],
    refuse: countUpTo(LIVE_NODES),
  },
  vnodes: {
    about: 'With partitioner=hash: how many tokens each server has on the ring.',
    fallback: '16',
    onlyWith: { option: 'partitioner', value: 'hash' },
    samples: ['1', '4', '16'],
    refuse: countUpTo(256),
  },
  keys: {
    about: 'With partitioner=tokens: the number of keys, which are 0, 1, 2 and so on.',
    fallback: '8',
    onlyWith: { option: 'partitioner', value: 'tokens' },
    refuse: countUpTo(MOST_KEYS),
  },
  q: {
    about: 'With partitioner=tokens: how many keys each token has. A divisor of `keys`.',
    fallback: '2',
    onlyWith: { option: 'partitioner', value: 'tokens' },
    samples: ['2', '2', '4'],
    refuse: countUpTo(MOST_KEYS),
  },
  owners: {
    about: 'With partitioner=tokens: the server of each token; it may have several.',
    fallback: '3,0,1,2',
    onlyWith: { option: 'partitioner', value: 'tokens' },
    samples: ['3,0,1,2', '0,1,0,2', '1,0'],
    refuse: refuseOwners,
  },
  read: {
    about: 'How many replicas answer a read: one, quorum, all, or a number.',
    fallback: 'quorum',
    samples: ['one', 'quorum', 'all'],
    refuse: refuseLevel,
  },
  write: {
    about:
      'How many replicas confirm a write before it is acknowledged: one, quorum, all, or a number.',
    fallback: 'quorum',
    samples: ['one', 'quorum', 'all'],
    refuse: refuseLevel,
  },
  quorum: {
    about:
      'Which servers count: the replicas of the key (strict), or the first n servers of its list ' +
      'that are believed alive (sloppy).',
    fallback: 'strict',
    samples: ['strict', 'sloppy'],
    ...oneOf('strict', 'sloppy'),
  },
  versions: {
    about:
      'What a replica keeps of a key: the write with the greatest timestamp (lww), or all ' +
      'writes that no session has replaced knowingly (vector).',
    fallback: 'lww',
    samples: ['lww', 'vector'],
    ...oneOf('lww', 'vector'),
  },
  repair: {
    about:
      'How a replica gets what it missed: from hints of other servers, by reads that find it ' +
      'stale, by both, or by stabilize alone (off).',
    fallback: 'both',
    samples: ['hints', 'read', 'both', 'off'],
    ...oneOf('hints', 'read', 'both', 'off'),
  },
  gossip: {
    about: 'Whether each server pings another member at intervals, to learn which are alive.',
    fallback: 'off',
    samples: ['off', 'off', 'on'],
    ...oneOf('off', 'on'),
  },
  interval: {
    about: 'The time between two pings of a server with gossip: drawn anew each time.',
    fallback: '0.5s..0.8s',
    samples: ['50ms..80ms', '0.5s..0.8s'],
    refuse: refuseInterval,
  },
  antiEntropy: {
    about:
      'Whether each member makes itself equal with a random other one, again and again after ' +
      'such a time.',
    fallback: 'off',
    samples: ['off', 'off', '100ms', '1s'],
    refuse: refuseAntiEntropy,
  },
  timeout: {
    about: 'How long a coordinator waits for replicas, over the whole operation.',
    fallback: '2s',
    samples: ['200ms', '2s'],
    refuse: refuseTimeout,
  },
  suspectOnError: {
    about:
      'Whether a server whose call failed is believed dead until it is heard again. With off ' +
      'only gossip finds a server dead.',
    fallback: 'on',
    samples: ['on', 'off'],
    ...oneOf('on', 'off'),
  },
  [STORAGE]: STORAGE_OPTION,
};

/** The settings. The options must have been checked, and be complete. */
export function readSettings(chosen: Options): Settings {
  const { n, vnodes, q, owners = '', versions, repair, suspectOnError } = chosen;
  const { gossip, interval = '', antiEntropy = '', timeout = '' } = chosen;
  const hasBoth = repair === 'both';
  const partitioner = PARTITIONERS.find((name) => name === chosen.partitioner) ?? 'hash';
  const isSloppy = chosen.quorum === 'sloppy';
  const timeoutMs = readMs(timeout) ?? 0;
  const tokens = { q: Number(q), owners: owners.split(',').map(Number) };
  return {
    partitioner,
    n: Number(n),
    vnodes: Number(vnodes),
    ...(partitioner === 'tokens' && { tokens }),
    read: levelFrom(chosen.read),
    write: levelFrom(chosen.write),
    isSloppy,
    versions: versions === 'vector' ? 'vector' : 'lww',
    hasHints: hasBoth || repair === 'hints',
    hasReadRepair: hasBoth || repair === 'read',
    isGossiping: gossip === 'on',
    intervalMs: readInterval(interval) ?? { least: 0, most: 0 },
    antiEntropyMs: readMs(antiEntropy) ?? null,
    timeoutMs,
    callMs: isSloppy ? timeoutMs / 2 : timeoutMs,
    suspectsOnError: suspectOnError === 'on',
  };
}

function levelFrom(text = ''): Level {
  return readLevel(text) ?? Number(text);
}

/** Why options that are each valid contradict each other, or undefined. */
export function refuseOptions(chosen: Options): string | undefined {
  const { n, read, write, tokens, isSloppy, hasHints } = readSettings(chosen);
  if (isSloppy && !hasHints) return 'quorum=sloppy needs hints: repair=hints or repair=both';
  for (const [name, level] of Object.entries({ read, write })) {
    if (countOf(level, n) > n) return `${name}=${level} is more than n=${n} replicas`;
  }
  if (tokens === undefined) return undefined;
  const count = Number(chosen.keys) / tokens.q;
  if (!Number.isInteger(count)) return `q=${tokens.q} does not divide keys=${chosen.keys}`;
  if (count > MOST_TOKENS) return `keys / q is ${count} tokens, and ${MOST_TOKENS} are the most`;
  if (tokens.owners.length === count) return undefined;
  const named = tokens.owners.length;
  return `owners names ${named} servers, and keys / q is ${count} tokens: each has one owner`;
}

/**
 * Read your writes, where any read counts more replicas than any write can have missed. Only with
 * logs: a server that has lost its memory copies what the others have, and if it was one of the W
 * that confirmed a write, and another one dies meanwhile, nothing of the write is left.
 */
export function claimsWith(chosen: Options, words: readonly string[]): readonly Guarantee[] {
  const { n, read, write, isSloppy } = readSettings(chosen);
  const least = (level: Level, other: string): number => {
    const used = words.filter((word) => !word.toLowerCase().startsWith(other));
    const levels = [level, ...used.flatMap((word) => readLevel(word) ?? [])];
    return Math.min(...levels.map((one) => countOf(one, n)));
  };
  const isOverlapping = !isSloppy && hasLog(chosen) && least(read, 'w=') + least(write, 'r=') > n;
  return isOverlapping ? ['read-your-writes', 'convergence'] : ['convergence'];
}

/** As many as a read with the default level counts; Infinity while a token's owner is missing. */
export function leastReplicas(chosen: Options, servers: readonly NodeId[]): number {
  const { n, read, tokens } = readSettings(chosen);
  const areAllHere = tokens?.owners.every((owner) => servers.includes(owner)) ?? true;
  return areAllHere ? countOf(read, n) : Number.POSITIVE_INFINITY;
}
