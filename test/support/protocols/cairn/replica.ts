// The server of cairn.
import type { Cancel, Env } from '../../../../src/kernel/env.ts';
import { CallError, declareErrors } from '../../../../src/kernel/errors.ts';
import type { VersionTuple } from '../../../../src/kernel/history.ts';
import type { NodeId, Role } from '../../../../src/kernel/ids.ts';
import { CALL_TIMEOUT_MS } from '../../../../src/kernel/limits.ts';
import type { ResultOf } from '../../../../src/kernel/messages.ts';
import type { Replica } from '../../../../src/kernel/protocol.ts';
import type { RoundOutcome } from '../../../../src/kernel/round.ts';
import { inBackground, unlessCallError } from '../../../../src/replication/background.ts';
import type { CairnMessages } from './messages.ts';
import { type Hint, Stones, type Write } from './stones.ts';

/** How many servers hold each key. */
const HOLDERS = 2;
const PING_MS = 100;
const CALL_MS = CALL_TIMEOUT_MS / 4;

export const errors = declareErrors({
  ERR_TOO_FEW: { definite: true, text: 'a server of the key is believed dead', isAnswer: true },
});

type Written = ResultOf<CairnMessages, 'write'>;

export class CairnReplica implements Replica<CairnMessages> {
  readonly state = new Stones();
  readonly handlers: Replica<CairnMessages>['handlers'] = {
    write: (_from, { request, key, value, level }) => {
      const answer = this.#answers.get(request) ?? this.#write(key, value, level);
      this.#answers.set(request, answer);
      return answer;
    },
    read: (_from, { key }) => {
      const siblings = [...this.state.siblings(key)];
      return { siblings, context: this.state.contextOf(key).toTuples() };
    },
    keep: (_from, write) => {
      this.state.keep(write);
      return {};
    },
    sweep: async () => {
      await this.#deliver();
      return {};
    },
    ping: () => ({}),
  };
  readonly #env: Env<CairnMessages, 'server'>;
  readonly #known: Set<NodeId>;
  /** Servers that did not answer the last call. */
  readonly #suspected = new Set<NodeId>();
  readonly #answers = new Map<string, Promise<Written>>();
  #count = 0;
  /** By key: the last timestamp that it was given here. */
  readonly #given = new Map<string, number>();

  constructor(env: Env<CairnMessages, 'server'>) {
    this.#env = env;
    this.#known = new Set([env.self.id]);
    this.#watch();
  }

  connected(peer: NodeId, role: Role): void {
    if (role === 'server') this.#known.add(peer);
  }

  /** Cuts and deaths are noticed by calls alone. */
  disconnected(): void {}

  async quiesced(): Promise<undefined> {}

  async stabilize({ known }: { known: NodeId[] }): Promise<RoundOutcome> {
    const { id } = this.#env.self;
    await this.#deliver();
    const others = known.filter((other) => other !== id);
    const isThere = await Promise.all(
      others.map((other) => this.#isAnswered(other, this.#env.call(other, 'sweep', {}, CALL_MS))),
    );
    const missing = others.filter((_, place) => !isThere[place]);
    return { reached: known.filter((other) => !missing.includes(other)), missing };
  }

  entries(): Iterable<readonly [string, string]> {
    return Array.from(this.state.entries()).flatMap(({ key, value }) => {
      return value === null ? [] : [[key, value] as const];
    });
  }

  versions() {
    return this.state.entries();
  }

  replicasOf(key: string): NodeId[] {
    const ids = [...this.#known].sort((a, b) => a - b);
    return ids.filter((_, place) => (place + Number(key)) % ids.length < HOLDERS);
  }

  hints() {
    return this.state.hints.map(({ write: { key, sibling } }) => ({ key, ...sibling }));
  }

  inspect() {
    return {
      store: [...this.state.entries()],
      hints: this.state.hints.map(({ owner, write: { key, sibling } }) => {
        return { owner, key, ...sibling };
      }),
      suspected: [...this.#suspected].sort((a, b) => a - b),
    };
  }

  async command(): Promise<readonly string[]> {
    return [`${this.#env.self.id} delivered ${await this.#deliver()}`];
  }

  async #write(key: string, value: string | null, level: 'one' | 'all'): Promise<Written> {
    const owners = this.replicasOf(key);
    if (level === 'all' && owners.some((id) => this.#suspected.has(id))) {
      throw new CallError('ERR_TOO_FEW');
    }
    const { id, incarnation } = this.#env.self;
    const origin = { id, incarnation };
    const known = this.state.contextOf(key);
    const heard = known.toTuples().map(([, , , upTo]) => upTo);
    const timestamp = Math.max(this.#count, ...heard) + 1;
    this.#count = timestamp;
    const after = this.#given.get(key) ?? 0;
    this.#given.set(key, timestamp);
    const version: VersionTuple = [timestamp, id, incarnation];
    const context = known.with({ timestamp, origin }, after).toTuples();
    const write = { key, sibling: { value, version, context } };
    await Promise.all(
      owners.map(async (owner) => {
        if (owner === id) this.state.keep(write);
        else if (!(await this.#send(owner, write))) this.state.hints.push({ owner, write });
      }),
    );
    return { version, context };
  }

  /** Returns how many hints were delivered. */
  async #deliver(): Promise<number> {
    const due = this.state.hints.splice(0);
    const owed = await Promise.all(
      due.map(async (hint): Promise<Hint[]> => {
        return (await this.#send(hint.owner, hint.write)) ? [] : [hint];
      }),
    );
    this.state.hints.push(...owed.flat());
    return due.length - owed.flat().length;
  }

  #send(peer: NodeId, write: Write): Promise<boolean> {
    return this.#isAnswered(peer, this.#env.call(peer, 'keep', write, CALL_MS));
  }

  async #isAnswered(peer: NodeId, call: Promise<unknown>): Promise<boolean> {
    const isThere = (await unlessCallError(call)) !== undefined;
    if (isThere) this.#suspected.delete(peer);
    else this.#suspected.add(peer);
    return isThere;
  }

  /** Pings suspected servers, to notice when they are back. */
  #watch(): Cancel {
    return this.#env.after(PING_MS, () => {
      inBackground(this.#env, async () => {
        for (const peer of this.#suspected) {
          await this.#isAnswered(peer, this.#env.call(peer, 'ping', {}, CALL_MS));
        }
        this.#watch();
      });
    });
  }
}
