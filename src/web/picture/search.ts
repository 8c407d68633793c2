// Searches the shown events and the operations for a text. Each event is looked at when it is asked
// for: of a million only those are that lie on the way.
import type { Layout } from './layout.ts';
import { NONE } from './model.ts';
import { showOperation } from './operationText.ts';
import { describeWhat, nameLane } from './text.ts';

export class Search {
  readonly #layout: Layout;
  readonly #text: string;
  /** The events of operations that have the text. */
  readonly #ofOperations = new Set<number>();
  readonly #lanes: readonly boolean[];

  /** Upper and lower case are alike. */
  constructor(layout: Layout, text: string) {
    this.#layout = layout;
    this.#text = text.trim().toLowerCase();
    const { model } = layout;
    this.#lanes = model.lanes.map((lane) => nameLane(lane) === this.#text);
    if (this.#text === '') return;
    for (const at of layout.bars.operation) {
      const operation = model.history[at];
      const begin = model.operations.begin[at] as number;
      if (operation === undefined || begin === NONE) continue;
      if (this.#isIn(showOperation(operation))) this.#ofOperations.add(begin);
    }
  }

  has(index: number): boolean {
    if (this.#text === '') return false;
    if (this.#ofOperations.has(index)) return true;
    const { model, isShown } = this.#layout;
    const event = model.events[index];
    if (event === undefined || isShown[index] !== 1) return false;
    if (this.#lanes[model.lane[index] as number]) return true;
    if (this.#isIn(describeWhat(event))) return true;
    return event.event === 'send' && this.#isIn(JSON.stringify(event.params ?? ''));
  }

  /** The next one after or before an event, round the ends; `NONE` if there is none at all. */
  next(from: number, step: 1 | -1): number {
    const count = this.#layout.model.events.length;
    for (let turn = 1; turn <= count; turn += 1) {
      const index = (((from + step * turn) % count) + count) % count;
      if (this.has(index)) return index;
    }
    return NONE;
  }

  count(): number {
    let count = 0;
    for (let index = 0; index < this.#layout.model.events.length; index += 1) {
      if (this.has(index)) count += 1;
    }
    return count;
  }

  #isIn(text: string): boolean {
    return text.toLowerCase().includes(this.#text);
  }
}
