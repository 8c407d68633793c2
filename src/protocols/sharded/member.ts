// What the parts of a replica share: the configuration that it acts by, its disk, the log that it
// advances, and the streams to the servers of its group.
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import { inBackground, pause, unlessCallError } from '../../replication/background.ts';
import { Compaction } from '../../replication/compaction.ts';
import { Confirming } from '../../replication/confirming.ts';
import { FailureDetector } from '../../replication/failureDetector.ts';
import { Membership, type Question } from '../../replication/membership.ts';
import { firstPart } from '../../replication/parts.ts';
import { CALL_MS, RETRY_MS } from '../../replication/timing.ts';
import type { Configuration } from './configuration.ts';
import type { Downstream, Step } from './downstream.ts';
import { packEntry, sizeOf } from './entries.ts';
import { over, STALE_EPOCH } from './errors.ts';
import type { GroupLog } from './log.ts';
import type { DiskReport, ShardedMessages } from './messages.ts';
import type { Reply } from './operations.ts';
import type { Position } from './position.ts';
import { recordsOf, type ShardedRecord, wholeState } from './records.ts';
import type { ShardedState } from './state.ts';

/** A log is compacted when it has at least so many records, and twice as many as the data. */
const LEAST_RECORDS = 1_000;

interface Waiter {
  readonly position: Position;
  readonly isMet: () => boolean;
  readonly done: () => void;
  readonly failed: (error: CallError) => void;
}

export class Member {
  readonly state: ShardedState;
  readonly #env: Env<ShardedMessages, 'server'>;
  readonly #confirming: Confirming<void>;
  readonly #detector = new FailureDetector();
  readonly #membership = new Membership();
  readonly #compaction: Compaction;
  readonly #sending = new Set<Downstream>();
  readonly #failing = new Set<Downstream>();
  /** The replies of entries that were applied, for requests that still wait for them. */
  readonly #replies = new Map<number, Reply | undefined>();
  readonly #give: () => void;
  #waiters: Waiter[] = [];
  #changeWaiters: (() => void)[] = [];
  #quiesceWaiters: ((awaited: readonly NodeId[]) => void)[] = [];
  #isWriting = false;
  #diskReport: DiskReport | null | undefined;

  /** `give` gives shards away, if some have to be given. */
  constructor(env: Env<ShardedMessages, 'server'>, state: ShardedState, give: () => void) {
    this.#env = env;
    this.state = state;
    this.#give = give;
    this.#compaction = new Compaction(env.storage, LEAST_RECORDS);
    this.#confirming = new Confirming(async () => {
      const { number } = this.state;
      const { configuration } = await env.callService('confirm', { number }, CALL_MS);
      if (configuration !== null) this.adopt(configuration);
    });
    // Not at once: the records of the disk are restored right after the constructor.
    inBackground(env, async () => {
      await pause(env, 0);
      this.attend();
    });
  }

  /** Resolves when this server has the configuration that was current after the call, or later. */
  refresh(): Promise<void> {
    return this.#confirming.confirmed();
  }

  /** How many questions of `refresh` have been asked, for the invariants. */
  get asked(): number {
    return this.#confirming.confirmations.asked;
  }

  /** Another server is linked. */
  wake(): void {
    if (!this.state.standing.lacksPositions) return;
    this.#membership.wake();
    this.attend();
  }

  /** Adopts a configuration unless a later one is known. Ends what belongs to the former epoch. */
  adopt(configuration: Configuration): void {
    this.#diskReport ??= this.state.reportDisk();
    if (!this.state.adopt(configuration)) return;
    this.#fail(({ position }) => !this.state.isCurrent(position), over());
    const { number } = configuration;
    const record: ShardedRecord = ['configuration', configuration, this.state.log?.group ?? null];
    inBackground(this.#env, async () => {
      if (await this.#isKept(record)) this.state.kept(number);
      this.#changed();
      this.advance();
    });
    this.#changed();
    this.attend();
  }

  /** Resolves at the next change of the configuration, or after that time. */
  whenChanged(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#env.after(timeoutMs, resolve);
      this.#changeWaiters.push(() => {
        cancel();
        resolve();
      });
    });
  }

  /** Resolves when the disk has the current configuration. Rejects after that time. */
  async whenKept(timeoutMs: number): Promise<void> {
    const until = this.#env.now() + timeoutMs;
    while (!this.state.isKept) {
      const left = until - this.#env.now();
      if (left <= 0) throw new CallError('ERR_UNREACHABLE', 'a slow disk');
      await this.whenChanged(left);
    }
  }

  /** Resolves with the reply when the entry is applied. Rejects if the epoch ends before. */
  async whenApplied(position: Position, index: number): Promise<Reply | undefined> {
    let reply: Reply | undefined;
    await this.#when(position, () => {
      if (position.log.applied < index) return false;
      reply = this.#replies.get(index);
      return true;
    });
    return reply;
  }

  /** Resolves when reads may be answered in that position. Rejects if the epoch ends before. */
  whenReadable(position: Position): Promise<void> {
    return this.#when(position, () => position.isReadable);
  }

  /** Resolves when the disk has the entries up to that index. Rejects if the epoch ends before. */
  async whenDurable(position: Position, index: number): Promise<void> {
    this.write();
    await this.#when(position, () => position.log.durable >= index);
  }

  /** Applies what may be applied, and does what is due then. */
  advance(committed?: number): void {
    const { position } = this.state;
    for (const { index, entry, reply } of this.state.advance(committed)) {
      if (entry.kind === 'request') this.#replies.set(index, reply);
      this.#env.observe?.({ kind: 'applied', index, entry });
    }
    this.#settle();
    this.#replies.clear();
    if (position === undefined || !this.state.hasBegun(position)) return;
    if (position.isPrimary) this.#lead(position);
  }

  /** The interval is over: the secondaries are sent what they lack. */
  tick(): void {
    const { position } = this.state;
    if (position?.isPrimary !== true || !this.state.hasBegun(position)) return;
    position.tick(() => this.#env.random());
    this.advance();
  }

  /** Gives the log's new entries to the disk, one record at a time. */
  write(): void {
    if (this.#isWriting) return;
    this.#isWriting = true;
    inBackground(this.#env, async () => {
      for (;;) {
        const { log } = this.state;
        if (log === undefined || log.durable >= log.last) break;
        if (!(await this.#writeNext(log))) break;
        this.advance();
      }
      this.#isWriting = false;
    });
  }

  /**
   * Resolves when no effect of an earlier operation is under way here; on a new server when it
   * serves, or with the servers that it waits for.
   */
  async quiesced(): Promise<readonly NodeId[] | undefined> {
    if (!this.#membership.hasHadPositions && !this.state.isResting) {
      const awaited = await new Promise<readonly NodeId[]>((resolve) => {
        this.#quiesceWaiters.push(resolve);
      });
      if (awaited.length > 0) return awaited;
    }
    const { position } = this.state;
    if (position?.isPrimary !== true) return undefined;
    await this.#when(position, () => this.#isQuiet(position)).catch(() => undefined);
    return undefined;
  }

  /** Resolves when every server of the group has what this primary has, or the epoch ends. */
  whenWhole(position: Position): Promise<void> {
    position.flush();
    this.advance();
    const isWhole = (): boolean =>
      position.log.applied === position.log.last && position.downs.every((down) => down.isWhole);
    return this.#when(position, isWhole);
  }

  /** A call to that server has failed. */
  callFailed(peer: NodeId, error: CallError): void {
    if (this.#detector.failed(peer, error.code, this.#env.now())) {
      this.#env.note('suspect', { server: peer, number: this.state.number });
      inBackground(this.#env, async () => {
        await unlessCallError(this.#env.callService('suspect', { server: peer }));
      });
    }
    if (error.code !== STALE_EPOCH) return;
    this.#membership.outOfStep();
    this.attend();
  }

  callAnswered(peer: NodeId): void {
    this.#detector.answered(peer);
  }

  /** Sends the due questions to the shard master, and resolves `quiesced` calls. */
  attend(): void {
    for (const question of this.#membership.take(this.state.standing)) {
      inBackground(this.#env, async () => {
        const isAnswered = await unlessCallError(this.#ask(question));
        const ms = this.#membership.ended(question, isAnswered === true);
        if (ms > 0) await pause(this.#env, ms);
        this.#membership.rested(question);
        this.attend();
      });
    }
    const awaited = this.state.isResting ? [] : this.#membership.takeAwaited();
    if (awaited === undefined) return;
    for (const resolve of this.#quiesceWaiters.splice(0)) resolve(awaited);
  }

  async #ask({ kind, epoch: number }: Question): Promise<true> {
    const env = this.#env;
    if (kind === 'hello') {
      this.#diskReport ??= this.state.reportDisk();
      const asked = env.callService('hello', { recovered: this.#diskReport }, CALL_MS);
      const { configuration, awaited, isWaiting } = await asked;
      this.#membership.awaits(awaited);
      if (configuration !== null) this.adopt(configuration);
      this.state.isResting = !isWaiting && this.state.position === undefined;
      this.attend();
    } else if (kind === 'confirm') {
      const { configuration } = await env.callService('confirm', { number }, CALL_MS);
      if (configuration !== null) this.adopt(configuration);
    } else if (kind === 'resign') {
      const { isEmpty } = this.state;
      await env.callService('resign', { isEmpty }, CALL_MS);
      this.state.hasResigned = true;
    }
    return true;
  }

  /** As a primary: drops what belongs to others, gives what is to be given, sends what is new. */
  #lead(position: Position): void {
    const strays = position.isSettled ? this.state.strays() : [];
    if (strays.length > 0 && !this.state.isFull) {
      position.log.push({ kind: 'drop', epoch: position.epoch, slots: strays });
      this.write();
    }
    position.hurry();
    for (const down of position.downs) {
      if (position.count(down)) this.#reportJoiner(position, down);
      this.#send(position, down);
    }
    this.#give();
  }

  /** Tells the shard master of a joiner that has all, until it knows. */
  #reportJoiner({ epoch, log }: Position, { peer }: Downstream): void {
    const joiner: [number, number] = [peer.id, peer.incarnation];
    inBackground(this.#env, async () => {
      for (;;) {
        const { position } = this.state;
        const isOver = position?.epoch !== epoch || position.log !== log;
        if (isOver || position.isServed(peer)) return;
        const params = { group: log.group, epoch, joiner };
        const told = await unlessCallError(this.#env.callService('synced', params, CALL_MS));
        if (told !== undefined) return;
        await pause(this.#env, RETRY_MS);
      }
    });
  }

  /** Sends what is due to a server of the group, one call at a time. */
  #send(position: Position, down: Downstream): void {
    if (this.#sending.has(down) || down.next() === undefined) return;
    this.#sending.add(down);
    inBackground(this.#env, async () => {
      for (;;) {
        const step = this.#isLive(position, down) ? down.next() : undefined;
        if (step === undefined) break;
        try {
          down.answered(step, await this.#perform(position, down, step));
          this.#failing.delete(down);
          this.#detector.answered(down.peer.id);
          this.advance();
        } catch (error) {
          if (!(error instanceof CallError)) throw error;
          down.failed();
          this.#failing.add(down);
          this.callFailed(down.peer.id, error);
          this.#settle();
          await pause(this.#env, RETRY_MS);
        }
      }
      this.#sending.delete(down);
      this.#failing.delete(down);
      this.#settle();
    });
  }

  #isLive(position: Position, down: Downstream): boolean {
    return this.state.isCurrent(position) && position.downs.includes(down);
  }

  /** A server that lacks the configuration gets it here, so that no write waits for a retry. */
  async #perform(position: Position, { peer }: Downstream, step: Step) {
    const { configuration, number } = this.state;
    const address = { group: position.log.group, epoch: position.epoch, number };
    try {
      return await this.#call(peer.id, step, address);
    } catch (error) {
      const isBehind = error instanceof CallError && error.code === STALE_EPOCH;
      if (!isBehind || configuration === undefined) throw error;
      await this.#env.call(peer.id, 'adopt', { configuration }, CALL_MS);
      return await this.#call(peer.id, step, address);
    }
  }

  #call(peer: NodeId, step: Step, address: { group: number; epoch: number; number: number }) {
    const env = this.#env;
    if (step.method === 'extent') return env.call(peer, 'extent', address, CALL_MS);
    if (step.method === 'append') {
      return env.call(peer, 'append', { ...address, ...step.params }, CALL_MS);
    }
    return env.call(peer, 'install', { ...address, ...step.params }, CALL_MS);
  }

  /** False if the disk has refused: then the log ends where the disk's does. */
  async #writeNext(log: GroupLog): Promise<boolean> {
    const { generation } = log;
    try {
      if (log.durable < 0) {
        const { applied } = log;
        for (const record of recordsOf(log.snapshot())) await this.#keep(record);
        log.keep(generation, applied);
      } else {
        const base = log.durable;
        const entries = firstPart(log.after(base), sizeOf);
        await this.#keep(['entries', base, entries.map(packEntry), Math.min(log.applied, base)]);
        log.keep(generation, base + entries.length);
      }
      return true;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      log.truncate(Math.max(log.durable, log.applied));
      this.#fail(({ position }) => position.log === log, error);
      return false;
    }
  }

  /** Resolves when the record and all earlier ones are durable. Rejects with E_STORAGE. */
  async #keep(record: ShardedRecord): Promise<void> {
    if (this.state.isFull) throw new CallError('E_STORAGE');
    try {
      await this.#env.storage.append(record as unknown as Json);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.state.refused();
      this.attend();
      throw error;
    }
    const { state } = this;
    const size = state.log?.size ?? 0;
    this.#compaction.ifLong(size, () => wholeState(state) as unknown as Json[]);
  }

  async #isKept(record: ShardedRecord): Promise<boolean> {
    return (await unlessCallError(this.#keep(record).then(() => true))) === true;
  }

  /** Whether nothing that an operation has caused is under way at the servers that can be reached. */
  #isQuiet({ log, downs }: Position): boolean {
    if (log.applied < log.last) return downs.some((down) => this.#failing.has(down));
    return downs.every((down) => down.next() === undefined || this.#failing.has(down));
  }

  #when(position: Position, isMet: () => boolean): Promise<void> {
    if (!this.state.isCurrent(position)) return Promise.reject(over());
    if (isMet()) return Promise.resolve();
    return new Promise((done, failed) => {
      this.#waiters.push({ position, isMet, done, failed });
    });
  }

  #settle(): void {
    const met = this.#waiters.filter(({ isMet }) => isMet());
    if (met.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => !met.includes(waiter));
    for (const { done } of met) done();
  }

  #fail(isOver: (waiter: Waiter) => boolean, error: CallError): void {
    const failed = this.#waiters.filter(isOver);
    this.#waiters = this.#waiters.filter((waiter) => !failed.includes(waiter));
    for (const waiter of failed) waiter.failed(error);
  }

  #changed(): void {
    for (const resolve of this.#changeWaiters.splice(0)) resolve();
  }
}
