// The invariants of the chain protocol, checked after every event of a simulation. The numbers are
// those of docs/protocols/chain.md. An oracle remembers every write that any log has held, and
// which writes were acknowledged.
import { compareVersions, type Version } from '../../clocks/version.ts';
import { assert } from '../../kernel/errors.ts';
import { type Life, lifeKey, type NodeId } from '../../kernel/ids.ts';
import type { DurableLog, Invariants, Witnessed } from '../../kernel/invariants.ts';
import { isInArc, tokenOfKey } from '../../replication/ring.ts';
import type { ArcLog, Entry } from './log.ts';
import {
  type Compared,
  checkCompared,
  checkPrefix,
  holds,
  holdsEntry,
  show,
} from './logInvariants.ts';
import type { AnsweredRead } from './reads.ts';
import { writesIn } from './records.ts';
import type { Seen } from './session.ts';
import type { ChainState, Position } from './state.ts';

/** What servers and sessions report to the invariants. */
export type Fact =
  | AnsweredRead
  | Seen
  | Compared
  | { readonly kind: 'committed'; readonly entries: readonly Entry[] };

interface SeenServer {
  readonly state: ChainState;
  epoch: number;
  /** What its disk has; undefined without a disk. Then its memory counts as durable. */
  readonly disk: DiskContent | undefined;
}

/** The writes on a disk, as far as its records have been scanned. */
interface DiskContent {
  /** A compaction begins another generation. */
  generation: number;
  scanned: number;
  /** Single writes, by the text of their versions. */
  readonly writes: Set<string>;
  /** By key, of records with a whole store: earlier writes of the key are not listed there. */
  readonly latestByKey: Map<string, Version>;
}

export function createChainInvariants(): Invariants {
  return new ChainInvariants();
}

class ChainInvariants implements Invariants {
  readonly #serverByLife = new Map<number, SeenServer>();
  readonly #living = new Set<number>();
  readonly #configurationByEpoch = new Map<number, string>();
  readonly #entryByVersion = new Map<string, Entry>();
  /** By key, and by the epoch in which the write was first acknowledged: the latest version. */
  readonly #ackedByKey = new Map<string, Map<number, Version>>();
  readonly #ackedByRequest = new Map<string, Version>();

  changed({ life, role, state, durable }: Witnessed, facts: readonly object[]): void {
    const observed = facts as readonly Fact[];
    if (role === 'server') this.#checkServer(life, state as ChainState, observed, durable?.());
    else for (const fact of observed) if (isSeen(fact)) this.#checkSession(life, fact);
  }

  /** When no server lives, a later run may use an epoch again that no disk has. */
  ended(life: Life): void {
    this.#living.delete(lifeKey(life));
    if (this.#living.size === 0) this.#configurationByEpoch.clear();
  }

  stabilizing(): void {}
  stabilized(): void {}

  #checkServer(
    life: Life,
    state: ChainState,
    facts: readonly Fact[],
    disk: DurableLog | undefined,
  ): void {
    let seen = this.#serverByLife.get(lifeKey(life));
    if (seen === undefined) {
      seen = {
        state,
        epoch: 0,
        disk: disk && { generation: 0, scanned: 0, writes: new Set(), latestByKey: new Map() },
      };
      this.#serverByLife.set(lifeKey(life), seen);
      this.#living.add(lifeKey(life));
    }
    assert(state.epoch >= seen.epoch, 'H6: an epoch never goes back');
    if (state.epoch > seen.epoch) {
      seen.epoch = state.epoch;
      this.#checkConfiguration(state);
      for (const position of state.positions()) this.#checkTakesOver(position, state.epoch);
    }
    if (disk !== undefined && seen.disk !== undefined) scan(seen.disk, disk);
    for (const log of state.logs.values()) {
      for (const entry of log.pending) this.#learnEntry(entry);
    }
    for (const fact of facts) if (fact.kind === 'compared') checkCompared(fact);
    for (const fact of facts) if (fact.kind === 'committed') this.#learnCommitted(state, fact);
    for (const position of state.positions()) this.#checkPosition(state, position);
    for (const fact of facts) if (fact.kind === 'read') this.#checkRead(state, fact);
  }

  #checkConfiguration({ configuration, epoch }: ChainState): void {
    const text = JSON.stringify(configuration);
    const known = this.#configurationByEpoch.get(epoch);
    assert(known === undefined || known === text, `H6: two configurations have number ${epoch}`);
    this.#configurationByEpoch.set(epoch, text);
  }

  /** H5: a member of a chain, unlike a joiner, has all that any earlier chain acknowledged. */
  #checkTakesOver({ log, isJoiner, owner }: Position, epoch: number): void {
    if (isJoiner) return;
    for (const [key, versionByEpoch] of this.#ackedByKey) {
      if (!isInArc(log.arc, tokenOfKey(key))) continue;
      for (const [acked, version] of versionByEpoch) {
        const isHeld = acked >= epoch || holds(log, key, version);
        assert(isHeld, `H5: arc ${owner} is served without ${key} ${show(version)}`);
      }
    }
  }

  #learnCommitted(state: ChainState, { entries }: { readonly entries: readonly Entry[] }): void {
    for (const entry of entries) {
      this.#learnEntry(entry);
      this.#checkAcked(state, entry);
    }
  }

  #learnEntry(entry: Entry): void {
    const name = show(entry.version);
    const known = this.#entryByVersion.get(name);
    if (known === undefined) this.#entryByVersion.set(name, entry);
    else if (known !== entry) {
      const isSame =
        known.key === entry.key && known.value === entry.value && known.isNoop === entry.isNoop;
      assert(isSame, `G2: version ${name} names two writes`);
    }
  }

  #checkAcked(state: ChainState, entry: Entry): void {
    const { key, version, session, seq } = entry;
    const request = `${lifeKey(session)} ${seq}`;
    const applied = this.#ackedByRequest.get(request);
    assert(
      applied === undefined || compareVersions(applied, version) === 0,
      `H7: request ${seq} of session ${session.id} applied twice`,
    );
    this.#ackedByRequest.set(request, version);
    this.#checkDurable(state, entry);
    if (entry.isNoop) return;
    const versionByEpoch = this.#ackedByKey.get(key) ?? new Map<number, Version>();
    this.#ackedByKey.set(key, versionByEpoch);
    if (applied === undefined) versionByEpoch.set(state.epoch, version);
  }

  /** H3: every living member of the chain has an acknowledged write on its disk. */
  #checkDurable(state: ChainState, entry: Entry): void {
    const { key, version, isNoop } = entry;
    const { configuration, epoch } = state;
    const position = this.#positionOf(state, key);
    if (configuration === undefined || position === undefined) return;
    for (const [id, incarnation] of configuration.lives) {
      const isMember = position.chain.members.includes(id);
      const other = this.#serverByLife.get(lifeKey({ id, incarnation }));
      if (!isMember || other === undefined || other.state.epoch !== epoch) continue;
      const log = this.#positionOf(other.state, key)?.log;
      if (log === undefined) continue;
      const upTo = Math.max(log.durable, log.committed);
      // The disk keeps an entry that changes nothing as the outcome of its request.
      const isByDisk = other.disk !== undefined && !isNoop;
      const isKept = isByDisk ? has(other.disk, key, version) : version.timestamp <= upTo;
      assert(
        isKept && holdsEntry(log, entry),
        `H3: ${key} ${show(version)} is acknowledged by ${state.self.id}, and not at ${id}`,
      );
    }
  }

  #positionOf(state: ChainState, key: string): Position | undefined {
    const owner = state.ownerOf(key);
    for (const position of state.positions()) if (position.owner === owner) return position;
    return undefined;
  }

  /** H2, with both neighbours: the server that changed last is compared with each of them. */
  #checkPosition(state: ChainState, position: Position): void {
    const { log, predecessor, successor, owner } = position;
    if (!log.isSynced) return;
    assert(log.durable >= 0, `H5: arc ${owner} is in sync with what the disk does not have yet`);
    const before = this.#neighbour(state, predecessor, owner);
    const after = this.#neighbour(state, successor, owner);
    if (before?.isSynced) checkPrefix(log, before, owner);
    if (after?.isSynced) checkPrefix(after, log, owner);
  }

  /** The log of a neighbour, if that is in the same epoch. */
  #neighbour(state: ChainState, id: NodeId | undefined, owner: NodeId): ArcLog | undefined {
    if (id === undefined) return undefined;
    const [, incarnation = 0] = state.configuration?.lives.find(([live]) => live === id) ?? [];
    const other = this.#serverByLife.get(lifeKey({ id, incarnation }))?.state;
    return other?.epoch === state.epoch ? other.logs.get(owner) : undefined;
  }

  #checkRead(state: ChainState, read: AnsweredRead): void {
    const { key, entry, pending, came, confirmation } = read;
    const { epoch } = pending;
    const version = entry?.version;
    const position = this.#positionOf(state, key);
    assert(confirmation.epoch === epoch, 'H4: a read is answered in the epoch that was confirmed');
    assert(confirmation.question > came, 'H4: an epoch is confirmed after the read came');
    if (state.epoch !== epoch || position === undefined) return;
    assert(
      position.log.isSynced && !position.isJoiner,
      'H5: a server answers before it is in sync',
    );
    if (version !== undefined) this.#checkKnown(key, version);
    assert(!entry?.isNoop, 'G1: what changes nothing is read');
    for (const [acked, written] of this.#ackedByKey.get(key) ?? []) {
      const isRead = version !== undefined && compareVersions(version, written) >= 0;
      assert(acked >= epoch || isRead, `H5: ${key} is read without ${show(written)}`);
    }
  }

  #checkKnown(key: string, version: Version): void {
    const entry = this.#entryByVersion.get(show(version));
    assert(entry?.key === key, `G1: ${key} was read as ${show(version)}, which no session wrote`);
  }

  #checkSession(life: Life, seen: Seen): void {
    if (seen.version === undefined) return;
    this.#checkKnown(seen.key, seen.version);
    const entry = this.#entryByVersion.get(show(seen.version));
    assert(entry?.value === seen.value, `G1: ${seen.key} was read with another value`);
    if (seen.kind === 'answered write') {
      const request = entry === undefined ? '' : `${lifeKey(entry.session)} ${entry.seq}`;
      assert(
        this.#ackedByRequest.has(request),
        `H3: session ${life.id} had an answer to a write that no tail has acknowledged`,
      );
    }
  }
}

function isSeen(fact: Fact): fact is Seen {
  return fact.kind === 'answered read' || fact.kind === 'answered write';
}

/** Adds the writes in the new records of a disk. */
function scan(content: DiskContent, { generation, records }: DurableLog): void {
  if (generation !== content.generation) {
    content.scanned = 0;
    content.writes.clear();
    content.latestByKey.clear();
  }
  content.generation = generation;
  const { writes, latestByKey } = content;
  for (const record of records.slice(content.scanned)) {
    const { store, others } = writesIn(record);
    for (const { version } of others) writes.add(show(version));
    for (const { key, version } of store) {
      const known = latestByKey.get(key);
      if (known === undefined || compareVersions(version, known) > 0) latestByKey.set(key, version);
    }
  }
  content.scanned = records.length;
}

function has({ writes, latestByKey }: DiskContent, key: string, version: Version): boolean {
  const latest = latestByKey.get(key);
  return writes.has(show(version)) || (latest && compareVersions(latest, version) >= 0) === true;
}
