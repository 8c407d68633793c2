// What a server has to ask the configuration service, and when: to be taken in, for the current
// configuration, to be left out, and that all its logs are in sync. Pure: the shell asks, and says
// what came of it.
import type { NodeId } from '../kernel/ids.ts';
import { HELLO_MS, RETRY_MS } from './timing.ts';

/**
 * - `hello`: I am not in all my positions, and would be.
 * - `confirm`: which is the current configuration? A peer seems to have another one.
 * - `synced`: in all my positions of this epoch I hold what I must.
 * - `resign`: my disk keeps nothing any more.
 */
export type QuestionKind = 'hello' | 'confirm' | 'synced' | 'resign';

/** A question under way; it is told apart from every other one. */
export interface Question {
  readonly kind: QuestionKind;
  /** The epoch in which it is asked. */
  readonly epoch: number;
}

/** How this server stands in the configuration that it knows. */
export interface Standing {
  readonly epoch: number;
  readonly isInService: boolean;
  /** Whether there is a position that this server should have, and lacks. */
  readonly lacksPositions: boolean;
  /** Whether it has them all, in a configuration that its disk has, and joins none of them. */
  readonly hasPositions: boolean;
  /** Whether it holds what it must in all of them. */
  readonly isSynced: boolean;
  /** Whether its disk has refused a record. */
  readonly isFull: boolean;
  /** Whether another server is left in any of its positions. */
  readonly hasCompany: boolean;
}

const KINDS: readonly QuestionKind[] = ['hello', 'confirm', 'synced', 'resign'];

export class Membership {
  /** By name: the question that is asked, or rests until it is asked again. */
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
   * A question has been answered, or has failed. Gives for how many milliseconds it rests, before
   * `rested` is to be called.
   */
  ended(question: Question, isAnswered: boolean): number {
    const { kind, epoch } = question;
    if (kind === 'hello') this.#restingHello = question;
    if (kind === 'synced' && isAnswered) this.#reportedEpoch = Math.max(this.#reportedEpoch, epoch);
    if (kind === 'hello') return HELLO_MS;
    return kind === 'resign' || (kind === 'synced' && !isAnswered) ? RETRY_MS : 0;
  }

  /** The question may be asked again, where that is still due. */
  rested(question: Question): void {
    if (this.#current.get(nameOf(question)) === question) this.#current.delete(nameOf(question));
  }

  /** Another server is there to be reached: a hello that rests is asked at once. */
  wake(): void {
    if (this.#restingHello !== undefined) this.rested(this.#restingHello);
    this.#restingHello = undefined;
  }

  /** A peer is in another epoch. */
  outOfStep(): void {
    this.#isOutOfStep = !this.#current.has('confirm');
  }

  /** The service has said which servers have to come before this one can have any position. */
  awaits(servers: readonly NodeId[]): void {
    this.#awaited = servers;
  }

  /** Whether it has had its positions, once. */
  get hasHadPositions(): boolean {
    return this.#hasHadPositions;
  }

  /**
   * Which servers this one waits for: none once it has had its positions; undefined while nothing
   * new is known of it. For those who wait for this server, who would only keep the others from it.
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

/** A report is of its epoch; of the other kinds one is under way at a time. */
function nameOf({ kind, epoch }: Question): string {
  return kind === 'synced' ? `${kind} ${epoch}` : kind;
}
