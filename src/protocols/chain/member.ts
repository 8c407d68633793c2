// A server as a member of its chains: takes writes as a head, takes them over from predecessors,
// acknowledges. Nothing leaves before the disk has it, and what began in one epoch ends with it.
import { toVersionTuple } from '../../clocks/version.ts';
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { Configuration } from './configuration.ts';
import { Downstream } from './downstream.ts';
import { inBackground } from './failures.ts';
import type { Journal } from './journal.ts';
import type { ArcLog, Catchup, Entry } from './log.ts';
import type { ChainMessages } from './messages.ts';
import type { ChainState, Place } from './state.ts';
import type { Surroundings } from './stream.ts';
import type { Suspicion } from './suspicion.ts';
import { Upstream } from './upstream.ts';
import { Intake, type SyncPart, unpackApplied, unpackEntry } from './wire.ts';

interface Waiter {
  readonly upTo: number;
  readonly done: () => void;
  readonly failed: (error: CallError) => void;
}

/** A place, and what goes on there in this epoch. */
interface Post {
  readonly place: Place;
  readonly down: Downstream | undefined;
  readonly up: Upstream | undefined;
  readonly intake: Intake;
  readonly waiters: Waiter[];
}

export interface MemberSetup {
  readonly env: Env<ChainMessages>;
  readonly state: ChainState;
  readonly journal: Journal;
  readonly suspicion: Suspicion;
  /** Told that a peer is in another epoch. */
  outOfStep(): void;
  /** Told when a log may have come to be synced. */
  progressed(): void;
}

export class Member {
  readonly #env: Env<ChainMessages>;
  readonly #state: ChainState;
  readonly #journal: Journal;
  readonly #around: Surroundings;
  readonly #progressed: () => void;
  #posts = new Map<NodeId, Post>();

  constructor({ env, state, journal, suspicion, outOfStep, progressed }: MemberSetup) {
    this.#env = env;
    this.#state = state;
    this.#journal = journal;
    this.#progressed = progressed;
    const acknowledged = (place: Place, upTo: number): void => this.#acknowledged(place, upTo);
    this.#around = { env, state, suspicion, outOfStep, acknowledged };
  }

  /** Takes over a configuration unless it knows a later one; ends what belongs to the former. */
  adopt(configuration: Configuration): void {
    if (!this.#state.adopt(configuration)) return;
    for (const { waiters } of this.#posts.values()) {
      for (const { failed } of waiters) failed(over());
    }
    this.#posts = new Map();
    for (const place of this.#state.places()) this.#posts.set(place.owner, this.#postAt(place));
    const kept = Array.from(this.#state.logs.values(), (log) => remember(log));
    inBackground(this.#env, async () => {
      const isKept = await this.#isKept(configuration);
      if (isKept) for (const keep of kept) keep();
      if (this.#state.epoch === configuration.epoch) this.#state.begin(isKept);
      for (const post of this.#posts.values()) this.#advance(post);
      this.#progressed();
    });
    this.#progressed();
  }

  /**
   * False for a disk without room. Such a server takes no write any more and acknowledges none, so
   * it may show what it knows to be acknowledged until others have taken its places.
   */
  async #isKept(configuration: Configuration): Promise<boolean> {
    try {
      await this.#journal.configured(configuration);
      return true;
    } catch (error) {
      if (error instanceof CallError) return false;
      throw error;
    }
  }

  /** Resolves when no write that is here is still on its way to its tail. */
  async settled(): Promise<void> {
    for (const { place, waiters } of this.#posts.values()) {
      if (place.log.pending.length === 0 || waiters.length === 0) continue;
      await this.#whenCommitted(place, place.log.last).catch(() => undefined);
    }
  }

  /** A head's answer to a request: when its tail has the write. */
  async accept(
    owner: NodeId,
    { epoch, session, seq, key, value }: ParamsOf<ChainMessages, 'accept'>,
  ): Promise<ResultOf<ChainMessages, 'accept'>> {
    this.#state.assertEpoch(epoch);
    const place = this.#state.place(owner);
    if (place.predecessor !== undefined) throw new CallError('ERR_STALE_EPOCH', 'not the head');
    const [id, incarnation] = session;
    const request = { session: { id, incarnation }, seq, key, value };
    // A copy of what was accepted has its answer without the disk.
    const isNew = place.log.find(request) === undefined;
    if (isNew && this.#journal.isFull) throw new CallError('E_STORAGE');
    const { entry, version } = this.#state.accept(place, request);
    if (entry !== undefined) await this.#storeNew(place, entry);
    await this.#whenCommitted(place, version.timestamp);
    return { version: toVersionTuple(version) };
  }

  async sync(
    from: NodeId,
    params: ParamsOf<ChainMessages, 'sync'>,
  ): Promise<ResultOf<ChainMessages, 'sync'>> {
    const post = this.#postBehind(from, params);
    const { log, owner } = post.place;
    const { epoch, arc, transfer, isCounted, base, upTo, end, ...part } = params;
    if (log.isSynced) return { status: 'synced', ...this.#position(post) };
    if (base > log.committed) return { status: 'behind', ...this.#position(post) };
    const parts = post.intake.take(transfer, part);
    if (parts === undefined) return { status: 'more', ...this.#position(post) };
    const catchup = unpackParts({ base, upTo, end }, parts);
    this.#state.install(log, catchup);
    const { generation } = log;
    await this.#store(post.place, () => this.#journal.installed(owner, catchup));
    // A slow disk: the predecessor has asked again, and what that brought is not durable yet.
    const isLatest = log.generation === generation;
    if (!isLatest && !log.isSynced) return { status: 'more', ...this.#position(post) };
    if (isCounted && isLatest) {
      log.isSynced = true;
      this.#advance(post);
      this.#progressed();
    }
    return { status: 'whole', ...this.#position(post) };
  }

  async append(
    from: NodeId,
    params: ParamsOf<ChainMessages, 'append'>,
  ): Promise<ResultOf<ChainMessages, 'append'>> {
    const post = this.#postBehind(from, params);
    const { place } = post;
    if (!place.log.isSynced) return { status: 'unsynced', ...this.#position(post) };
    const fresh = this.#state.append(place, params.base, params.entries.map(unpackEntry));
    if (fresh === 'gap') return { status: 'gap', ...this.#position(post) };
    await this.#store(place, (log) =>
      this.#journal.pushed(place.owner, fresh, Math.max(0, log.committed)),
    );
    return { status: 'ok', ...this.#position(post) };
  }

  commit(from: NodeId, { epoch, arc, upTo }: ParamsOf<ChainMessages, 'commit'>): void {
    this.#state.assertEpoch(epoch);
    const place = this.#state.place(arc);
    if (place.successor !== from) throw new CallError('ERR_STALE_EPOCH', 'not the successor');
    this.#acknowledged(place, upTo);
  }

  /** Rejects when the epoch is over before. */
  #whenCommitted({ owner, log }: Place, upTo: number): Promise<void> {
    if (log.committed >= upTo) return Promise.resolve();
    return new Promise((done, failed) => {
      const post = this.#posts.get(owner);
      if (post?.place.log === log) post.waiters.push({ upTo, done, failed });
      else failed(over());
    });
  }

  #postAt(place: Place): Post {
    const { predecessor, successor } = place;
    const down =
      successor === undefined ? undefined : new Downstream(this.#around, place, successor);
    const up =
      predecessor === undefined ? undefined : new Upstream(this.#around, place, predecessor);
    return { place, down, up, intake: new Intake(), waiters: [] };
  }

  /** Our place in that arc. Throws ERR_STALE_EPOCH unless the caller is the predecessor there. */
  #postBehind(from: NodeId, { epoch, arc }: { epoch: number; arc: NodeId }): Post {
    this.#state.assertEpoch(epoch);
    const { predecessor } = this.#state.place(arc);
    if (predecessor !== from) throw new CallError('ERR_STALE_EPOCH', `${from} is not before us`);
    if (this.#journal.isFull) throw new CallError('E_STORAGE');
    return this.#posts.get(arc) as Post;
  }

  /**
   * Waits until the disk has what the log holds now. Rejects if the epoch is over by then: what is
   * in the log stays there, but whoever waits must ask in the new epoch.
   */
  async #store(place: Place, write: (log: ArcLog) => Promise<void>): Promise<void> {
    const { epoch } = this.#state;
    const keep = remember(place.log);
    await write(place.log);
    keep();
    if (this.#state.epoch !== epoch) {
      for (const post of this.#posts.values()) this.#advance(post);
      throw over();
    }
    this.#advance(this.#posts.get(place.owner) as Post);
  }

  /** What the disk refuses is not in the log, and never will be. */
  async #storeNew(place: Place, entry: Entry): Promise<void> {
    try {
      const { owner } = place;
      await this.#store(place, (log) => this.#journal.pushed(owner, [entry], log.committed));
    } catch (error) {
      if (error instanceof CallError && error.code === 'E_STORAGE') this.#state.retract(entry);
      throw error;
    }
  }

  /** The log has grown: acknowledges what may be, hands on what is new. */
  #advance(post: Post): void {
    if (this.#state.acknowledge(post.place)) this.#committed(post);
    post.down?.wake();
    post.up?.wake();
  }

  #acknowledged(place: Place, upTo: number): void {
    const post = this.#posts.get(place.owner);
    if (post?.place === place && this.#state.acknowledged(place, upTo)) this.#committed(post);
  }

  #committed({ place, up, waiters }: Post): void {
    const { committed } = place.log;
    for (const waiter of waiters.splice(0)) {
      if (waiter.upTo <= committed) waiter.done();
      else waiters.push(waiter);
    }
    up?.wake();
  }

  /** Where our log is, as an answer to the predecessor says it. */
  #position({ place, up }: Post): { last: number; committed: number } {
    const { durable, committed, isSynced } = place.log;
    if (isSynced) up?.willTell(committed);
    return { last: Math.max(0, durable), committed };
  }
}

/** Remembers how far a log goes now; to be called once the disk has all of that. */
function remember(log: ArcLog): () => void {
  const { generation, last } = log;
  return () => log.keep(generation, last);
}

function over(): CallError {
  return new CallError('ERR_UNREACHABLE', 'the epoch ended meanwhile');
}

function unpackParts(
  span: Pick<Catchup, 'base' | 'upTo' | 'end'>,
  parts: readonly SyncPart[],
): Catchup {
  return {
    ...span,
    entries: parts.flatMap(({ entries }) => entries.map(unpackEntry)),
    applied: parts.flatMap(({ applied }) => applied.map(unpackApplied)),
    pending: parts.flatMap(({ pending }) => pending.map(unpackEntry)),
  };
}
