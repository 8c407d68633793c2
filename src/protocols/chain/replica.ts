// The replica of the chain protocol: the one asynchronous shell around its pure parts. It waits for
// the network, the disk and the configuration service, passes their results to the state, and does
// what is due then. What begins in an epoch ends with it. Nothing is acknowledged before the disk
// has it.
import { toVersionTuple } from '../../clocks/version.ts';
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { RecoveredWrite } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import type { Json } from '../../kernel/json.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { Options, Replica } from '../../kernel/protocol.ts';
import type { RoundOutcome } from '../../kernel/round.ts';
import { inBackground, pause, unlessCallError } from '../../replication/background.ts';
import { Compaction } from '../../replication/compaction.ts';
import { Confirming } from '../../replication/confirming.ts';
import { FailureDetector } from '../../replication/failureDetector.ts';
import { LatestAttempts } from '../../replication/latestAttempt.ts';
import { Membership, type Question } from '../../replication/membership.ts';
import { findReached } from '../../replication/reach.ts';
import { CALL_MS, RETRY_MS } from '../../replication/timing.ts';
import type { Chain, Configuration } from './configuration.ts';
import type { DiskReport } from './diskReport.ts';
import { STALE_EPOCH, staleEpoch } from './errors.ts';
import { Forwarding } from './forwarding.ts';
import { inspect } from './inspect.ts';
import type { Entry } from './log.ts';
import type { Compared } from './logInvariants.ts';
import type { ChainMessages } from './messages.ts';
import { readReadMode } from './options.ts';
import { mergePages, type Page, pageOf } from './page.ts';
import { type Confirmation, type PendingRead, Reads } from './reads.ts';
import { type ChainRecord, packInstalled, restoreRecord, wholeState } from './records.ts';
import { recoveredWrites } from './recovered.ts';
import { ChainState, markOf, type Position } from './state.ts';
import type { Assurance, Downstream, Step, Upstream } from './streams.ts';
import { packEntry, unpackEntry } from './wire.ts';

/** How long after an acknowledgement the tail records it, with all others of that time. */
const RECORD_MS = 100;
/** A log is compacted when it has at least so many records, and twice as many as the store. */
const LEAST_RECORDS = 1_000;

type Params<K extends keyof ChainMessages> = ParamsOf<ChainMessages, K>;
type Result<K extends keyof ChainMessages> = ResultOf<ChainMessages, K>;

/** A request to a head that waits until the whole chain has the write. */
interface CommitWaiter {
  readonly position: Position;
  readonly upTo: number;
  readonly done: () => void;
  readonly failed: (error: CallError) => void;
}

/** How a request is routed to the server that can answer it. */
interface Route<T> {
  readonly isWrite: boolean;
  chain(): Chain | undefined;
  target(chain: Chain): NodeId | undefined;
  here(chain: Chain, epoch: number): Promise<T>;
  there(target: NodeId, epoch: number): Promise<T>;
}

class RingHasGrown extends Error {}

export function createChainReplica(
  env: Env<ChainMessages, 'server'>,
  options: Options,
): Replica<ChainMessages> {
  return new ChainReplica(env, options);
}

class ChainReplica implements Replica<ChainMessages> {
  readonly state: ChainState;
  readonly #env: Env<ChainMessages, 'server'>;
  readonly #reads: Reads;
  readonly #membership = new Membership();
  readonly #detector = new FailureDetector();
  readonly #compaction: Compaction;
  readonly #attempts = new LatestAttempts<Promise<Result<'write'>>>();
  readonly #confirming: Confirming<Confirmation>;
  readonly #sending = new Set<Downstream | Assurance | Upstream>();
  /** The tail's positions whose acknowledgements are to be recorded. */
  readonly #recording = new Set<Position>();
  #commitWaiters: CommitWaiter[] = [];
  #quiesceWaiters: ((awaited: readonly NodeId[]) => void)[] = [];
  /** What the disk had when this life began. Read before the first configuration is adopted. */
  #diskReport: DiskReport | null | undefined;

  constructor(env: Env<ChainMessages, 'server'>, options: Options) {
    this.#env = env;
    this.state = new ChainState(env.self);
    this.#reads = new Reads(this.state, readReadMode(options));
    const { confirmations } = this.#reads;
    this.#confirming = new Confirming(confirmations, (question) => this.#askWhether(question));
    this.#compaction = new Compaction(env.storage, LEAST_RECORDS);
    // Not at once: the records of the disk are restored right after the constructor.
    inBackground(env, async () => {
      await pause(env, 0);
      this.#attend();
    });
  }

  readonly handlers: Replica<ChainMessages>['handlers'] = {
    write: (from, params) => this.#write(from, params),
    read: (_from, { key }) => this.#read(key),
    dump: (_from, { scope, after }) => {
      return scope === '@' ? pageOf(this.state.values(), after) : this.#dumpAll(after);
    },
    accept: (_from, params) => this.#accept(params),
    query: (_from, params) => this.#query(params),
    latest: (_from, { epoch, key }) => ({ version: this.#reads.latest(epoch, key) }),
    section: (_from, params) => this.#section(params),
    sync: (from, params) => this.#sync(from, params),
    append: (from, params) => this.#append(from, params),
    durable: (from, { epoch, arc, upTo }) => {
      const position = this.state.positionAfter(from, epoch, arc);
      this.state.assured(position, upTo);
      this.#advance(position);
      return {};
    },
    commit: (from, { epoch, arc, upTo }) => {
      const { position, entries } = this.state.committed(from, epoch, arc, upTo);
      this.#advance(position, entries);
      return {};
    },
    ping: () => ({}),
    configure: (_from, { configuration }) => {
      this.#adopt(configuration);
      return { epoch: this.state.epoch };
    },
    reach: async (_from, { peers }) => {
      const ping = (peer: NodeId, timeoutMs: number) => this.#env.call(peer, 'ping', {}, timeoutMs);
      return { reached: await findReached(this.#env, peers, ping) };
    },
  };

  restore(record: Json): void {
    restoreRecord(this.state, record);
  }

  recovered(): Iterable<RecoveredWrite> {
    return recoveredWrites(this.state);
  }

  connected(_peer: NodeId, role: 'server' | 'client'): void {
    if (role !== 'server' || !this.state.standing.lacksPositions) return;
    this.#membership.wake();
    this.#attend();
  }

  disconnected(): void {}

  async quiesced(): Promise<readonly NodeId[] | undefined> {
    if (!this.#membership.hasHadPositions) {
      const awaited = await new Promise<readonly NodeId[]>((resolve) => {
        this.#quiesceWaiters.push(resolve);
      });
      if (awaited.length > 0) return awaited;
    }
    const open = new Set(this.#commitWaiters.map(({ position }) => position));
    for (const position of open) {
      const { last } = position.log;
      await this.#whenCommitted(position, last).catch(() => undefined);
    }
    return undefined;
  }

  /** Waits until every chain is whole, or the time is over. */
  async stabilize({
    known,
    budgetMs,
  }: {
    known: readonly NodeId[];
    budgetMs: number;
  }): Promise<RoundOutcome> {
    const env = this.#env;
    const until = env.now() + budgetMs - CALL_MS / 2;
    for (;;) {
      const status = await unlessCallError(env.callService('status', {}, CALL_MS));
      const reached = known.filter((id) => status?.serving.includes(id));
      if (status?.isWhole && reached.length === known.length) return { reached, missing: [] };
      // Each server reports only itself: the master asks the others, too.
      const missing = reached.includes(env.self.id) ? [] : [env.self.id];
      if (env.now() >= until) return { reached, missing };
      await pause(env, RETRY_MS);
    }
  }

  entries(): Iterable<readonly [key: string, value: string]> {
    return this.state.values();
  }

  replicasOf(key: string): readonly NodeId[] {
    return this.state.chainOf(key)?.members ?? [];
  }

  inspect(): Inspection {
    return inspect(this.state);
  }

  // For clients.

  #write(from: NodeId, params: Params<'write'>): Promise<Result<'write'>> {
    const { attempt, ...request } = params;
    const { session, seq } = request;
    const [id, incarnation] = session;
    if (id !== from) throw new CallError('E_BAD_REQUEST', `the session of ${id}, asked by ${from}`);
    if (request.expected !== undefined && request.value === null) {
      throw new CallError('E_BAD_REQUEST', 'a compare-and-set without a value');
    }
    return this.#attempts.once({ session: { id, incarnation }, seq, attempt }, () =>
      this.#route({
        isWrite: true,
        chain: () => this.state.chainOf(request.key),
        target: ({ members }) => members[0],
        here: (_chain, epoch) => this.#accept({ epoch, ...request }),
        there: (head, epoch) => this.#env.call(head, 'accept', { epoch, ...request }, CALL_MS),
      }),
    );
  }

  #read(key: string): Promise<Result<'read'>> {
    return this.#route({
      isWrite: false,
      chain: () => this.state.chainOf(key),
      target: (chain) => this.#reads.target(chain, () => this.#env.random()),
      here: (_chain, epoch) => this.#query({ epoch, key }),
      there: (target, epoch) => this.#env.call(target, 'query', { epoch, key }, CALL_MS),
    });
  }

  /**
   * Reads each arc as one key would be read. All together are no snapshot. If the ring grows
   * meanwhile, an arc is split and one part would be missing: then all arcs are read again.
   */
  async #dumpAll(after: string | null): Promise<Page> {
    for (;;) {
      const { arcs } = this.state;
      if (arcs.length === 0) throw staleEpoch('no configuration yet');
      try {
        const pages = arcs.map((arc) => this.#sectionOf(arc, arcs.length, after));
        return mergePages(await Promise.all(pages));
      } catch (error) {
        if (!(error instanceof RingHasGrown)) throw error;
      }
    }
  }

  /** Throws RingHasGrown if the number of arcs is no longer `count`. A ring never shrinks. */
  #sectionOf(arc: NodeId, count: number, after: string | null): Promise<Page> {
    return this.#route<Page>({
      isWrite: false,
      chain: () => {
        if (this.state.arcs.length !== count) throw new RingHasGrown();
        return this.state.chain(arc);
      },
      target: ({ members }) => members.at(-1),
      here: (_chain, epoch) => this.#section({ epoch, arc, after }),
      there: (tail, epoch) => this.#env.call(tail, 'section', { epoch, arc, after }, CALL_MS),
    });
  }

  /**
   * Throws the error of the last attempt; ERR_UNREACHABLE if any attempt may have had an effect.
   */
  async #route<T>(route: Route<T>): Promise<T> {
    const env = this.#env;
    const forwarding = new Forwarding(route.isWrite, env.now());
    for (;;) {
      const chain = route.chain();
      const target = chain && route.target(chain);
      const isThere = target !== undefined && target !== env.self.id;
      try {
        if (chain === undefined || target === undefined) {
          throw new CallError('ERR_NOT_CONNECTED', 'no server that has the data serves');
        }
        if (!isThere) return await route.here(chain, this.state.epoch);
        const answer = await route.there(target, this.state.epoch);
        this.#detector.answered(target);
        return answer;
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        if (isThere) this.#callFailed(target, error);
        else if (error.code === STALE_EPOCH) this.#outOfStep();
        const failure = { error, isThere, members: chain?.members.length };
        const answered = forwarding.failed(failure, env.now());
        if (answered !== undefined) throw answered;
        await pause(env, RETRY_MS);
      }
    }
  }

  // As the head of a chain.

  /** Accepts a write as the head. Resolves when the tail has acknowledged it. */
  async #accept({
    epoch,
    session: [id, incarnation],
    ...asked
  }: Params<'accept'>): Promise<Result<'accept'>> {
    const request = { session: { id, incarnation }, ...asked };
    const { position, version, isNoop = false, entry, found } = this.state.accept(epoch, request);
    const { expected, seq } = request;
    if (entry === undefined) this.#env.note('repeat', { session: id, seq });
    else {
      if (expected !== undefined) this.#observeCompared(position, expected, entry);
      await this.#storeNew(position, entry);
    }
    await this.#whenCommitted(position, version.timestamp);
    const isSet = expected !== undefined && { isSet: !isNoop };
    return { version: toVersionTuple(version), ...isSet, ...(found && { found }) };
  }

  #observeCompared({ log }: Position, expected: string, entry: Entry): void {
    if (this.#env.observe === undefined) return;
    const { key } = entry;
    const held = log.read(key);
    const before = [...(held === undefined ? [] : [held]), ...log.pendingOf(key)];
    this.#env.observe({ kind: 'compared', expected, entry, before } satisfies Compared);
  }

  /** Sends a new write down the chain while the disk takes it. */
  async #storeNew(position: Position, entry: Entry): Promise<void> {
    const { owner, log } = position;
    const stored = this.#store(position, ['push', owner, [packEntry(entry)], log.committed]);
    // In memory the write is kept at once, and what is sent with it says so.
    if (this.#env.storage.isDurable) this.#advance(position);
    try {
      await stored;
    } catch (error) {
      const isRefused = error instanceof CallError && error.code === 'E_STORAGE';
      if (!isRefused || this.state.retract(position, entry)) throw error;
      throw new CallError('ERR_UNREACHABLE', 'the disk is full; a successor may have the write');
    }
    this.#advance(position);
  }

  /** Resolves when everything up to there is committed. Rejects if the epoch ends before. */
  #whenCommitted(position: Position, upTo: number): Promise<void> {
    if (position.log.committed >= upTo) return Promise.resolve();
    if (!this.state.isCurrent(position)) return Promise.reject(over());
    return new Promise((done, failed) => {
      this.#commitWaiters.push({ position, upTo, done, failed });
    });
  }

  // As a successor.

  async #append(from: NodeId, params: Params<'append'>): Promise<Result<'append'>> {
    const { epoch, arc, base, durable } = params;
    const position = this.state.positionAfter(from, epoch, arc);
    this.state.assured(position, durable);
    const fresh = this.state.append(position, base, params.entries.map(unpackEntry));
    if (typeof fresh === 'string') return { status: fresh, ...this.state.positionOf(position) };
    const committed = Math.max(0, position.log.committed);
    const stored = this.#store(position, ['push', arc, fresh.map(packEntry), committed]);
    if (this.#env.storage.isDurable) this.#advance(position);
    await stored;
    return { status: 'ok', ...this.#answerAfter(position) };
  }

  async #sync(from: NodeId, params: Params<'sync'>): Promise<Result<'sync'>> {
    const { epoch, arc, transfer, isCounted, base, upTo, end, durable, ...part } = params;
    const position = this.state.positionAfter(from, epoch, arc);
    this.state.assured(position, durable);
    const taken = this.state.take(position, { base, upTo, end }, transfer, part);
    if (taken.status !== 'install') {
      return { status: taken.status, ...this.state.positionOf(position) };
    }
    const { generation } = position.log;
    await this.#store(position, ['install', arc, packInstalled(taken.catchup)]);
    const status = this.state.installed(position, generation, isCounted);
    const answer = { status, ...this.#answerAfter(position) };
    this.#attend();
    return answer;
  }

  /** The state of our log, for an answer to the predecessor. It saves a `commit`. */
  #answerAfter(position: Position): { last: number; committed: number } {
    const entries = this.state.acknowledge(position);
    const answer = this.state.positionOf(position);
    this.#advance(position, entries);
    return answer;
  }

  // Reads.

  async #query({ epoch, key }: Params<'query'>): Promise<Result<'query'>> {
    const { asked: came } = this.#reads.confirmations;
    const pending = this.#reads.begin(epoch, this.state.ownerOf(key));
    const confirmation = await this.#confirmed(pending, key);
    const found = this.#reads.find(pending, key);
    let entry = 'tail' in found ? undefined : found.entry;
    if ('tail' in found) {
      const { version } = await this.#env.call(found.tail, 'latest', { epoch, key }, CALL_MS);
      entry = this.#reads.resolve(pending, key, version);
    }
    this.#env.observe?.({ kind: 'read', key, entry, pending, came, confirmation });
    return {
      value: entry?.value ?? null,
      version: entry === undefined ? null : toVersionTuple(entry.version),
    };
  }

  async #section({ epoch, arc, after }: Params<'section'>): Promise<Result<'section'>> {
    const pending = this.#reads.beginSection(epoch, arc);
    await this.#confirmed(pending);
    return pageOf(this.state.valuesOf(pending.position.log), after);
  }

  /**
   * Resolves when the service has confirmed the read's epoch, to a question asked after the call.
   */
  async #confirmed(pending: PendingRead, key?: string): Promise<Confirmation> {
    const confirmation = await this.#confirming.confirmed(pending.question);
    this.#reads.confirm(pending, confirmation.epoch, key);
    return confirmation;
  }

  async #askWhether(question: number): Promise<Confirmation> {
    const { epoch } = this.state;
    const { configuration } = await this.#env.callService('confirm', { epoch }, CALL_MS);
    if (configuration === null) return { question, epoch };
    this.#adopt(configuration);
    throw staleEpoch(`${epoch} is over`);
  }

  // What is due.

  /** What the disk had when this life began, which is nothing for most. */
  #rememberDisk(): void {
    if (this.#diskReport === undefined) this.#diskReport = this.state.reportDisk();
  }

  /** Adopts a configuration unless a later one is known. Ends what belongs to the former one. */
  #adopt(configuration: Configuration): void {
    this.#rememberDisk();
    if (!this.state.adopt(configuration)) return;
    for (const { failed } of this.#commitWaiters.splice(0)) failed(over());
    const marks = this.state.marks();
    inBackground(this.#env, async () => {
      const isKept = await this.#isKept(['configuration', configuration]);
      if (isKept) this.state.kept(marks);
      this.state.begin(isKept, configuration.epoch);
      for (const position of this.state.positions()) this.#advance(position);
      this.#attend();
    });
    this.#attend();
  }

  /** Acknowledges what may be acknowledged, answers those requests, and sends what is new. */
  #advance(position: Position, committed = this.state.acknowledge(position)): void {
    if (committed !== undefined) this.#committed(position, committed);
    if (!this.state.isCurrent(position)) return;
    if (position.down !== undefined) {
      this.#send(position, position.down);
      this.#send(position, position.down.assurance);
    }
    if (position.up !== undefined) this.#send(position, position.up);
  }

  #committed(position: Position, entries: readonly Entry[]): void {
    this.#env.observe?.({ kind: 'committed', entries });
    this.#recordLater(position);
    const { committed } = position.log;
    const isOpen = (waiter: CommitWaiter): boolean =>
      waiter.position !== position || waiter.upTo > committed;
    const open = this.#commitWaiters.filter(isOpen);
    if (open.length === this.#commitWaiters.length) return;
    const done = this.#commitWaiters.filter((waiter) => !isOpen(waiter));
    this.#commitWaiters = open;
    for (const waiter of done) waiter.done();
  }

  /**
   * Lets the tail's disk know soon what is acknowledged, so that a later run knows it of the last
   * writes too. Of a server alone in its chain the disk knows it without.
   */
  #recordLater(position: Position): void {
    const { owner, log, up, isTail } = position;
    const isDue = isTail && up !== undefined && this.#env.storage.isDurable;
    if (!isDue || this.#recording.has(position)) return;
    this.#recording.add(position);
    inBackground(this.#env, async () => {
      await pause(this.#env, RECORD_MS);
      this.#recording.delete(position);
      if (this.state.isCurrent(position)) await this.#isKept(['committed', owner, log.committed]);
    });
  }

  /** Sends what is due to a neighbour, one call at a time, unless that is under way already. */
  #send(position: Position, stream: Downstream | Assurance | Upstream): void {
    if (this.#sending.has(stream) || stream.next() === undefined) return;
    this.#sending.add(stream);
    inBackground(this.#env, async () => {
      for (;;) {
        const step = this.state.isCurrent(position) ? stream.next() : undefined;
        if (step === undefined) break;
        try {
          await this.#perform(position, step);
          this.#detector.answered(step.peer);
        } catch (error) {
          if (!(error instanceof CallError)) throw error;
          if (stream === position.down) position.down.failed();
          this.#callFailed(step.peer, error);
          await pause(this.#env, RETRY_MS);
        }
      }
      this.#sending.delete(stream);
    });
  }

  /** Makes one call. An answer after the end of the epoch is void (H6). */
  async #perform(position: Position, step: Step): Promise<void> {
    const { peer } = step;
    const { epoch } = this.state;
    const arc = position.owner;
    if (step.method === 'commit') {
      const { upTo } = step.params;
      await this.#env.call(peer, 'commit', { epoch, arc, upTo }, CALL_MS);
      position.up?.told(upTo);
      return;
    }
    if (step.method === 'durable') {
      const { upTo } = step.params;
      await this.#env.call(peer, 'durable', { epoch, arc, upTo }, CALL_MS);
      position.down?.assurance.told(upTo);
      return;
    }
    let upTo = 0;
    if (step.method === 'append') {
      const params = { epoch, arc, ...step.params };
      const answer = await this.#env.call(peer, 'append', params, CALL_MS);
      upTo = position.down?.appended(answer) ?? 0;
    } else {
      const params = { epoch, arc, ...step.params };
      const answer = await this.#env.call(peer, 'sync', params, CALL_MS);
      upTo = position.down?.synced(answer) ?? 0;
    }
    this.#advance(position, this.state.acknowledged(position, upTo));
  }

  /** Sends the due questions to the configuration service, and resolves `quiesced` calls. */
  #attend(): void {
    for (const question of this.#membership.take(this.state.standing)) {
      inBackground(this.#env, async () => {
        const isAnswered = await unlessCallError(this.#ask(question));
        const ms = this.#membership.ended(question, isAnswered === true);
        if (ms > 0) await pause(this.#env, ms);
        this.#membership.rested(question);
        this.#attend();
      });
    }
    const awaited = this.#membership.takeAwaited();
    if (awaited === undefined) return;
    for (const resolve of this.#quiesceWaiters.splice(0)) resolve(awaited);
  }

  async #ask({ kind, epoch }: Question): Promise<true> {
    const env = this.#env;
    if (kind === 'hello') {
      this.#rememberDisk();
      const answer = await env.callService(
        'hello',
        { recovered: this.#diskReport ?? null },
        CALL_MS,
      );
      this.#membership.awaits(answer.awaited);
      if (answer.configuration !== null) this.#adopt(answer.configuration);
      this.#attend();
    } else if (kind === 'confirm') {
      const { configuration } = await env.callService('confirm', { epoch }, CALL_MS);
      if (configuration !== null) this.#adopt(configuration);
    } else if (kind === 'synced') await env.callService('synced', { epoch }, CALL_MS);
    else await env.callService('resign', {}, CALL_MS);
    return true;
  }

  #callFailed(peer: NodeId, error: CallError): void {
    const { epoch } = this.state;
    if (this.#detector.failed(peer, error.code, this.#env.now())) {
      this.#env.note('suspect', { server: peer, epoch });
      inBackground(this.#env, async () => {
        await unlessCallError(this.#env.callService('suspect', { epoch, server: peer }));
      });
    }
    if (error.code === STALE_EPOCH) this.#outOfStep();
  }

  /** Another server, or this one, is in an old epoch. */
  #outOfStep(): void {
    this.#membership.outOfStep();
    this.#attend();
  }

  /**
   * Waits until the disk has the record, and so all that the log holds now. Rejects if the epoch
   * has ended by then: the log keeps its content, but the caller must ask again in the new epoch.
   */
  async #store(position: Position, record: ChainRecord): Promise<void> {
    const mark = markOf(position.log);
    await this.#keep(record);
    this.state.kept([mark]);
    if (this.state.isCurrent(position)) return;
    for (const current of this.state.positions()) this.#advance(current);
    throw over();
  }

  /** Resolves when the record and all earlier ones are durable. Rejects with E_STORAGE. */
  async #keep(record: ChainRecord): Promise<void> {
    if (this.state.isFull) throw new CallError('E_STORAGE');
    try {
      await this.#env.storage.append(record as unknown as Json);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.state.refused();
      this.#attend();
      throw error;
    }
    const { state } = this;
    this.#compaction.ifLong(state.size, () => wholeState(state) as unknown as Json[]);
  }

  /**
   * False if the disk has no room. Such a server accepts and acknowledges no more writes. So it may
   * answer reads with what it knows to be acknowledged, until others have taken its positions.
   */
  async #isKept(record: ChainRecord): Promise<boolean> {
    return (await unlessCallError(this.#keep(record).then(() => true))) === true;
  }
}

function over(): CallError {
  return new CallError('ERR_UNREACHABLE', 'the epoch ended meanwhile');
}
