// Counts the events of runs, to distinguish a batch that exercised too little from one in which
// everything is correct.
import { LEVELS } from '../checkers/index.ts';
import type { Recorded } from '../kernel/history.ts';
import type { NodeId } from '../kernel/ids.ts';
import { claimsOf, completeOptions, type Protocol } from '../kernel/protocol.ts';
import { STORAGE } from '../kernel/storageOption.ts';
import { levelsOf } from '../language/claims.ts';
import { editsOf } from '../language/loadOrders.ts';
import type { SimCluster } from '../sim/simCluster.ts';
import { hasCompareAndSet } from './drawCompareAndSet.ts';
import { isDrawable } from './generators.ts';
import { INVALID_LINE_CODES } from './invalidLines.ts';
import type { ScriptLanguage } from './session.ts';

/** By event, such as `command put` or `message push`: its count. */
export type Counts = Readonly<Record<string, number>>;

export class Coverage {
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

/** Names in the coverage: faults of messages. */
export const MESSAGE_FAULTS = {
  lost: 'fault message lost',
  repeated: 'fault message repeated',
  overtaken: 'fault message overtaken',
  heldUp: 'fault message held up',
  cut: 'fault message cut off',
} as const;

/** Names in the coverage: faults of servers. */
export const SERVER_FAULTS = {
  allDead: 'fault all servers dead',
  /** A server died while another death, a restart, a pause or a cut was still in effect. */
  overlapping: 'fault death beside another fault',
} as const;

/** Names in the coverage: faults of single nodes. */
export const NODE_FAULTS = {
  drifting: 'fault clock drifting',
  jumped: 'fault wall clock wrong',
  slow: 'fault node slow',
  stalled: 'fault node stalled',
} as const;

/** Names in the coverage: faults of disks. */
export const DISK_FAULTS = {
  failed: 'fault disk failed',
  full: 'fault disk full',
  slow: 'fault disk slow',
} as const;

/** Names in the coverage: faults between a server and the configuration service. */
export const SERVICE_FAULTS = {
  slow: 'fault service slow',
  cutOff: 'fault service cut off',
} as const;

/** Name in the coverage: a line of a script that cuts a node off from the service. */
export const CUT_BY_SCRIPT = 'fault service cut off by a line';

/** Name in the coverage: a line that cuts groups of servers in one direction. */
export const ONE_WAY = 'partition in one direction';

/** Name in the coverage: a script whose stores converged without `stabilize`. */
export const ALONE = 'ending without stabilize';

/** Names in the coverage: events of runs with logs. */
export const LOG_EVENTS = {
  newRun: 'fault new run',
  secondRun: 'second run on the same disks',
  compacted: 'log compacted',
} as const;

/** Counts what went wrong in a world where no trace shows it. */
export function coverFaults(
  { inner, servers, dead }: Watched,
  hasLogs: boolean,
  coverage: Coverage,
): void {
  const { slow, cutOff } = inner.service.troubles;
  for (const kind of Object.keys(NODE_FAULTS) as (keyof typeof NODE_FAULTS)[]) {
    coverage.mark(NODE_FAULTS[kind], inner.nodeFaults.troubles[kind]);
  }
  coverage.mark(SERVICE_FAULTS.slow, slow);
  coverage.mark(SERVICE_FAULTS.cutOff, cutOff);
  if (!hasLogs) return;
  coverage.mark(LOG_EVENTS.newRun, inner.newRuns);
  coverage.mark(LOG_EVENTS.compacted, inner.compactions);
  for (const id of [...servers, ...dead]) {
    const disk = inner.disk(id).troubles;
    coverage.mark(DISK_FAULTS.failed, disk.failed);
    coverage.mark(DISK_FAULTS.full, disk.full);
    coverage.mark(DISK_FAULTS.slow, disk.slow);
  }
}

interface Watched {
  readonly inner: SimCluster;
  readonly servers: readonly NodeId[];
  readonly dead: readonly NodeId[];
}

/** Name in the coverage: the verdict on a level. */
export function verdictName(level: string, outcome: 'holds' | 'broken' | 'undecided'): string {
  return `verdict ${level} ${outcome}`;
}

/** The levels that some verdict left undecided. */
export function listUndecided(coverage: Coverage): string[] {
  return LEVELS.filter((level) => coverage.count(verdictName(level, 'undecided')) > 0);
}

/**
 * Names in the coverage: clients that only read, or only wrote, at least a minimum number of times.
 */
export const ONE_SIDED = { reads: 'client that only read', writes: 'client that only wrote' };
const LEAST_OF_ONE_KIND = 3;

export function coverSessions(history: readonly Recorded[], coverage: Coverage): void {
  const bySession = new Map<string, { reads: number; writes: number }>();
  for (const { session, incarnation, kind } of history) {
    const life = `${session}.${incarnation}`;
    const counts = bySession.get(life) ?? { reads: 0, writes: 0 };
    counts[kind === 'get' ? 'reads' : 'writes'] += 1;
    bySession.set(life, counts);
  }
  for (const { reads, writes } of bySession.values()) {
    if (writes === 0 && reads >= LEAST_OF_ONE_KIND) coverage.mark(ONE_SIDED.reads);
    if (reads === 0 && writes >= LEAST_OF_ONE_KIND) coverage.mark(ONE_SIDED.writes);
  }
}

/** Names in the coverage: uses of the empty value. */
export const EMPTY = { put: 'empty value put', get: 'empty value read' } as const;

const GOES_BACK = ['read-your-writes', 'monotonic-reads'];

/** The outcomes of operations that only some protocols have. */
const EDIT_OUTCOMES = {
  append: ['append ok', 'append unknown', 'append fail'],
  pop: ['pop ok', 'pop absent', 'pop unknown', 'pop fail'],
};

/** Commands that no random script has. */
const NOT_DRAWN = new Set(['expect', 'wait', 'repeat', 'let', 'include']);

/** All that a large batch must cover. */
export function listWanted(protocol: Protocol, language: ScriptLanguage): string[] {
  const { name, guarantees, messages, commands, options, notes = [], modifiers = [] } = protocol;
  const own = commands.filter((one) => !isDrawable(one)).map((one) => one.name);
  const unknown = new Set([...NOT_DRAWN, ...own]);
  const compared = hasCompareAndSet({ protocol, options: completeOptions(protocol, {}) })
    ? ['command cas', 'outcome cas ok', 'outcome cas unknown', 'outcome cas fail', 'code ERR_CAS']
    : [];
  const claims = claimsOf(protocol, completeOptions(protocol, {}));
  const isLagging =
    !claims.includes('linearizable') && GOES_BACK.some((word) => claims.includes(word as never));
  const writes = ['put', 'delete'].flatMap((kind) => [
    `${kind} ok`,
    `${kind} unknown`,
    `${kind} fail`,
  ]);
  const edits = (['append', 'pop'] as const).flatMap((kind) => {
    const isThere = editsOf({ protocol, options: completeOptions(protocol, {}) }, kind).length > 0;
    return isThere ? EDIT_OUTCOMES[kind] : [];
  });
  const reads = ['get ok', 'get absent', 'get unknown', 'get fail'];
  const chosen = Object.entries(options).flatMap(([option, { samples = [] }]) =>
    samples.map((sample) => `option ${option}=${sample}`),
  );
  const drawable = Object.keys(messages).filter((method) => !messages[method]?.isBeyondScripts);
  const stale = isLagging ? ['get stale'] : [];
  const promised = new Set([claims, ...Object.values(guarantees)].flatMap(levelsOf));
  return [
    ...language.commands(protocol).flatMap((one) => (unknown.has(one) ? [] : [`command ${one}`])),
    ...[MESSAGE_FAULTS, SERVER_FAULTS, ONE_SIDED].flatMap((faults) => Object.values(faults)),
    ...[NODE_FAULTS.drifting, NODE_FAULTS.slow, NODE_FAULTS.stalled],
    ...(Object.hasOwn(options, STORAGE) ? Object.values({ ...DISK_FAULTS, ...LOG_EVENTS }) : []),
    ...(protocol.createService === undefined ? [] : Object.values(SERVICE_FAULTS)),
    ...(protocol.clientsReachAll && protocol.createService !== undefined ? [CUT_BY_SCRIPT] : []),
    ...(protocol.convergesWithinMs === undefined ? [] : [ALONE]),
    ...chosen,
    ...modifiers.flatMap(({ samples }) => samples.map((word) => `modifier ${word}`)),
    ...Object.values(EMPTY),
    ...compared,
    ...[...writes, ...edits, ...reads, ...stale].map((outcome) => `outcome ${outcome}`),
    ...['ERR_KEY', 'ERR_UNREACHABLE', 'E_TIMEOUT', ...(isLagging ? ['ERR_DEP'] : [])].map(
      (code) => `code ${code}`,
    ),
    ...INVALID_LINE_CODES.map((code) => `bad line ${code}`),
    ...Object.keys(guarantees).map((word) => `guarantee ${word}`),
    ...[...promised].map((level) => `verdict ${level} holds`),
    ...notes.map((label) => `note ${label}`),
    ...drawable.map((method) => `message ${name}.${method}`),
    ONE_WAY,
    'stabilize whole',
    'stabilize partial',
  ];
}

/** A batch with fewer seeds is too small to require this coverage. */
export const TELLING_SEEDS = 1_000;
const LEAST = 5;

/** What a batch covered too rarely, with its count; empty for a small batch. */
export function findTooLittle(
  coverage: Coverage,
  wanted: readonly string[],
  seeds: number,
): { what: string; count: number }[] {
  if (seeds < TELLING_SEEDS) return [];
  return wanted
    .map((what) => ({ what, count: coverage.count(what) }))
    .filter(({ count }) => count < LEAST);
}
