// The invariants of the quorum protocol, checked after every event of a simulation. The numbers are
// those of docs/protocols/quorum.md. An oracle remembers every accepted write, and for each server
// the newest write of each key that it ever had durably.
import { compareVersions, type Version } from '../../clocks/version.ts';
import { assert } from '../../kernel/errors.ts';
import { type Life, lifeKey, type NodeId } from '../../kernel/ids.ts';
import type { Invariants, Witnessed } from '../../kernel/invariants.ts';
import type { Hint } from '../../replication/hints.ts';
import { Durability } from './durability.ts';
import type { Acknowledged, Answered, Hinted, Paid, ServerFact, SessionFact } from './facts.ts';
import { Losses } from './losses.ts';
import type { QuorumState } from './state.ts';
import { supersedes, type Write } from './write.ts';

/** A put that a session had an answer to. */
interface OwnPut {
  readonly version: Version;
  readonly count: number;
}

/** What a server had when a round of stabilize began. */
interface Before {
  readonly life: Life;
  readonly writes: readonly Write[];
  readonly hints: readonly Hint<Write>[];
}

export function createQuorumInvariants(): Invariants {
  return new QuorumInvariants();
}

class QuorumInvariants implements Invariants {
  readonly #durability = new Durability();
  readonly #acceptedByVersion = new Map<string, Write>();
  readonly #versionByRequest = new Map<string, string>();
  /** Versions of which a copy or a hint was kept, and versions of which there must be none. */
  readonly #existing = new Set<string>();
  readonly #refused = new Set<string>();
  readonly #keptByServer = new Map<NodeId, Map<string, Write>>();
  readonly #putsByLife = new Map<number, Map<string, OwnPut[]>>();
  /** By session: the greatest version that it has put or got. */
  readonly #greatestByLife = new Map<number, Version>();
  readonly #beforeByRound = new Map<number, readonly Before[]>();
  /** Tombstones up to here were collected somewhere. */
  #floor = 0;
  readonly #losses = new Losses();
  #haveLogs = false;

  changed({ life, role, state, durable }: Witnessed, facts: readonly object[]): void {
    if (role === 'client') {
      for (const fact of facts as readonly SessionFact[]) this.#checkSession(life, fact);
      return;
    }
    const server = state as QuorumState;
    this.#haveLogs ||= durable !== undefined;
    this.#floor = Math.max(this.#floor, server.store.floor);
    this.#losses.seen(server);
    assert(
      !server.isMember || server.clock.time >= this.#floor,
      () => `Q10: the clock of server ${life.id} is below a collected tombstone`,
    );
    for (const fact of facts as readonly ServerFact[]) {
      if (fact.kind === 'accepted') this.#learnAccepted(fact);
      else if (fact.kind === 'hinted') this.#checkHinted(server, fact, durable);
      else if (fact.kind === 'kept') this.#checkKept(server, fact.write, durable);
      else if (fact.kind === 'paid') this.#checkPaid(fact);
      else this.#checkAcknowledged(server, fact);
    }
  }

  /** Without logs, a death loses data. */
  ended(life: Life): void {
    if (!this.#haveLogs) this.#losses.ended(life);
  }

  stabilizing(round: number, servers: readonly Witnessed[]): void {
    const before = servers.map(({ life, state }): Before => {
      const { store, hints } = state as QuorumState;
      // A write that was durable when its server died was restored, and has not been reported.
      for (const write of store.writes()) this.#learnKept(life.id, write);
      return { life, writes: [...store.writes()], hints: [...hints.all()] };
    });
    this.#beforeByRound.set(round, before);
  }

  /** Q6. A server that was started again during the round has nothing of before. */
  stabilized(round: number, reached: readonly Witnessed[]): void {
    const states = new Map(reached.map(({ life, state }) => [lifeKey(life), state as QuorumState]));
    const before = this.#beforeByRound.get(round) ?? [];
    this.#beforeByRound.delete(round);
    for (const { life, writes, hints } of before) {
      const holder = states.get(lifeKey(life));
      if (holder === undefined) continue;
      for (const state of states.values()) {
        for (const write of writes) this.#checkEqual(state, write, life.id);
        for (const { owner, write } of hints) {
          if (owner !== state.self.id) continue;
          this.#checkEqual(state, write, life.id);
          const isOwed = holder.hints.isOwed({ owner, write });
          assert(!isOwed, () => `Q6: server ${life.id} still has a hint for server ${owner}`);
        }
      }
    }
  }

  #checkEqual(state: QuorumState, write: Write, other: NodeId): void {
    if (!state.isReplica(write.key)) return;
    // A tombstone that superseded the write may have been collected.
    const isSuperseded = this.#isForgotten(write.version) && this.#hasHad(state.self.id, write);
    assert(
      state.store.has(write) || isSuperseded,
      () => `Q6: server ${state.self.id} lacks ${tell(write)}, which server ${other} had before`,
    );
  }

  #learnAccepted({ write, session, seq }: Extract<ServerFact, { kind: 'accepted' }>): void {
    const name = nameOf(write.version);
    this.#losses.begun(name);
    const known = this.#acceptedByVersion.get(name);
    assert(known === undefined, () => `G2: version ${name} names two writes`);
    this.#acceptedByVersion.set(name, write);
    const request = `${lifeKey({ id: session[0], incarnation: session[1] })} ${seq}`;
    const first = this.#versionByRequest.get(request);
    assert(first === undefined, () => `G7: a put was accepted twice, as ${first} and ${name}`);
    this.#versionByRequest.set(request, name);
  }

  /** Q3: whatever brought it, a copy is the write that a coordinator has accepted. */
  #checkKnown({ key, value, version }: Write): void {
    const known = this.#acceptedByVersion.get(nameOf(version));
    const isSame = known?.key === key && known.value === value;
    assert(isSame, () => `Q3: ${key} ${nameOf(version)} is no write that was accepted so`);
    const isRefused = this.#refused.has(nameOf(version));
    assert(!isRefused, () => `Q4: ${key} ${nameOf(version)} exists, and its put was refused`);
    this.#existing.add(nameOf(version));
  }

  #checkKept(server: QuorumState, write: Write, durable: Witnessed['durable']): void {
    this.#checkKnown(write);
    const { self, clock, store } = server;
    const { key, version } = write;
    assert(
      clock.time >= version.timestamp,
      () => `Q8: server ${self.id} has a clock below ${tell(write)}`,
    );
    assert(server.isReplica(key), () => `Q4: server ${self.id} has ${key}, and is no replica`);
    const isThere = store.has(write) || this.#isForgotten(version);
    assert(isThere, () => `Q1: server ${self.id} says that it has ${tell(write)}`);
    if (durable !== undefined) {
      const isDurable = this.#durability.stateOf(server, durable()).store.has(write);
      assert(isDurable || this.#isForgotten(version), () => `Q1: ${tell(write)} is not durable`);
    }
    this.#learnKept(self.id, write);
  }

  #learnKept(server: NodeId, write: Write): void {
    const byKey = this.#keptByServer.get(server) ?? new Map<string, Write>();
    this.#keptByServer.set(server, byKey);
    const known = byKey.get(write.key);
    if (known === undefined || supersedes(write, known)) byKey.set(write.key, write);
  }

  #checkHinted(
    server: QuorumState,
    { write, owners }: Hinted,
    durable: Witnessed['durable'],
  ): void {
    this.#checkKnown(write);
    if (durable === undefined) return;
    const { hints } = this.#durability.stateOf(server, durable());
    for (const owner of owners) {
      const isKept = hints.keeps({ owner, write }) || this.#hasHad(owner, write);
      assert(isKept, () => `Q5: the hint of ${tell(write)} for server ${owner} is not durable`);
    }
  }

  #checkPaid({ owner, writes }: Paid): void {
    for (const write of writes) {
      const isPaid = this.#hasHad(owner, write);
      assert(isPaid, () => `Q5: server ${owner} never had ${tell(write)}, and its hint is gone`);
    }
  }

  #checkAcknowledged(server: QuorumState, fact: Acknowledged): void {
    const { write, needed, confirmations } = fact;
    const holders = new Set(confirmations.filter((id) => this.#hasHad(id, write)));
    assert(
      holders.size >= needed,
      () => `Q1: ${tell(write)} is acknowledged at ${needed}, and ${holders.size} have it`,
    );
    if (!server.settings.hasHints) return;
    for (const owner of server.ring?.replicasOf(write.key) ?? []) {
      const isKept = this.#hasHad(owner, write) || server.hints.keeps({ owner, write });
      assert(isKept, () => `Q5: server ${owner} lacks ${tell(write)}, and there is no hint`);
    }
  }

  /** Whether that server had the write at some time, or a later one of its key. */
  #hasHad(server: NodeId, write: Write): boolean {
    const known = this.#keptByServer.get(server)?.get(write.key);
    return known !== undefined && supersedes(known, write);
  }

  #isForgotten({ timestamp }: Version): boolean {
    return timestamp <= this.#floor;
  }

  #checkSession(life: Life, fact: SessionFact): void {
    if (fact.kind === 'refused put') {
      const version = this.#versionByRequest.get(`${lifeKey(life)} ${fact.seq}`);
      if (version === undefined) return;
      const isGone = !this.#existing.has(version);
      assert(isGone, () => `Q4: put ${fact.seq} of ${life.id} was refused, and ${version} exists`);
      this.#refused.add(version);
      return;
    }
    const { key, value, version } = fact;
    if (version !== undefined) this.#checkKnown({ key, value, version });
    const putsByKey = this.#putsByLife.get(lifeKey(life)) ?? new Map<string, OwnPut[]>();
    this.#putsByLife.set(lifeKey(life), putsByKey);
    const puts = putsByKey.get(key) ?? [];
    if (fact.kind === 'answered get') this.#checkGet(life, fact, puts);
    else if (version !== undefined) {
      const greatest = this.#greatestByLife.get(lifeKey(life));
      const isAbove = greatest === undefined || compareVersions(version, greatest) > 0;
      assert(isAbove, () => `Q9: session ${life.id} put ${key} below what it had seen`);
      putsByKey.set(key, [...puts, { version, count: fact.count }]);
    }
    this.#see(life, version);
  }

  #see(life: Life, version: Version | undefined): void {
    const greatest = this.#greatestByLife.get(lifeKey(life));
    if (version === undefined) return;
    if (greatest !== undefined && compareVersions(greatest, version) >= 0) return;
    this.#greatestByLife.set(lifeKey(life), version);
  }

  /**
   * Q2: a read that overlaps an own put does not miss it, unless as many members as have confirmed
   * the put were without their data at a time since it began.
   */
  #checkGet({ id }: Life, { key, version, count, n }: Answered, puts: readonly OwnPut[]): void {
    for (const put of puts) {
      if (put.count + count <= n || this.#isForgotten(put.version)) continue;
      if (this.#losses.mostSince(nameOf(put.version)) >= put.count) continue;
      assert(
        version !== undefined && compareVersions(version, put.version) >= 0,
        () => `Q2: session ${id} does not read its own put of ${key} ${nameOf(put.version)}`,
      );
    }
  }
}

function nameOf({ timestamp, origin }: Version): string {
  return `${timestamp}/${origin.id}.${origin.incarnation}`;
}

function tell({ key, version }: Write): string {
  return `${key} ${nameOf(version)}`;
}
