// Operations with known answers. A wrong answer becomes a sentence, and the rest goes on.
import type { Answer } from '../kernel/control.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Stage } from './stage.ts';
import { type Table, tellNumber } from './table.ts';

/** The result of one part of an experiment. */
export interface PartRow {
  readonly part: string;
  /** How many servers there were, in words if they changed. */
  readonly servers: string;
  readonly operations: number;
  /** How long each join and leave took. */
  readonly movesMs: readonly number[];
  readonly ms: number;
  /** A sentence for each answer that was not the known one. */
  readonly wrong: readonly string[];
}

export class Examination {
  readonly stage: Stage;
  readonly #part: string;
  readonly #servers: string;
  readonly #begun: number;
  readonly #movesMs: number[] = [];
  readonly #wrong: string[] = [];
  #operations = 0;

  constructor(stage: Stage, part: string, servers: string) {
    this.stage = stage;
    this.#part = part;
    this.#servers = servers;
    this.#begun = stage.now();
  }

  /** `known` is the value; null for an absent key. */
  async get(client: NodeId, key: string, known: string | null): Promise<void> {
    this.#compare(`get ${key}`, await this.stage.get(client, key), known);
  }

  async put(client: NodeId, key: string, value: string): Promise<void> {
    this.#confirm(`put ${key}`, await this.stage.put(client, key, value));
  }

  async append(client: NodeId, key: string, value: string): Promise<void> {
    this.#confirm(`append ${key}`, await this.stage.command(client, 'append', [key, value]));
  }

  /** `known` is the removed character; null for an absent key. */
  async pop(
    client: NodeId,
    name: 'lpop' | 'rpop',
    key: string,
    known: string | null,
  ): Promise<void> {
    this.#compare(`${name} ${key}`, await this.stage.command(client, name, [key]), known);
  }

  /** A join or a leave, of which the time is taken. */
  async move(task: () => Promise<void>): Promise<void> {
    const begun = this.stage.now();
    await task();
    this.#movesMs.push(this.stage.now() - begun);
  }

  wrong(sentence: string): void {
    this.#wrong.push(`${this.#part}, servers ${this.#servers}: ${sentence}`);
  }

  finish(): PartRow {
    return {
      ...{ part: this.#part, servers: this.#servers, operations: this.#operations },
      ...{ movesMs: this.#movesMs, ms: this.stage.now() - this.#begun, wrong: this.#wrong },
    };
  }

  #confirm(operation: string, { outcome }: Answer): boolean {
    this.#operations += 1;
    const isAnswered = outcome === 'ok' || outcome === 'absent';
    if (!isAnswered) this.wrong(`${operation} was not answered`);
    return isAnswered;
  }

  #compare(operation: string, answer: Answer, known: string | null): void {
    if (!this.#confirm(operation, answer)) return;
    const found = answer.outcome === 'absent' ? null : answer.value;
    if (found !== known) this.wrong(`${operation} gave ${tell(found)}, not ${tell(known)}`);
  }
}

function tell(value: string | null): string {
  return value === null ? 'nothing' : JSON.stringify(value);
}

export function tellParts({ title }: { readonly title: string }, rows: readonly PartRow[]): Table {
  return {
    title,
    heads: ['part', 'servers', 'operations', 'wrong', 'ms', 'moves', 'longest ms'],
    rows: rows.map(({ part, servers, operations, wrong, ms, movesMs }) => [
      ...[part, servers, String(operations), String(wrong.length), tellNumber(ms)],
      String(movesMs.length),
      tellNumber(movesMs.length === 0 ? null : Math.max(...movesMs)),
    ]),
  };
}
