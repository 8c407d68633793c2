// Gives shards to other groups, as the primary of the group that owns them until the switch.
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { ParamsOf } from '../../kernel/messages.ts';
import { inBackground, pause, unlessCallError } from '../../replication/background.ts';
import { cutParts } from '../../replication/parts.ts';
import { CALL_MS, RETRY_MS, SUSPECT_MS } from '../../replication/timing.ts';
import { STALE_EPOCH, staleEpoch } from './errors.ts';
import type { Member } from './member.ts';
import type { ShardedMessages } from './messages.ts';
import { type Giving, givingsOf } from './moving.ts';
import type { GroupId } from './placement.ts';
import type { Position } from './position.ts';
import type { ShardedState } from './state.ts';
import { packPiece, piecesOf, sizeOfPiece } from './wire.ts';

/** The shards that one group gets in one move, from a primary in one epoch. */
interface Task {
  readonly position: Position;
  readonly move: number;
  readonly to: GroupId;
  /** When the other group has answered last, or the task began. */
  answeredAt: number;
  /** How many parts it has answered. */
  parts: number;
}

export class Giver {
  readonly #env: Env<ShardedMessages, 'server'>;
  readonly #member: Member;
  readonly #state: ShardedState;
  #begun: { readonly move: number; readonly position: Position } | undefined;
  #tasks: readonly Task[] = [];
  #transfers = 0;

  constructor(env: Env<ShardedMessages, 'server'>, member: Member) {
    this.#env = env;
    this.#member = member;
    this.#state = member.state;
  }

  /** Gives what the move of the current configuration asks for, once all earlier writes are in. */
  give(): void {
    const { position } = this.#state;
    const givings = givingsOf(this.#state);
    const move = givings[0]?.move;
    if (move === undefined || position === undefined) return;
    if (this.#begun?.move === move && this.#begun.position === position) return;
    this.#begun = { move, position };
    // The shards are frozen: what was accepted before is in the log.
    const { last } = position.log;
    const answeredAt = this.#env.now();
    this.#tasks = givings.map(({ to }) => ({ position, move, to, answeredAt, parts: 0 }));
    for (const task of this.#tasks) {
      inBackground(this.#env, async () => {
        await unlessCallError(this.#member.whenApplied(position, last));
        task.answeredAt = this.#env.now();
        await this.#giveAll(task);
      });
    }
  }

  /** How many parts that group has answered in that move. */
  partsGiven(move: number, to: GroupId): number {
    return this.#tasks.find((task) => task.move === move && task.to === to)?.parts ?? 0;
  }

  /** Until the other group has all, or does not answer, or the move is over. */
  async #giveAll(task: Task): Promise<void> {
    for (;;) {
      const giving = this.#current(task);
      if (giving === undefined) return;
      const isDone = await unlessCallError(this.#transfer(task, giving).then(() => true));
      const isSilent = this.#env.now() - task.answeredAt > SUSPECT_MS;
      if (isDone === true || isSilent) return this.#report(task, isDone === true);
      await pause(this.#env, RETRY_MS);
    }
  }

  /** Undefined when the move, or the epoch of this primary, is over. */
  #current({ position, move, to }: Task): Giving | undefined {
    if (!this.#state.isCurrent(position)) return undefined;
    return givingsOf(this.#state).find((giving) => giving.move === move && giving.to === to);
  }

  /** Rejects with a CallError if the other group has to be given all again. */
  async #transfer(task: Task, { slots }: Giving): Promise<void> {
    const { log, epoch } = task.position;
    const pieces = slots.flatMap((slot) => piecesOf(slot, log.shards.shard(slot)));
    const parts = cutParts(pieces, sizeOfPiece);
    this.#transfers += 1;
    const head = { move: task.move, from: log.group, epoch, transfer: this.#transfers };
    for (const [part, some] of parts.entries()) {
      const isLast = part === parts.length - 1;
      const params = { ...head, part, isLast, pieces: some.map(packPiece) };
      const status = await this.#givePart(task, params);
      if (status === 'whole') return;
      if (status === 'gap' || isLast) throw staleEpoch('the other group has lost parts');
    }
  }

  /** A server that does not answer may be slow: it is given the part again, and knows a copy. */
  async #givePart(
    task: Task,
    params: Omit<ParamsOf<ShardedMessages, 'give'>, 'number'>,
  ): Promise<'more' | 'gap' | 'whole'> {
    for (;;) {
      const primary = this.#current(task)?.primary ?? null;
      if (primary === null) throw staleEpoch('no primary there');
      const { number, configuration } = this.#state;
      try {
        const { status } = await this.#env.call(primary, 'give', { ...params, number }, CALL_MS);
        task.answeredAt = this.#env.now();
        task.parts += 1;
        return status;
      } catch (error) {
        const isSilent = this.#env.now() - task.answeredAt > SUSPECT_MS;
        if (!(error instanceof CallError) || isSilent) throw error;
        if (error.code === STALE_EPOCH && configuration !== undefined) {
          await this.#env.call(primary, 'adopt', { configuration }, CALL_MS);
        } else if (error.code !== 'ERR_UNREACHABLE') throw error;
        await pause(this.#env, RETRY_MS);
      }
    }
  }

  /** Tells the shard master, until it knows. */
  async #report(task: Task, isDone: boolean): Promise<void> {
    const { position, move, to } = task;
    const params = { move, from: position.log.group, to, epoch: position.epoch, isDone };
    while (this.#current(task) !== undefined) {
      const told = await unlessCallError(this.#env.callService('given', params, CALL_MS));
      if (told !== undefined) return;
      await pause(this.#env, RETRY_MS);
    }
  }
}
