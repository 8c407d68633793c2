// An Env whose world is the test: it keeps the code's calls until the test answers them, and its
// time passes when the test says so.
import type { Cancel, Env } from '../../src/kernel/env.ts';
import { CallError, type CallErrorCode } from '../../src/kernel/errors.ts';
import type { Life, NodeId } from '../../src/kernel/ids.ts';
import { copyJson } from '../../src/kernel/json.ts';
import { checkParams, type MessageTable } from '../../src/kernel/messages.ts';
import { MEMORY_STORAGE, type Storage } from '../../src/kernel/storage.ts';

export interface FakeCall {
  readonly to: NodeId | 'service';
  readonly method: string;
  readonly params: Record<string, unknown>;
  readonly timeoutMs: number | undefined;
  answer(result: unknown): Promise<void>;
  fail(code: CallErrorCode): Promise<void>;
  reject(error: CallError): Promise<void>;
}

export interface Note {
  readonly label: string;
  readonly detail: unknown;
}

export class FakeEnv<M extends MessageTable> {
  readonly calls: FakeCall[] = [];
  readonly notes: Note[] = [];
  timeMs = 0;
  /** The next results of `random`; 0 when the list is empty. */
  readonly chances: number[] = [];
  readonly env: Env<M>;
  readonly #timers: { at: number; task: () => void }[] = [];

  constructor(self: Life, messages: M, storage: Storage = MEMORY_STORAGE) {
    const call = (to: NodeId | 'service', method: string, params: unknown, timeoutMs?: number) =>
      new Promise((resolve, reject) => {
        checkParams(messages[method] as M[string], params);
        this.calls.push({
          to,
          method,
          params: copyJson(params) as Record<string, unknown>,
          timeoutMs,
          answer: (result) => settled(() => resolve(result)),
          fail: (code) => settled(() => reject(new CallError(code))),
          reject: (error) => settled(() => reject(error)),
        });
      });
    this.env = {
      self,
      now: () => this.timeMs,
      wallClock: () => this.timeMs,
      random: () => this.chances.shift() ?? 0,
      after: (ms, task) => this.#after(ms, task),
      call: call as Env<M>['call'],
      callService: ((method: string, params: unknown, timeoutMs?: number) =>
        call('service', method, params, timeoutMs)) as Env<M>['callService'],
      storage,
      note: (label, detail = {}) => this.notes.push({ label, detail: copyJson(detail) }),
    };
  }

  /** Takes the first open call, or the first to that peer. Throws if it calls another method. */
  take(method: string, to?: NodeId | 'service'): FakeCall {
    const index = this.calls.findIndex((call) => to === undefined || call.to === to);
    const [call] = index < 0 ? [] : this.calls.splice(index, 1);
    if (call?.method !== method) throw new Error(`no call of ${method}, but ${call?.method}`);
    return call;
  }

  /** Lets time pass, and runs the tasks that are due. */
  async pass(ms: number): Promise<void> {
    this.timeMs += ms;
    for (const timer of this.#timers.filter(({ at }) => at <= this.timeMs)) {
      this.#timers.splice(this.#timers.indexOf(timer), 1);
      timer.task();
    }
    await settled();
  }

  #after(ms: number, task: () => void): Cancel {
    const timer = { at: this.timeMs + ms, task };
    this.#timers.push(timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  }
}

/**
 * Resolves when all consequences of the promises settled so far, or by `cause`, have taken place.
 */
export async function settled(cause: () => void = () => undefined): Promise<void> {
  cause();
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}
