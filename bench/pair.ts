// Two servers with large stores that differ in a known number of keys.
import type { NodeId } from '../src/kernel/ids.ts';
import type { ParamsOf, ResultOf } from '../src/kernel/messages.ts';
import type { CausalMessages, WireEntry } from '../src/protocols/causal/messages.ts';
import { findProtocol } from './testbed.ts';
import { Wire } from './wire.ts';

const SERVERS = [0, 1] as const;
const CLIENT = 100;
const BUDGET_MS = 600_000;

export class Pair {
  readonly wire = new Wire(findProtocol(), { gossip: 'off' });
  readonly keys: number;
  /** What either server wrote since they last converged: the least that has to travel. */
  moving: [WireEntry[], WireEntry[]] = [[], []];
  #writes = 0;
  #rounds = 0;

  private constructor(keys: number) {
    this.keys = keys;
  }

  /** Two servers that hold the same keys. */
  static async create(keys: number): Promise<Pair> {
    const pair = new Pair(keys);
    for (const id of SERVERS) pair.wire.join(id);
    await pair.wire.link(0, 1);
    for (let key = 0; key < keys; key += 1) pair.#write(0, key);
    await pair.converge();
    return pair;
  }

  /** Gives so many keys new values, every other one at the other server. */
  diverge(differing: number): void {
    const stride = Math.floor(this.keys / differing);
    for (let index = 0; index < differing; index += 1) {
      this.#write(index % 2 === 0 ? 0 : 1, index * stride);
    }
  }

  /** One round of stabilize. Throws if the two have not applied the same writes behind it. */
  async converge(): Promise<void> {
    this.#rounds += 1;
    const order = { round: this.#rounds, avoid: [], known: [...SERVERS], budgetMs: BUDGET_MS };
    await this.wire.ask(0, 'stabilize', order);
    const [first, second] = SERVERS.map((id) => JSON.stringify(this.#appliedAt(id)));
    if (first !== second) throw new Error(`${first} at one server, ${second} at the other`);
    this.moving = [[], []];
  }

  #write(server: 0 | 1, key: number): void {
    this.#writes += 1;
    const params: ParamsOf<CausalMessages, 'write'> = {
      session: [CLIENT + server, 1],
      seq: this.#writes,
      key: `key${String(key).padStart(7, '0')}`,
      value: `the value of write ${this.#writes}`,
      guard: null,
      clock: 0,
    };
    const answer = this.wire.tell(CLIENT, server, 'write', params);
    const { version } = answer as ResultOf<CausalMessages, 'write'>;
    if (version === null) throw new Error('a write was refused');
    this.moving[server].push([params.key, params.value, ...version]);
  }

  #appliedAt(server: NodeId): unknown {
    const params: ParamsOf<CausalMessages, 'read'> = {
      key: 'any',
      dependsOn: null,
      guard: null,
      clock: 0,
    };
    const answer = this.wire.tell(CLIENT, server, 'read', params);
    return (answer as ResultOf<CausalMessages, 'read'>).applied;
  }
}
