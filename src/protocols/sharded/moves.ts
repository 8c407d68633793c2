// The shard master carries out the changes of the groups, one after the other, each with the move
// of shards that it needs.
import { CallError } from '../../kernel/errors.ts';
import type { Life, NodeId } from '../../kernel/ids.ts';
import type { ServiceEnv } from '../../kernel/service.ts';
import { inBackground, pause, unlessCallError } from '../../replication/background.ts';
import { REACH_MS, SUSPECT_MS } from '../../replication/timing.ts';
import { UNDONE } from './errors.ts';
import type { ShardedMessages } from './messages.ts';
import type { GroupId } from './placement.ts';
import type { Roster } from './roster.ts';
import type { Pair } from './shardMap.ts';

interface Order {
  readonly begin: () => 'done' | 'moving';
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** After so many inquiries without progress a move is undone. */
const STRIKES = 2;

export class Moves {
  readonly #env: ServiceEnv<ShardedMessages>;
  readonly #roster: Roster;
  readonly #change: <T>(action: () => T) => T;
  readonly #orders: Order[] = [];
  /** The servers whose joins are ordered or under way. */
  readonly #joining = new Set<NodeId>();
  #isBusy = false;
  #isFilling = false;
  #attempt: Promise<void> | undefined;
  /** Ends the move under way: `undefined` if it is done, else why it is undone. */
  #end: ((why: string | undefined) => void) | undefined;

  constructor(env: ServiceEnv<ShardedMessages>, roster: Roster, change: <T>(action: () => T) => T) {
    this.#env = env;
    this.#roster = roster;
    this.#change = change;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Resolves when the server has its place and its shards. Rejects with CallError. */
  join(id: NodeId): Promise<void> {
    return this.#order(() => this.#roster.join(id));
  }

  /** Resolves when the server has no place any more. Rejects with CallError. */
  async leave(id: NodeId, isForced: boolean): Promise<void> {
    await this.#order(() => this.#roster.leave(id, isForced));
    if (this.#roster.shards.hasGaps) await unlessCallError(this.#fill());
  }

  /** A server that has started joins. */
  joinLater(id: NodeId): void {
    if (this.#joining.has(id)) return;
    this.#joining.add(id);
    inBackground(this.#env, async () => {
      await unlessCallError(this.join(id));
      this.#joining.delete(id);
    });
  }

  /** A primary has given all that it had to give to a group, or cannot. */
  given(from: Life, move: number, pair: Pair, epoch: number, isDone: boolean): void {
    if (this.#roster.shards.move?.id !== move) return;
    if (isDone) this.#roster.given(from, move, pair, epoch);
    else this.#end?.(`group ${pair[0]} does not reach group ${pair[1]}`);
    this.look();
  }

  /** A group has nothing of the shards that begin anew there. */
  opened(from: Life, move: number, group: GroupId, epoch: number): void {
    this.#roster.opened(from, move, group, epoch);
    this.look();
  }

  /** The disk of that server is full: it founds no group. */
  resigned(life: Life): void {
    if (this.#roster.isFounding(life)) this.#end?.(`the disk of server ${life.id} is full`);
  }

  /** To be called after each change: is the move done, or can it not be done any more? */
  look(): void {
    if (this.#roster.hasGaps) this.#fillLater();
    if (this.#end === undefined) return;
    const { pairs, opening } = this.#roster.shards;
    const open = [...pairs.flat(), ...opening];
    if (open.length === 0) this.#end(undefined);
    const dead = open.find((id) => (this.#roster.groups.find(id)?.serving.length ?? 0) === 0);
    if (dead !== undefined) this.#end?.(`no server of group ${dead} serves`);
  }

  /** Until every slot has an owner again. */
  #fillLater(): void {
    if (this.#isFilling) return;
    this.#isFilling = true;
    inBackground(this.#env, async () => {
      while (this.#roster.hasGaps) {
        await unlessCallError(this.#fill());
        if (this.#roster.hasGaps) await pause(this.#env, SUSPECT_MS);
      }
      this.#isFilling = false;
    });
  }

  /** One attempt; those who ask meanwhile wait for the same. */
  #fill(): Promise<void> {
    this.#attempt ??= this.#order(() => this.#roster.fill()).finally(() => {
      this.#attempt = undefined;
    });
    return this.#attempt;
  }

  #order(begin: Order['begin']): Promise<void> {
    return new Promise((done, failed) => {
      this.#orders.push({ begin, done, failed });
      this.#next();
    });
  }

  #next(): void {
    if (this.#isBusy) return;
    const order = this.#orders.shift();
    if (order === undefined) return;
    this.#isBusy = true;
    inBackground(this.#env, async () => {
      try {
        await this.#carryOut(order.begin);
        order.done();
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        order.failed(error);
      }
      this.#isBusy = false;
      this.#next();
    });
  }

  async #carryOut(begin: Order['begin']): Promise<void> {
    const ended = new Promise<string | undefined>((resolve) => {
      this.#end = (why) => {
        this.#end = undefined;
        resolve(why);
      };
    });
    let isMoving = false;
    try {
      isMoving = this.#change(begin) === 'moving';
    } finally {
      if (!isMoving) this.#end = undefined;
    }
    if (!isMoving) return;
    const { move } = this.#roster.shards;
    this.#env.note('move', { move: move?.id ?? 0 });
    inBackground(this.#env, () => this.#watch(move?.id ?? 0));
    this.look();
    const why = await ended;
    if (why === undefined) this.#change(() => this.#roster.switch());
    else {
      this.#change(() => this.#roster.undo());
      this.#env.note('undo', { move: move?.id ?? 0, why });
      throw new CallError(UNDONE, why);
    }
  }

  /** Undoes the move if a group gives no part in the time of some inquiries. */
  async #watch(move: number): Promise<void> {
    const parts = new Map<string, number>();
    const strikes = new Map<string, number>();
    for (;;) {
      await pause(this.#env, SUSPECT_MS);
      const answers = await Promise.all(
        this.#roster.shards.pairs.map(async (pair) => ({
          why: `group ${pair[0]} gives nothing to group ${pair[1]}`,
          given: await this.#askParts(move, pair),
        })),
      );
      if (this.#roster.shards.move?.id !== move) return;
      for (const group of this.#roster.shards.opening) {
        answers.push({ why: `group ${group} does not open its shards`, given: 0 });
      }
      for (const { why, given } of answers) {
        const isProgress = given > (parts.get(why) ?? 0);
        parts.set(why, Math.max(given, parts.get(why) ?? 0));
        strikes.set(why, isProgress ? 0 : (strikes.get(why) ?? 0) + 1);
        if (strikes.get(why) === STRIKES) return this.#end?.(why);
      }
    }
  }

  /** 0 if the primary does not answer. */
  async #askParts(move: number, [from, to]: Pair): Promise<number> {
    const giver = this.#roster.groups.find(from)?.primary ?? null;
    if (giver === null) return 0;
    const answer = await unlessCallError(this.#env.tell(giver, 'progress', { move, to }, REACH_MS));
    return answer?.parts ?? 0;
  }
}
