// What a page can ask of its worker about requests and their times. One configuration runs at a
// time: a launch ends the former one.
import type { NextTurn } from '../../sim/scheduler.ts';
import type { Launch } from './launch.ts';
import type { TimesOrder, TimesResult, TimesResults } from './messages.ts';
import type { RequestOrder } from './requests.ts';
import { toScript } from './script.ts';
import { RequestSession } from './session.ts';
import { createSheet, listRequestProblems } from './sheet.ts';

export class TimesDesk {
  readonly #inTurn: <T>(task: () => Promise<T>) => Promise<T>;
  readonly #nextTurn: NextTurn | undefined;
  #session: RequestSession | undefined;

  /** `inTurn` runs tasks one after the other: only one world may run at a time. */
  constructor(inTurn: <T>(task: () => Promise<T>) => Promise<T>, nextTurn?: NextTurn) {
    this.#inTurn = inTurn;
    this.#nextTurn = nextTurn;
  }

  async do(asked: TimesOrder): Promise<TimesResult> {
    switch (asked.ask) {
      case 'sheet':
        return createSheet(asked.form);
      case 'problems':
        return listRequestProblems(asked.texts, asked.launch);
      case 'script':
        return toScript(asked.launch, asked.order);
      case 'launch':
        return this.#inTurn(() => this.#launch(asked.launch));
      case 'requests':
        return this.#inTurn(() => this.#run(asked.order));
      case 'wait':
        return this.#inTurn(() => this.#wait(asked.ms));
    }
  }

  async #launch(launch: Launch): Promise<TimesResults['launch']> {
    await this.#session?.stop();
    this.#session = undefined;
    const session = await RequestSession.open(launch, this.#nextTurn);
    this.#session = session;
    return { now: session.now() };
  }

  async #run(order: RequestOrder): Promise<TimesResults['requests']> {
    const session = this.#running();
    const dones = await session.run(order);
    return { dones, now: session.now() };
  }

  async #wait(ms: number): Promise<TimesResults['wait']> {
    const session = this.#running();
    await session.wait(ms);
    return { now: session.now() };
  }

  #running(): RequestSession {
    if (this.#session === undefined) throw new Error('no configuration runs: launch it again');
    return this.#session;
  }
}
