// A simple model of some servers of the causal protocol. Each server is the set of writes that it
// has applied; every question is answered by a scan of the whole set. The real states do the same
// steps and must agree. A set is a bigint with one bit for each write.
import { compareVersions, type Version } from '../../../src/clocks/version.ts';
import { VersionVector } from '../../../src/clocks/versionVector.ts';
import type { VectorTuples } from '../../../src/kernel/history.ts';
import type { Entry } from '../../../src/protocols/causal/entry.ts';
import type { WireEntry } from '../../../src/protocols/causal/messages.ts';
import { CausalState } from '../../../src/protocols/causal/state.ts';
import { packParts, unpackEntries } from '../../../src/protocols/causal/transfer.ts';

interface Write extends Entry {
  readonly bit: bigint;
  /** What its origin had applied when it accepted it, itself included. */
  readonly before: bigint;
}

interface Server {
  state: CausalState;
  applied: bigint;
  /**
   * The tombstones that were collected, here or at a sender, with the writes that they superseded.
   */
  collected: bigint;
  /** Every request that was answered here, in order. */
  requests: Request[];
}

interface Request {
  readonly session: number;
  readonly seq: number;
  readonly key: string;
  readonly value: string | null;
  readonly outcome: Version | 'stale';
}

interface Transfer {
  readonly from: number;
  readonly to: number;
  readonly since: bigint;
  readonly applied: bigint;
  readonly collected: bigint;
  readonly wire: {
    since: VectorTuples;
    packed: readonly WireEntry[];
    applied: VectorTuples;
    collected: VectorTuples;
  };
}

export class ModelWorld {
  readonly servers: Server[];
  readonly transfers: Transfer[] = [];
  readonly #writes: Write[] = [];
  readonly #keys: readonly string[];
  readonly #incarnations: number[];
  #checks = 0;
  readonly #seqBySession = new Map<number, number>();
  /** How often each thing happened, so that a test can tell that it exercised it. */
  readonly marks = new Map<string, number>();

  constructor(servers: number, keys: number) {
    this.#keys = Array.from({ length: keys }, (_, index) => `k${index}`);
    this.#incarnations = new Array<number>(servers).fill(0);
    this.servers = this.#incarnations.map((_, id) => this.#createServer(id));
  }

  /** One operation, chosen and filled in by four numbers from 0. */
  step([operation, a, b, c]: readonly [number, number, number, number]): void {
    const server = a % this.servers.length;
    const other = b % this.servers.length;
    const kind = operation % 13;
    if (kind < 4) this.#write(server, b, c);
    else if (kind === 4) this.#replay(server, b);
    else if (kind < 7) this.#send(server, other, c);
    else if (kind < 10) this.#deliver(b, c);
    else if (kind === 10) this.transfers.splice(b % (this.transfers.length || 1), 1);
    else if (kind === 11) this.#round(server);
    else if (c % 4 === 0) this.#restart(server);
  }

  /** Throws unless every state answers as the model does, and all are alike after a round. */
  checkAll(): void {
    for (const server of this.servers) this.check(server);
    this.converge(0);
    const stores = this.servers.map(({ state }) => String([...state.values()].sort()));
    equal(new Set(stores).size, 1, 'C4: different stores');
  }

  check({ state, applied, collected }: Server): void {
    for (const write of this.#writes) {
      const isApplied = (applied & write.bit) !== 0n;
      equal(state.applied.covers(write.version), isApplied, 'covers');
      if (!isApplied) continue;
      equal(write.before & ~applied, 0n, 'C7: closed under what came before');
      equal(state.clock.time >= write.version.timestamp, true, 'C1: the clock is above');
    }
    const kept = this.#keptOf(applied, collected);
    for (const key of this.#keys) {
      const expected = kept.find((write) => write.key === key);
      equal(nameOf(state.read(key)), nameOf(expected), `read ${key}`);
      const latest = this.#keptOf(applied, 0n).find((write) => write.key === key);
      if (expected !== undefined || latest === undefined) continue;
      equal(state.collected.covers(latest.version), true, `the deletion of ${key} was collected`);
    }
    equal(state.applied.dominates(state.collected), true, 'what was collected was applied');
    equal(
      state.hasDeletions(),
      kept.some(({ value }) => value === null),
      'hasDeletions',
    );
    const values = kept.filter(({ value }) => value !== null).map(({ key, value }) => [key, value]);
    equal(String([...state.values()].sort()), String(values.sort()), 'values');
    equal([...state.entries()].length, kept.length, 'entries');
    this.#checks += 1;
    const peer = this.servers[this.#checks % this.servers.length] as Server;
    this.#checkBeyond(state, kept, peer.state.applied);
    if (this.#checks % 4 === 0) this.#checkBeyond(state, kept, new VersionVector());
  }

  #checkBeyond(state: CausalState, kept: readonly Write[], vector: VersionVector): void {
    const expected = kept.filter(({ version }) => !vector.covers(version));
    const found = state.entriesBeyond(vector);
    equal(found.map(nameOf).join(), expected.map(nameOf).join(), 'entriesBeyond');
  }

  /** The winning writes of a set that were not collected, in the order of their versions. */
  #keptOf(applied: bigint, collected: bigint): Write[] {
    const winnerByKey = new Map<string, Write>();
    for (const write of this.#writes) {
      if ((applied & ~collected & write.bit) === 0n) continue;
      const winner = winnerByKey.get(write.key);
      if (winner === undefined || compareVersions(write.version, winner.version) > 0) {
        winnerByKey.set(write.key, write);
      }
    }
    return [...winnerByKey.values()].sort((x, y) => compareVersions(x.version, y.version));
  }

  /** A new request of a session, sometimes with the demands of one that has seen another server. */
  #write(id: number, b: number, c: number): void {
    const server = this.servers[id] as Server;
    const session = 100 + (b % 3);
    const seq = (this.#seqBySession.get(session) ?? 0) + 1;
    this.#seqBySession.set(session, seq);
    const key = this.#keys[c % this.#keys.length] as string;
    const value = b % 4 === 0 ? null : `v${this.#writes.length}`;
    const seen = b % 5 === 0 ? (this.servers[c % this.servers.length] as Server) : undefined;
    const guard = seen?.state.applied.copy() ?? null;
    const outcome = server.state.write(lifeOf(session), seq, { key, value }, guard);
    if (outcome === undefined || outcome === 'refused')
      throw new Error('a new write had no chance');
    const isStale = seen !== undefined && (seen.applied & ~server.applied) !== 0n;
    equal(outcome === 'stale', isStale, 'guard');
    server.requests.push({ session, seq, key, value, outcome });
    if (outcome !== 'stale') this.#accept(server, { key, value, version: outcome });
    this.#mark(outcome === 'stale' ? 'stale write' : 'write');
    this.check(server);
  }

  #accept(server: Server, entry: Entry): void {
    for (const { bit, version } of this.#writes) {
      const isSeen = (server.applied & bit) !== 0n;
      if (isSeen && compareVersions(version, entry.version) >= 0) throw new Error('C2: not above');
      if (compareVersions(version, entry.version) === 0) throw new Error('G2: one version twice');
    }
    const bit = 1n << BigInt(this.#writes.length);
    server.applied |= bit;
    this.#writes.push({ ...entry, bit, before: server.applied });
  }

  /** A second copy of an old request: the same answer if it was its session's last, or none. */
  #replay(id: number, b: number): void {
    const server = this.servers[id] as Server;
    const request = server.requests[b % (server.requests.length || 1)];
    if (request === undefined) return;
    const { session, seq, key, value, outcome } = request;
    const isLast = server.requests.findLast((other) => other.session === session) === request;
    const again = server.state.write(lifeOf(session), seq, { key, value });
    equal(again, isLast ? outcome : undefined, 'G7: the same answer');
    this.#mark(isLast ? 'replay' : 'late replay');
    this.check(server);
  }

  /** A transfer whose base is what the receiver has, what a third one has, or nothing. */
  #send(from: number, to: number, c: number): void {
    if (from === to) return;
    const sender = this.servers[from] as Server;
    const based = this.servers[c % 3 === 0 ? c % this.servers.length : to] as Server;
    const since = c % 7 === 0 ? new VersionVector() : based.state.applied.copy();
    const entries = sender.state.entriesBeyond(since);
    this.transfers.push({
      from,
      to,
      since: c % 7 === 0 ? 0n : based.applied,
      applied: sender.applied,
      collected: sender.collected,
      wire: {
        since: since.toTuples(),
        packed: packParts(entries).flat(),
        applied: sender.state.applied.toTuples(),
        collected: sender.state.collected.toTuples(),
      },
    });
  }

  /** Some transfer arrives, in any order, and may arrive again. */
  #deliver(b: number, c: number): void {
    const index = b % (this.transfers.length || 1);
    const transfer = this.transfers[index];
    if (transfer === undefined) return;
    if (c % 3 !== 0) this.transfers.splice(index, 1);
    const receiver = this.servers[transfer.to] as Server;
    const { since, packed, applied, collected: gone } = transfer.wire;
    const accepted = receiver.state.merge(
      VersionVector.fromTuples(since),
      unpackEntries(packed),
      VersionVector.fromTuples(applied),
      VersionVector.fromTuples(gone),
    );
    equal(accepted, (transfer.since & ~receiver.applied) === 0n, 'merge');
    if (accepted) {
      receiver.collected |= transfer.collected & ~receiver.applied;
      receiver.applied |= transfer.applied;
    }
    this.#mark(accepted ? 'merge' : 'refused merge');
    this.check(receiver);
  }

  /**
   * A whole round of stabilize in one step. At its end every server collects the tombstones that
   * the root had at its start: by then every server has all writes below them.
   */
  #round(root: number): void {
    const { applied, state } = this.servers[root] as Server;
    const upTo = state.applied.copy();
    for (const server of this.servers) server.state.clock.witness(state.clock.time);
    this.converge(root);
    for (const server of this.servers) {
      for (const deletion of this.#keptOf(server.applied, server.collected)) {
        if (deletion.value !== null || (applied & deletion.bit) === 0n) continue;
        server.collected |= this.#upTo(deletion, server.applied);
        this.#mark('collected');
      }
      server.state.collect(1, upTo);
      this.check(server);
    }
  }

  /** The deletion and all older writes of its key: without it, they must not come back. */
  #upTo(deletion: Write, applied: bigint): bigint {
    return this.#writes
      .filter(({ key, bit }) => key === deletion.key && (applied & bit) !== 0n)
      .filter(({ version }) => compareVersions(version, deletion.version) <= 0)
      .reduce((set, { bit }) => set | bit, 0n);
  }

  /** Every write goes to the root, and from there to every server. */
  converge(root: number): void {
    const others = this.servers.map((_, id) => id).filter((id) => id !== root);
    const ways = [...others.map((id) => [id, root]), ...others.map((id) => [root, id])];
    for (const [from = 0, to = 0] of ways) {
      this.#send(from, to, 1);
      this.#deliver(this.transfers.length - 1, 1);
    }
  }

  /** A new life, which shares nothing with the former; the links of that one are gone. */
  #restart(id: number): void {
    this.servers[id] = this.#createServer(id);
    const isOver = ({ from, to }: Transfer): boolean => from === id || to === id;
    for (const transfer of this.transfers.filter(isOver)) {
      this.transfers.splice(this.transfers.indexOf(transfer), 1);
    }
    this.#mark('restart');
  }

  #createServer(id: number): Server {
    const incarnation = (this.#incarnations[id] as number) + 1;
    this.#incarnations[id] = incarnation;
    return {
      state: new CausalState({ id, incarnation }),
      applied: 0n,
      collected: 0n,
      requests: [],
    };
  }

  #mark(what: string): void {
    this.marks.set(what, (this.marks.get(what) ?? 0) + 1);
  }
}

function lifeOf(session: number) {
  return { id: session, incarnation: 1 };
}

function nameOf(entry: Entry | undefined): string {
  if (entry === undefined) return 'nothing';
  const { key, value, version } = entry;
  return `${key}=${value}@${version.timestamp}.${version.origin.id}.${version.origin.incarnation}`;
}

function equal(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new Error(`${what}: ${actual}, the model says ${expected}`);
}
