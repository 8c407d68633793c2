// A server's side of membership: which questions it has to send to the configuration service, and
// when. Pure: the shell sends the questions, and reports the results.
import type { NodeId } from '../kernel/ids.ts';
import { HELLO_MS, RETRY_MS } from './timing.ts';

/**
 * - `hello`: I lack positions, and ask to join.
 * - `confirm`: which configuration is current? A peer seems to have another one.
 * - `synced`: I am in sync in all my positions of this epoch.
 * - `resign`: my disk has no room, remove me.
 */
export type QuestionKind = 'hello' | 'confirm' | 'synced' | 'resign';

/** A question under way. Compared by identity. */
export interface Question {
  readonly kind: QuestionKind;
  /** The epoch in which it is asked. */
  readonly epoch: number;
}

/** The standing of this server in the configuration that it knows. */
export interface Standing {
  readonly epoch: number;
  readonly isInService: boolean;
  /** Whether there is a position that this server should have, and does not have. */
  readonly lacksPositions: boolean;
  /** Whether it has all its positions, as a member, in a configuration that its disk has. */
  readonly hasPositions: boolean;
  /** Whether it is in sync in all its positions. */
  readonly isSynced: boolean;
  /** Whether its disk has refused a record. */
  readonly isFull: boolean;
  /** Whether there is another server in any of its chains. */
  readonly hasCompany: boolean;
}

const KINDS: readonly QuestionKind[] = ['hello', 'confirm', 'synced', 'resign'];

export class Membership {
  /** By `nameOf`: the question that is under way, or rests before it is asked again. */
  readonly #current = new Map<string, Question>();
  #restingHello: Question | undefined;
  #isOutOfStep = false;
  #hasHadPositions = false;
  #reportedEpoch = 0;
  #awaited: readonly NodeId[] = [];

  /** The questions to be asked now. */
  take(standing: Standing): Question[] {
    this.#hasHadPositions ||= standing.hasPositions;
    const { epoch } = standing;
    const due: Question[] = [];
    for (const kind of KINDS) {
      if (!this.#isDue(kind, standing) || this.#current.has(nameOf({ kind, epoch }))) continue;
      const question = { kind, epoch };
      this.#current.set(nameOf(question), question);
      due.push(question);
      if (kind === 'confirm') this.#isOutOfStep = false;
    }
    return due;
  }

  /**
   * A question has been answered, or has failed. Gives the milliseconds after which `rested` is to
   * be called.
   */
  ended(question: Question, isAnswered: boolean): number {
    const { kind, epoch } = question;
    if (kind === 'hello') this.#restingHello = question;
    if (kind === 'synced' && isAnswered) this.#reportedEpoch = Math.max(this.#reportedEpoch, epoch);
    if (kind === 'hello') return HELLO_MS;
    return kind === 'resign' || (kind === 'synced' && !isAnswered) ? RETRY_MS : 0;
  }

  /** The question may be asked again if it is still due. */
  rested(question: Question): void {
    if (this.#current.get(nameOf(question)) === question) this.#current.delete(nameOf(question));
  }

  /** Another server can be reached now: a resting `hello` may be asked at once. */
  wake(): void {
    if (this.#restingHello !== undefined) this.rested(this.#restingHello);
    this.#restingHello = undefined;
  }

  /** A peer is in another epoch. */
  outOfStep(): void {
    this.#isOutOfStep = !this.#current.has('confirm');
  }

  /** The service has said which servers have to join before this one can have any position. */
  awaits(servers: readonly NodeId[]): void {
    this.#awaited = servers;
  }

  /** Whether it has had its positions at some time. */
  get hasHadPositions(): boolean {
    return this.#hasHadPositions;
  }

  /**
   * The servers that this one waits for: none when it has had its positions; undefined if nothing
   * new is known. A caller that waits for this server stops waiting then, because the script can
   * start the other servers only after that.
   */
  takeAwaited(): readonly NodeId[] | undefined {
    if (this.#hasHadPositions) return [];
    const awaited = this.#awaited;
    this.#awaited = [];
    return awaited.length > 0 ? awaited : undefined;
  }

  #isDue(kind: QuestionKind, standing: Standing): boolean {
    const { epoch, isInService, lacksPositions, isSynced, isFull, hasCompany } = standing;
    switch (kind) {
      case 'hello':
        return lacksPositions && !isFull;
      case 'confirm':
        return this.#isOutOfStep;
      case 'synced':
        return isInService && isSynced && this.#reportedEpoch < epoch;
      case 'resign':
        return isFull && hasCompany;
    }
  }
}

/** One `synced` is under way for each epoch, and one question of each other kind. */
function nameOf({ kind, epoch }: Question): string {
  return kind === 'synced' ? `${kind} ${epoch}` : kind;
}
