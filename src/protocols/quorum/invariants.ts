// The invariants of the quorum protocol, checked after every event of a simulation. The numbers are
// those of docs/protocols/quorum.md. An oracle remembers every accepted write; for each server, the
// newest writes of each key that it ever had durably are remembered.
import type { Version } from '../../clocks/version.ts';
import { assert } from '../../kernel/errors.ts';
import type { Life, NodeId } from '../../kernel/ids.ts';
import type { Invariants, Witnessed } from '../../kernel/invariants.ts';
import { Durability } from './durability.ts';
import type { Acknowledged, Hinted, Paid, ServerFact, SessionFact, StoodIn } from './facts.ts';
import { Losses } from './losses.ts';
import { nameOf, Oracle, tell } from './oracle.ts';
import { RoundInvariants } from './roundInvariants.ts';
import { requestOf, SessionInvariants } from './sessionInvariants.ts';
import type { QuorumState } from './state.ts';
import type { Write } from './write.ts';

/** By server and key: writes of which none includes another. */
type Holdings = Map<NodeId, Map<string, readonly Write[]>>;

export function createQuorumInvariants(): Invariants {
  return new QuorumInvariants();
}

class QuorumInvariants implements Invariants {
  readonly #durability = new Durability();
  readonly #oracle = new Oracle();
  readonly #losses = new Losses();
  readonly #sessions = new SessionInvariants({
    oracle: this.#oracle,
    losses: this.#losses,
    replicaCount: () => this.#n,
    checkKnown: (write) => this.#checkKnown(write),
    isForgotten: (version) => this.#isForgotten(version),
    refused: (request, session, seq) => this.#learnRefused(request, session, seq),
  });
  readonly #rounds = new RoundInvariants({
    has: (server, write) => this.#has(server, write),
    // A tombstone that superseded the write may have been collected.
    isSuperseded: (server, write) =>
      this.#isForgotten(write.version) && this.#hasHad(server.self.id, write),
  });
  readonly #versionByRequest = new Map<string, string>();
  /** Versions of which a copy or a hint was kept, and versions of which there must be none. */
  readonly #existing = new Set<string>();
  readonly #refused = new Set<string>();
  /** What each server had at some time, and what its present life must have. */
  readonly #kept: Holdings = new Map();
  readonly #held: Holdings = new Map();
  /** What each server kept as a stand-in at some time, and what was kept for each owner. */
  readonly #stoodIn: Holdings = new Map();
  readonly #keptFor: Holdings = new Map();
  readonly #ringNumbers = new Map<NodeId, number>();
  /** How many replicas each key has: the same in all rings of the data. */
  #n = 0;
  /** Tombstones up to here were collected somewhere. */
  #floor = 0;
  #haveLogs = false;

  changed({ life, role, state, durable }: Witnessed, facts: readonly object[]): void {
    if (role === 'client') {
      this.#sessions.changed(life, facts as readonly SessionFact[]);
      return;
    }
    const server = state as QuorumState;
    this.#haveLogs ||= durable !== undefined;
    this.#floor = Math.max(this.#floor, server.store.floor);
    this.#n = server.ring?.n ?? this.#n;
    this.#losses.seen(server);
    this.#forgetDropped(server);
    assert(
      !server.ring?.members.includes(life.id) || server.clock.time >= this.#floor,
      () => `Q10: the clock of server ${life.id} is below a collected tombstone`,
    );
    for (const fact of facts as readonly ServerFact[]) {
      if (fact.kind === 'accepted') this.#learnAccepted(fact);
      else if (fact.kind === 'hinted') this.#checkHinted(server, fact, durable);
      else if (fact.kind === 'kept') this.#checkKept(server, fact.write, durable);
      else if (fact.kind === 'stood in') this.#checkStoodIn(server, fact, durable);
      else if (fact.kind === 'paid') this.#checkPaid(fact);
      else if (fact.kind === 'passed on') {
        const { to, isBelieved } = fact;
        assert(isBelieved, () => `Q11: server ${life.id} passes on to ${to}, believed dead`);
      } else this.#checkAcknowledged(server, fact);
    }
  }

  /** A server may drop the keys that do not belong to it on its ring. */
  #forgetDropped({ self, ring }: QuorumState): void {
    if (ring === undefined || this.#ringNumbers.get(self.id) === ring.number) return;
    this.#ringNumbers.set(self.id, ring.number);
    const byKey = this.#held.get(self.id) ?? new Map<string, readonly Write[]>();
    for (const key of byKey.keys()) if (!ring.holdersOf(key).includes(self.id)) byKey.delete(key);
  }

  /** Without logs, a death loses data. */
  ended(life: Life): void {
    if (this.#haveLogs) return;
    this.#losses.ended(life);
    this.#held.delete(life.id);
  }

  stabilizing(round: number, servers: readonly Witnessed[]): void {
    for (const { life, state } of servers) {
      // A write that was durable when its server died was restored, and has not been reported.
      for (const write of (state as QuorumState).store.writes()) this.#learnKept(life.id, write);
    }
    this.#rounds.begins(round, servers);
  }

  stabilized(round: number, reached: readonly Witnessed[]): void {
    this.#rounds.ends(round, reached);
  }

  #learnAccepted({ write, session, seq }: Extract<ServerFact, { kind: 'accepted' }>): void {
    const name = nameOf(write.version);
    const request = requestOf({ id: session[0], incarnation: session[1] }, seq);
    this.#losses.begun(name);
    this.#oracle.accepted(write, this.#sessions.knownOf(request));
    const first = this.#versionByRequest.get(request);
    assert(first === undefined, () => `G7: a put was accepted twice, as ${first} and ${name}`);
    this.#versionByRequest.set(request, name);
  }

  #learnRefused(request: string, { id }: Life, seq: number): void {
    const version = this.#versionByRequest.get(request);
    if (version === undefined) return;
    const isGone = !this.#existing.has(version);
    assert(isGone, () => `Q4: put ${seq} of ${id} was refused, and ${version} exists`);
    this.#refused.add(version);
  }

  #checkKnown(write: Write): void {
    this.#oracle.check(write);
    const name = nameOf(write.version);
    const isRefused = this.#refused.has(name);
    assert(!isRefused, () => `Q4: ${tell(write)} exists, and its put was refused`);
    this.#existing.add(name);
  }

  #checkKept(server: QuorumState, write: Write, durable: Witnessed['durable']): void {
    this.#checkKnown(write);
    const { self, clock } = server;
    const { key, version } = write;
    assert(
      clock.time >= version.timestamp,
      () => `Q8: server ${self.id} has a clock below ${tell(write)}`,
    );
    assert(server.isReplica(key), () => `Q4: server ${self.id} has ${key}, and is no replica`);
    const isThere = this.#has(server, write) || this.#isForgotten(version);
    assert(isThere, () => `Q1: server ${self.id} says that it has ${tell(write)}`);
    if (durable !== undefined) {
      const restored = this.#durability.stateOf(server, durable());
      const isDurable = this.#has(restored, write);
      assert(
        isDurable || this.#isForgotten(version) || !restored.isReplica(key),
        () => `Q1: ${tell(write)} is not durable`,
      );
    }
    this.#learnKept(self.id, write);
    for (const held of this.#held.get(self.id)?.get(key) ?? []) {
      const isStill = this.#has(server, held) || this.#isForgotten(held.version);
      assert(isStill, () => `Q7: server ${self.id} lost ${tell(held)}, which nothing replaced`);
    }
  }

  /** Whether the server's store has the write, or one that replaces it. */
  #has({ store }: QuorumState, { key, version }: Write): boolean {
    return this.#oracle.isIncluded(store.find(key), version);
  }

  #learnKept(server: NodeId, write: Write): void {
    for (const holdings of [this.#kept, this.#held]) this.#learn(holdings, server, write);
  }

  #learn(holdings: Holdings, server: NodeId, write: Write): void {
    const byKey = holdings.get(server) ?? new Map<string, readonly Write[]>();
    holdings.set(server, byKey);
    const known = byKey.get(write.key) ?? [];
    if (this.#oracle.isIncluded(known, write.version)) return;
    const others = known.filter(({ version }) => !this.#oracle.includes(write, version));
    byKey.set(write.key, [...others, write]);
  }

  #checkStoodIn(
    server: QuorumState,
    { owner, write }: StoodIn,
    durable: Witnessed['durable'],
  ): void {
    const { id } = server.self;
    assert(!server.isReplica(write.key), () => `Q4: server ${id} stands in for itself`);
    this.#checkHinted(server, { kind: 'hinted', write, owners: [owner] }, durable);
    // The ring may have changed while the hint was on its way to the disk.
    const owners = isHolder(server, owner, write)
      ? [owner]
      : (server.ring?.holdersOf(write.key) ?? []);
    const isKept = owners.every(
      (one) => this.#keepsFor(one, server, write) || this.#hasHad(one, write),
    );
    assert(isKept, () => `Q1: server ${id} says that it keeps ${tell(write)}`);
    this.#learn(this.#stoodIn, id, write);
    for (const one of [owner, ...owners]) this.#learn(this.#keptFor, one, write);
  }

  #checkHinted(
    server: QuorumState,
    { write, owners }: Hinted,
    durable: Witnessed['durable'],
  ): void {
    this.#checkKnown(write);
    if (durable === undefined) return;
    const restored = this.#durability.stateOf(server, durable());
    for (const owner of owners) {
      const isKept =
        this.#keepsFor(owner, restored, write) ||
        this.#hasHad(owner, write) ||
        !isHolder(restored, owner, write);
      assert(isKept, () => `Q5: the hint of ${tell(write)} for server ${owner} is not durable`);
    }
  }

  #checkPaid({ owner, keeper, writes }: Paid): void {
    for (const write of writes) {
      const holdings = keeper === owner ? this.#kept : this.#keptFor;
      const isPaid = this.#wasAt(holdings, owner, write);
      assert(isPaid, () => `Q5: server ${owner} never had ${tell(write)}, and its hint is gone`);
    }
  }

  #checkAcknowledged(server: QuorumState, fact: Acknowledged): void {
    const { write, needed, confirmations, lists } = fact;
    const hasIt = (id: NodeId): boolean =>
      this.#hasHad(id, write) || this.#wasAt(this.#stoodIn, id, write);
    const confirmed = [...new Set(confirmations)];
    for (const list of server.settings.isSloppy ? [confirmed] : lists) {
      const { length } = confirmed.filter((id) => list.includes(id) && hasIt(id));
      assert(
        length >= needed,
        () => `Q1: ${tell(write)} is acknowledged at ${needed}, and ${length} have it`,
      );
    }
    if (!server.settings.hasHints) return;
    // Hints for servers that the key no longer belongs to have other owners by now.
    for (const owner of new Set(lists.flat().filter((id) => isHolder(server, id, write)))) {
      const isKept =
        this.#hasHad(owner, write) ||
        this.#keepsFor(owner, server, write) ||
        this.#wasAt(this.#keptFor, owner, write);
      assert(isKept, () => `Q5: server ${owner} lacks ${tell(write)}, and there is no hint`);
    }
  }

  /** Whether the server keeps that write for the owner, or one that replaces it. */
  #keepsFor(owner: NodeId, { hints, debts }: QuorumState, { key, version }: Write): boolean {
    const kept = [...hints.find(owner, key), ...debts.find(owner, key)];
    return this.#oracle.isIncluded(kept, version);
  }

  /** Whether that server had the write at some time, or one that replaces it. */
  #hasHad(server: NodeId, write: Write): boolean {
    return this.#wasAt(this.#kept, server, write);
  }

  #wasAt(holdings: Holdings, server: NodeId, { key, version }: Write): boolean {
    return this.#oracle.isIncluded(holdings.get(server)?.get(key) ?? [], version);
  }

  #isForgotten({ timestamp }: Version): boolean {
    return timestamp <= this.#floor;
  }
}

/** Whether writes of that key go to that server, as the state knows. */
function isHolder({ ring }: QuorumState, id: NodeId, { key }: Write): boolean {
  return ring?.holdersOf(key).includes(id) === true;
}
