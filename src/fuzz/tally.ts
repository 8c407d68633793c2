// Counts of what runs have met, so that a batch that exercised too little can be told from one in
// which all is well.
import type { Operation } from '../kernel/history.ts';
import type { NodeId } from '../kernel/ids.ts';
import { claimsOf, completeOptions, type Protocol } from '../kernel/protocol.ts';
import { STORAGE } from '../kernel/storageOption.ts';
import type { SimCluster } from '../sim/simCluster.ts';
import { isDrawable } from './deeds.ts';
import { MISTAKE_CODES } from './mistakes.ts';
import { levelsOf } from './promisedLevels.ts';
import type { ScriptLanguage } from './session.ts';

/** By what it is, such as `command put` or `message push`: how often. */
export type Counts = Readonly<Record<string, number>>;

export class Tally {
  readonly #counts = new Map<string, number>();

  mark(what: string, count = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + count);
  }

  add(counts: Counts): void {
    for (const [what, count] of Object.entries(counts)) this.mark(what, count);
  }

  count(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** Sorted by name. */
  toCounts(): Counts {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** What the network may do to a message, as the tally names it. */
export const MESSAGE_FAULTS = {
  lost: 'fault message lost',
  repeated: 'fault message repeated',
  overtaken: 'fault message overtaken',
  heldUp: 'fault message held up',
  cut: 'fault message cut off',
} as const;

/** What happened to servers, as the tally names it. */
export const SERVER_FAULTS = {
  allDead: 'fault all servers dead',
  /** A server died while another death, a return, a pause or a cut was not got over. */
  overlapping: 'fault death beside another fault',
} as const;

/** What disks did, as the tally names it. */
export const DISK_FAULTS = {
  failed: 'fault disk failed',
  full: 'fault disk full',
  slow: 'fault disk slow',
} as const;

/** What the way to the configuration service did, as the tally names it. */
export const SERVICE_FAULTS = {
  slow: 'fault service slow',
  cutOff: 'fault service cut off',
} as const;

/** A script whose stores became the same without a round of stabilize. */
export const ALONE = 'ending without stabilize';

/** What happened to runs with logs, as the tally names it. */
export const LOG_EVENTS = {
  newRun: 'fault new run',
  secondRun: 'second run on the same disks',
  compacted: 'log compacted',
} as const;

/** Counts what went wrong in a world where no trace shows it. */
export function tallyFaults(
  { inner, servers, dead }: Watched,
  hasLogs: boolean,
  tally: Tally,
): void {
  const { slow, cutOff } = inner.service.troubles;
  tally.mark(SERVICE_FAULTS.slow, slow);
  tally.mark(SERVICE_FAULTS.cutOff, cutOff);
  if (!hasLogs) return;
  tally.mark(LOG_EVENTS.newRun, inner.newRuns);
  tally.mark(LOG_EVENTS.compacted, inner.compactions);
  for (const id of [...servers, ...dead]) {
    const disk = inner.disk(id).troubles;
    tally.mark(DISK_FAULTS.failed, disk.failed);
    tally.mark(DISK_FAULTS.full, disk.full);
    tally.mark(DISK_FAULTS.slow, disk.slow);
  }
}

interface Watched {
  readonly inner: SimCluster;
  readonly servers: readonly NodeId[];
  readonly dead: readonly NodeId[];
}

/** Sessions that did only one thing, so many times at least. */
export const ONE_SIDED = { reads: 'client that only read', writes: 'client that only wrote' };
const LEAST_OF_ONE_KIND = 3;

export function tallySessions(history: readonly Operation[], tally: Tally): void {
  const bySession = new Map<string, { reads: number; writes: number }>();
  for (const { session, incarnation, kind } of history) {
    const life = `${session}.${incarnation}`;
    const counts = bySession.get(life) ?? { reads: 0, writes: 0 };
    counts[kind === 'get' ? 'reads' : 'writes'] += 1;
    bySession.set(life, counts);
  }
  for (const { reads, writes } of bySession.values()) {
    if (writes === 0 && reads >= LEAST_OF_ONE_KIND) tally.mark(ONE_SIDED.reads);
    if (reads === 0 && writes >= LEAST_OF_ONE_KIND) tally.mark(ONE_SIDED.writes);
  }
}

/** The empty value, as the tally names it. */
export const EMPTY = { put: 'empty value put', get: 'empty value read' } as const;

const GOES_BACK = ['read-your-writes', 'monotonic-reads'];

/** Everything that a large batch must have met. */
export function listWanted(protocol: Protocol, language: ScriptLanguage): string[] {
  const { name, guarantees, messages, commands, options, notes = [] } = protocol;
  const unknown = new Set(commands.filter((own) => !isDrawable(own)).map((own) => own.name));
  const claims = claimsOf(protocol, completeOptions(protocol, {}));
  const isLagging =
    !claims.includes('linearizable') && GOES_BACK.some((word) => claims.includes(word as never));
  const writes = ['put', 'delete'].flatMap((kind) => [
    `${kind} ok`,
    `${kind} unknown`,
    `${kind} fail`,
  ]);
  const reads = ['get ok', 'get absent', 'get unknown', 'get fail'];
  const chosen = Object.entries(options).flatMap(([option, { samples = [] }]) =>
    samples.map((sample) => `option ${option}=${sample}`),
  );
  const drawable = Object.keys(messages).filter((method) => !messages[method]?.isBeyondScripts);
  const stale = isLagging ? ['get stale'] : [];
  const promised = new Set([claims, ...Object.values(guarantees)].flatMap(levelsOf));
  return [
    ...language.commands(protocol).flatMap((own) => (unknown.has(own) ? [] : [`command ${own}`])),
    ...[MESSAGE_FAULTS, SERVER_FAULTS, ONE_SIDED].flatMap((faults) => Object.values(faults)),
    ...(Object.hasOwn(options, STORAGE) ? Object.values({ ...DISK_FAULTS, ...LOG_EVENTS }) : []),
    ...(protocol.createService === undefined ? [] : Object.values(SERVICE_FAULTS)),
    ...(protocol.convergesWithinMs === undefined ? [] : [ALONE]),
    ...chosen,
    ...Object.values(EMPTY),
    ...[...writes, ...reads, ...stale].map((outcome) => `outcome ${outcome}`),
    ...['ERR_KEY', 'ERR_UNREACHABLE', 'E_TIMEOUT', ...(isLagging ? ['ERR_DEP'] : [])].map(
      (code) => `code ${code}`,
    ),
    ...MISTAKE_CODES.map((code) => `bad line ${code}`),
    ...Object.keys(guarantees).map((word) => `guarantee ${word}`),
    ...[...promised].map((level) => `verdict ${level} holds`),
    ...notes.map((label) => `note ${label}`),
    ...drawable.map((method) => `message ${name}.${method}`),
    'stabilize whole',
    'stabilize partial',
  ];
}

/** A batch below this many seeds is too small to be blamed for what it has not met. */
export const TELLING_SEEDS = 1_000;
const LEAST = 5;

/** What a batch has met too seldom, with how often; nothing for a small batch. */
export function findTooLittle(
  tally: Tally,
  wanted: readonly string[],
  seeds: number,
): { what: string; count: number }[] {
  if (seeds < TELLING_SEEDS) return [];
  return wanted
    .map((what) => ({ what, count: tally.count(what) }))
    .filter(({ count }) => count < LEAST);
}
