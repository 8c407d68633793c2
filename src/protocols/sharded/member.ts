// What the parts of a replica share: the configuration that it acts by, the log that it advances,
// and those who wait for either.
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { inBackground, unlessCallError } from '../../replication/background.ts';
import { Confirmations } from '../../replication/confirmations.ts';
import { Confirming } from '../../replication/confirming.ts';
import { FailureDetector } from '../../replication/failureDetector.ts';
import { CALL_MS } from '../../replication/timing.ts';
import { Attendance } from './attendance.ts';
import type { Configuration } from './configuration.ts';
import { Disk } from './disk.ts';
import { over, STALE_EPOCH } from './errors.ts';
import type { EntryApplied } from './facts.ts';
import type { ShardedMessages } from './messages.ts';
import { straysOf } from './moving.ts';
import type { Reply } from './operations.ts';
import type { Position } from './position.ts';
import type { ShardedState } from './state.ts';
import { toApply, toKeep, type Wait, Waiters } from './waiters.ts';

/** What a primary does when something is new. */
export interface Duties {
  /** Sends the other servers of the group what is due. */
  send(position: Position): void;
  /** Whether nothing that a write has caused is under way at those that can be reached. */
  isQuiet(position: Position): boolean;
  /** Gives shards to other groups, and opens those that begin anew, if there are any. */
  move(): void;
}

export class Member {
  readonly state: ShardedState;
  readonly #env: Env<ShardedMessages, 'server'>;
  readonly #confirming: Confirming<void>;
  readonly #detector = new FailureDetector();
  readonly #attendance: Attendance;
  readonly #disk: Disk;
  readonly #duties: Duties;
  /** The replies of the entries that have just been applied, for requests that wait for them. */
  readonly #replies = new Map<number, Reply | undefined>();
  readonly #waiters = new Waiters();
  #changeWaiters: (() => void)[] = [];

  constructor(env: Env<ShardedMessages, 'server'>, state: ShardedState, duties: Duties) {
    this.#env = env;
    this.state = state;
    this.#duties = duties;
    this.#attendance = new Attendance(env, state, (configuration) => this.adopt(configuration));
    this.#disk = new Disk(env, state, {
      written: () => this.advance(),
      refused: (log) => {
        this.#attendance.attend();
        if (log !== undefined) this.#waiters.refused(log);
      },
    });
    this.#confirming = new Confirming(new Confirmations(), async () => {
      const { number } = this.state;
      const { configuration } = await env.callService('confirm', { number }, CALL_MS);
      if (configuration !== null) this.adopt(configuration);
    });
  }

  /** Resolves when this server has the configuration that was current after the call, or later. */
  refresh(): Promise<void> {
    return this.#confirming.confirmed();
  }

  /** Another server is linked. */
  wake(): void {
    this.#attendance.wake();
  }

  /** Adopts a configuration unless a later one is known. Ends what belongs to the former epoch. */
  adopt(configuration: Configuration): void {
    this.#attendance.remember();
    if (!this.state.adopt(configuration)) return;
    this.#waiters.end((position) => !this.state.isCurrent(position), over());
    const group = this.state.log?.group ?? null;
    inBackground(this.#env, async () => {
      const isKept = await this.#disk.keep(configuration, group);
      if (isKept) this.state.kept(configuration.number);
      this.#changed();
      this.advance();
      this.#attendance.attend();
    });
    this.#changed();
    this.#attendance.attend();
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

  /**
   * Resolves with the reply when the entry is applied. Rejects if the epoch ends before, and with
   * E_STORAGE if the disk has refused the entry.
   */
  async whenApplied(position: Position, index: number): Promise<Reply | undefined> {
    let reply: Reply | undefined;
    const wait = toApply(position, index);
    const isMet = (): boolean => {
      if (!wait.isMet()) return false;
      reply = this.#replies.get(index);
      return true;
    };
    await this.#when({ ...wait, isMet });
    return reply;
  }

  /** Resolves when reads may be answered in that position. Rejects if the epoch ends before. */
  whenReadable(position: Position): Promise<void> {
    return this.#when({ position, isMet: () => position.isReadable, isLost: () => false });
  }

  /** Resolves when the disk has the entries up to that index. Rejects if the epoch ends before. */
  async whenDurable(position: Position, index: number): Promise<void> {
    this.write();
    await this.#when(toKeep(position, index));
  }

  /** Resolves when every server of the group has what this primary has now. */
  whenWhole(position: Position): Promise<void> {
    const { log } = position;
    const { last } = log;
    position.flush();
    this.advance();
    const wait = toApply(position, last);
    const isMet = () => wait.isMet() && position.downs.every((down) => down.has(last));
    return this.#when({ ...wait, isMet });
  }

  /** Gives the log's new entries to the disk. */
  write(): void {
    this.#disk.write();
  }

  /** Applies what may be applied, and does what is due then. */
  advance(committed?: number): void {
    const { position, configuration } = this.state;
    for (const { index, entry, reply } of this.state.advance(committed)) {
      if (entry.kind === 'request') this.#replies.set(index, reply);
      if (position === undefined || configuration === undefined) continue;
      const fact: EntryApplied = { kind: 'applied', configuration, position, index, entry, reply };
      this.#env.observe?.(fact);
    }
    this.settle();
    this.#replies.clear();
    if (position === undefined || !this.state.hasBegun(position) || !position.isPrimary) return;
    this.#dropStrays(position);
    this.#duties.send(position);
    this.#duties.move();
  }

  /** Resolves those who wait for what is true now. */
  settle(): void {
    this.#waiters.settle();
  }

  /** The interval is over: the secondaries are sent what they lack. */
  tick(): void {
    const { position } = this.state;
    if (position?.isPrimary !== true || !this.state.hasBegun(position)) return;
    position.tick(() => this.#env.random());
    this.advance();
  }

  /**
   * Resolves when no effect of an earlier operation is under way here; on a new server when it
   * serves, or with the servers that it waits for.
   */
  async quiesced(): Promise<readonly NodeId[] | undefined> {
    const awaited = await this.#attendance.whenPlaced();
    if (awaited.length > 0) return awaited;
    const { position } = this.state;
    if (position?.isPrimary !== true) return undefined;
    const isMet = () => this.#duties.isQuiet(position);
    // With a full disk its requests may wait for the next primary.
    await unlessCallError(this.#when({ position, isMet, isLost: () => true }));
    return undefined;
  }

  /** A call to that server has failed. */
  callFailed(peer: NodeId, error: CallError): void {
    if (this.#detector.failed(peer, error.code, this.#env.now())) {
      this.#env.note('suspect', { server: peer, number: this.state.number });
      inBackground(this.#env, async () => {
        await unlessCallError(this.#env.callService('suspect', { server: peer }));
      });
    }
    if (error.code === STALE_EPOCH) this.#attendance.outOfStep();
  }

  callAnswered(peer: NodeId): void {
    this.#detector.answered(peer);
  }

  /** A primary drops the data of shards that are not its group's any more. */
  #dropStrays({ epoch, log, isSettled }: Position): void {
    const strays = isSettled && !this.state.isFull ? straysOf(this.state) : [];
    if (strays.length === 0) return;
    log.push({ kind: 'drop', epoch, slots: strays });
    this.write();
  }

  #when(wait: Wait): Promise<void> {
    if (!this.state.isCurrent(wait.position)) return Promise.reject(over());
    return wait.isMet() ? Promise.resolve() : this.#waiters.add(wait);
  }

  #changed(): void {
    for (const resolve of this.#changeWaiters.splice(0)) resolve();
  }
}
