// The options of the quorum protocol, as the command line and the `protocol` command give them.
import { LIVE_NODES, OPERATION_DEADLINE_MS } from '../../kernel/limits.ts';
import type { Guarantee, OptionSpec, Options } from '../../kernel/protocol.ts';
import { hasLog, STORAGE, STORAGE_OPTION } from '../../kernel/storageOption.ts';
import { countOf, type Level, readLevel } from './levels.ts';

export type Partitioner = 'hash' | 'byteOrdered';

/** The options, read. */
export interface Settings {
  readonly partitioner: Partitioner;
  readonly n: number;
  readonly vnodes: number;
  readonly read: Level;
  readonly write: Level;
  /** Whether a coordinator keeps hints, and whether a read repairs replicas. */
  readonly hasHints: boolean;
  readonly hasReadRepair: boolean;
  readonly timeoutMs: number;
  readonly suspectsOnError: boolean;
}

const COUNT = /^[1-9][0-9]{0,2}$/;
const TIMEOUT = /^([1-9][0-9]{0,4})(ms|s)$/;
/** With byteOrdered: the number of keys. */
export const ORDERED_KEYS = 256;
const ORDERED_KEY = /^(?:0|[1-9][0-9]{0,2})$/;

/** The time for a hop to a coordinator and back, beyond the coordinator's own timeout. */
export const HOP_MS = 250;
/** A request may be passed on once, so its client waits two hops longer than the coordinator. */
const MOST_TIMEOUT_MS = OPERATION_DEADLINE_MS - 4 * HOP_MS;
const LEAST_TIMEOUT_MS = 20;

function oneOf(...texts: readonly string[]): OptionSpec['refuse'] {
  return (text) => (texts.includes(text) ? undefined : texts.join(' or '));
}

function countUpTo(most: number): OptionSpec['refuse'] {
  return (text) =>
    COUNT.test(text) && Number(text) <= most ? undefined : `a whole number from 1 to ${most}`;
}

function refuseLevel(text: string): string | undefined {
  const isWord = typeof readLevel(text) === 'string';
  return isWord || COUNT.test(text) ? undefined : 'one, quorum, all, or a number of replicas';
}

function refuseTimeout(text: string): string | undefined {
  const ms = readMs(text);
  if (ms !== undefined && ms >= LEAST_TIMEOUT_MS && ms <= MOST_TIMEOUT_MS) return undefined;
  return `${LEAST_TIMEOUT_MS}ms to ${MOST_TIMEOUT_MS}ms, such as 500ms or 2s`;
}

function readMs(text: string): number | undefined {
  const [, count, unit] = TIMEOUT.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (unit === 's' ? 1_000 : 1);
}

export const options: { readonly [name: string]: OptionSpec } = {
  partitioner: {
    about:
      'How keys are placed: by consistent hashing, or in equal ranges of the keys 0 to 255, ' +
      "in the order of the servers' ids.",
    fallback: 'hash',
    samples: ['hash', 'hash', 'byteOrdered'],
    refuse: oneOf('hash', 'byteOrdered'),
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
    samples: ['1', '4', '16'],
    refuse: countUpTo(256),
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
  repair: {
    about:
      'How a replica gets what it missed: from hints of the coordinator, by reads that find it ' +
      'stale, by both, or by stabilize alone (off).',
    fallback: 'both',
    samples: ['hints', 'read', 'both', 'off'],
    refuse: oneOf('hints', 'read', 'both', 'off'),
  },
  timeout: {
    about: 'How long a coordinator waits for replicas, over the whole operation.',
    fallback: '2s',
    samples: ['200ms', '2s'],
    refuse: refuseTimeout,
  },
  suspectOnError: {
    about: 'Whether a server whose call failed is believed dead until it is heard again.',
    fallback: 'on',
    samples: ['on', 'off'],
    refuse: oneOf('on', 'off'),
  },
  [STORAGE]: STORAGE_OPTION,
};

/** The settings. The options must have been checked, and be complete. */
export function readSettings(chosen: Options): Settings {
  const { partitioner, n, vnodes, repair, timeout = '', suspectOnError } = chosen;
  const hasBoth = repair === 'both';
  return {
    partitioner: partitioner === 'byteOrdered' ? 'byteOrdered' : 'hash',
    n: Number(n),
    vnodes: Number(vnodes),
    read: levelFrom(chosen.read),
    write: levelFrom(chosen.write),
    hasHints: hasBoth || repair === 'hints',
    hasReadRepair: hasBoth || repair === 'read',
    timeoutMs: readMs(timeout) ?? 0,
    suspectsOnError: suspectOnError === 'on',
  };
}

function levelFrom(text = ''): Level {
  return readLevel(text) ?? Number(text);
}

/** Why a text is not a key, or undefined. */
export function refuseKey(key: string, chosen: Options): string | undefined {
  return isKeyOf(readSettings(chosen).partitioner, key)
    ? undefined
    : `with partitioner=byteOrdered keys are the numbers 0 to ${ORDERED_KEYS - 1}`;
}

/** Keys of different ranges. */
export function sampleKeys(chosen: Options): readonly string[] | undefined {
  return chosen.partitioner === 'byteOrdered' ? ['137', '5', '70', '255'] : undefined;
}

export function isKeyOf(partitioner: Partitioner, key: string): boolean {
  return partitioner === 'hash' || (ORDERED_KEY.test(key) && Number(key) < ORDERED_KEYS);
}

/**
 * Read your writes, where any read counts more replicas than any write can have missed. Only with
 * logs: a server that has lost its memory copies what the others have, and if it was one of the W
 * that confirmed a write, and another one dies meanwhile, nothing of the write is left.
 */
export function claimsWith(chosen: Options, words: readonly string[]): readonly Guarantee[] {
  const { n, read, write } = readSettings(chosen);
  const least = (level: Level, other: string): number => {
    const used = words.filter((word) => !word.toLowerCase().startsWith(other));
    const levels = [level, ...used.flatMap((word) => readLevel(word) ?? [])];
    return Math.min(...levels.map((one) => countOf(one, n)));
  };
  const isOverlapping = hasLog(chosen) && least(read, 'w=') + least(write, 'r=') > n;
  return isOverlapping ? ['read-your-writes', 'convergence'] : ['convergence'];
}

/** As many as a read with the default level counts. */
export function leastReplicas(chosen: Options): number {
  const { n, read } = readSettings(chosen);
  return countOf(read, n);
}
