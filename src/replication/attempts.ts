// The attempts of one client request: which server is asked next, when, and what the outcome is if
// none answers. A request that was sent may have taken effect, unless its error is definite. A
// protocol that retries gives all copies one number, so that the request applies once.
import type { Answer } from '../kernel/control.ts';
import type { CallError, CallErrorCode } from '../kernel/errors.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import type { Choice } from './serverChoice.ts';

/** How often, when, and at which servers a request may be tried. */
export interface AttemptPolicy {
  /** No attempt begins later than this after the first one. */
  readonly lastAfterMs: number;
  /** The pause between a failed attempt and the next. */
  readonly pauseMs: number;
  /** The maximum number of attempts; without it only the time limits them. */
  readonly most?: number;
  /** Whether failed servers are asked again when all have failed. */
  readonly isRepeated: boolean;
  /** Whether the error ends the attempts, because another one would meet the same error. */
  readonly isFinal: (error: CallError) => boolean;
}

/** One attempt at one server. */
export const ONCE: AttemptPolicy = {
  lastAfterMs: 0,
  pauseMs: 0,
  most: 1,
  isRepeated: false,
  isFinal: () => true,
};

/** The outcome of a request that no server has answered. */
export interface Failure {
  readonly outcome: 'fail' | 'unknown';
  /** The error of the last attempt; undefined if there was no server to ask. */
  readonly error?: CallErrorCode;
  /** The data of that error. */
  readonly data?: Json;
}

/** The answer of a request that no server has answered. */
export function unanswered(failure: Failure): Answer {
  return { value: null, server: null, version: null, applied: null, ...failure };
}

/** What to do next: ask that server; wait, then call `next` again; or give up. */
export type NextAttempt =
  | { readonly kind: 'ask'; readonly choice: Choice }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'over'; readonly failure: Failure };

export class Attempts {
  readonly #policy: AttemptPolicy;
  readonly #lastAt: number;
  /** The servers that have failed since all of them were last eligible. */
  readonly #tried: NodeId[] = [];
  #count = 0;
  #isDoubtful = false;
  #isOver = false;
  #error: CallError | undefined;
  #isResting = false;

  constructor(policy: AttemptPolicy, now: number) {
    this.#policy = policy;
    this.#lastAt = now + policy.lastAfterMs;
  }

  /** How many attempts have begun. */
  get count(): number {
    return this.#count;
  }

  /** The outcome of the request if no answer comes any more. */
  get failure(): Failure {
    const outcome = this.#isDoubtful ? 'unknown' : 'fail';
    if (this.#error === undefined) return { outcome };
    const { code: error, data } = this.#error;
    return data === undefined ? { outcome, error } : { outcome, error, data };
  }

  /** `choose` gives a connected server that has not failed. */
  next(now: number, choose: (tried: readonly NodeId[]) => Choice | undefined): NextAttempt {
    const { pauseMs, isRepeated, most = Number.POSITIVE_INFINITY } = this.#policy;
    const isLate = this.#count > 0 && now > this.#lastAt;
    if (this.#isOver || isLate || this.#count >= most) return this.#give();
    if (this.#isResting && pauseMs > 0) {
      this.#isResting = false;
      return { kind: 'wait', ms: pauseMs };
    }
    const choice = choose(this.#tried) ?? (isRepeated ? this.#chooseAgain(choose) : undefined);
    if (choice === undefined) return this.#give();
    this.#count += 1;
    return { kind: 'ask', choice };
  }

  failed(server: NodeId, error: CallError): void {
    this.#tried.push(server);
    this.#isResting = true;
    this.#error = error;
    if (this.#policy.isFinal(error)) this.#isOver = true;
    this.#isDoubtful ||= !error.definite;
  }

  #chooseAgain(choose: (tried: readonly NodeId[]) => Choice | undefined): Choice | undefined {
    this.#tried.length = 0;
    return choose(this.#tried);
  }

  #give(): NextAttempt {
    return { kind: 'over', failure: this.failure };
  }
}
