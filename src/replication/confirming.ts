// Asks the configuration service whether something is still so, for all that wait at the same time:
// the shell around confirmations.ts.
import type { Confirmations } from './confirmations.ts';

interface Waiter<T> {
  readonly question: number;
  readonly done: (answer: T) => void;
  readonly failed: (error: unknown) => void;
}

export class Confirming<T> {
  readonly #confirmations: Confirmations;
  readonly #ask: (question: number) => Promise<T>;
  #waiters: Waiter<T>[] = [];

  /** `ask` asks the service, and rejects if the answer confirms nothing. */
  constructor(confirmations: Confirmations, ask: (question: number) => Promise<T>) {
    this.#confirmations = confirmations;
    this.#ask = ask;
  }

  /** The answer to a question that is asked after the call; `question` is the first that counts. */
  confirmed(question = this.#confirmations.want()): Promise<T> {
    const confirmed = new Promise<T>((done, failed) => {
      this.#waiters.push({ question, done, failed });
    });
    this.#next();
    return confirmed;
  }

  #next(): void {
    const question = this.#confirmations.take();
    if (question === undefined) return;
    const end = (tell: (waiter: Waiter<T>) => void): void => {
      this.#confirmations.ended();
      const isAnswered = (waiter: Waiter<T>): boolean => waiter.question <= question;
      const answered = this.#waiters.filter(isAnswered);
      this.#waiters = this.#waiters.filter((one) => !isAnswered(one));
      answered.forEach(tell);
      this.#next();
    };
    this.#ask(question).then(
      (answer) => end(({ done }) => done(answer)),
      (error: unknown) => end(({ failed }) => failed(error)),
    );
  }
}
