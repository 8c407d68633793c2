// What the parts of a server wait for in its position: an entry that is applied, a disk that has
// it, reads that may be answered. Pure.
import { CallError } from '../../kernel/errors.ts';
import type { GroupLog } from './log.ts';
import type { Position } from './position.ts';

export interface Wait {
  readonly position: Position;
  readonly isMet: () => boolean;
  /** Whether it cannot be met, asked after the disk has refused the log's last entries. */
  readonly isLost: () => boolean;
}

interface Waiter extends Wait {
  readonly done: () => void;
  readonly failed: (error: CallError) => void;
}

/** Waits for an entry to be applied. One that the disk has may be applied later, and elsewhere. */
export function toApply(position: Position, index: number): Wait {
  const { log } = position;
  return { position, isMet: () => log.applied >= index, isLost: () => log.last < index };
}

/** Waits for the disk to have an entry. */
export function toKeep(position: Position, index: number): Wait {
  const { log } = position;
  return { position, isMet: () => log.durable >= index, isLost: () => log.durable < index };
}

export class Waiters {
  #all: Waiter[] = [];

  /** Resolves when it is met. Rejects with the error of `settle`, `end` or `refused`. */
  add(wait: Wait): Promise<void> {
    return new Promise((done, failed) => {
      this.#all.push({ ...wait, done, failed });
    });
  }

  /** Resolves those that are met now. */
  settle(): void {
    for (const { done } of this.#take(({ isMet }) => isMet())) done();
  }

  /** The positions for which this holds are over. */
  end(isOver: (position: Position) => boolean, error: CallError): void {
    for (const { failed } of this.#take(({ position }) => isOver(position))) failed(error);
  }

  /**
   * The disk has refused the last entries of that log, and they have been removed. What waits for
   * an earlier entry goes on: the disk has that one, so it is not certain that it is not done.
   */
  refused(log: GroupLog): void {
    const lost = this.#take(({ position, isLost }) => position.log === log && isLost());
    for (const { failed } of lost) failed(new CallError('E_STORAGE'));
  }

  #take(isTaken: (waiter: Waiter) => boolean): Waiter[] {
    const taken = this.#all.filter(isTaken);
    if (taken.length > 0) this.#all = this.#all.filter((waiter) => !taken.includes(waiter));
    return taken;
  }
}
