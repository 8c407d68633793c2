// The server's half of lease: answers from its copy while it holds the lease.
import type { Env } from '../../../../src/kernel/env.ts';
import { CallError } from '../../../../src/kernel/errors.ts';
import type { NodeId } from '../../../../src/kernel/ids.ts';
import type { ParamsOf } from '../../../../src/kernel/messages.ts';
import type { Replica } from '../../../../src/kernel/protocol.ts';
import { requestOf, SessionTable } from '../../../../src/replication/sessionTable.ts';
import type { Entry, LeaseMessages } from './messages.ts';
import type { Tenure } from './tenure.ts';

type Write = ParamsOf<LeaseMessages, 'write'>;

export class LeaseReplica implements Replica<LeaseMessages> {
  readonly state = new Map<string, Entry>();
  readonly handlers: Replica<LeaseMessages>['handlers'] = {
    read: async (_from, { key }) => {
      await this.#hold();
      return { value: this.state.get(key)?.value ?? null };
    },
    write: async (from, params) => {
      await this.#write(from, params);
      return {};
    },
  };
  readonly #env: Env<LeaseMessages, 'server'>;
  readonly #tenure: Tenure;
  readonly #begun = new SessionTable<Promise<void>>();
  #term = 0;
  #acquiring: Promise<void> | undefined;

  constructor(env: Env<LeaseMessages, 'server'>, tenure: Tenure) {
    this.#env = env;
    this.#tenure = tenure;
  }

  connected(): void {}
  disconnected(): void {}
  async quiesced(): Promise<undefined> {}
  async stabilize() {
    return { reached: [this.#env.self.id], missing: [] };
  }

  *entries(): Iterable<[string, string]> {
    for (const { key, value } of this.state.values()) if (value !== null) yield [key, value];
  }

  /** Resolves while this server holds the lease; rejects if another one does. */
  async #hold(): Promise<void> {
    if (!this.#tenure.isHeld) {
      this.#acquiring ??= this.#acquire().finally(() => {
        this.#acquiring = undefined;
      });
      await this.#acquiring;
    }
    if (!this.#tenure.isHeld) throw new CallError('ERR_UNREACHABLE', 'no lease');
  }

  async #acquire(): Promise<void> {
    const granted = this.#tenure.asking();
    const { term, entries } = await this.#env.callService('acquire', {});
    if (term === null) return;
    this.#term = term;
    for (const entry of entries) this.#learn(entry);
    granted();
  }

  /** A copy of a request waits for the same end. */
  #write(from: NodeId, params: Write): Promise<void> {
    const { key, value } = params;
    return this.#begun.once(requestOf(from, params), () => this.#store(key, value));
  }

  async #store(key: string, value: string | null): Promise<void> {
    await this.#hold();
    const { version } = await this.#env.callService('store', { term: this.#term, key, value });
    if (version === null) throw new CallError('ERR_UNREACHABLE', 'the lease is over');
    this.#learn({ key, value, version });
  }

  #learn(entry: Entry): void {
    const held = this.state.get(entry.key);
    if (held === undefined || held.version < entry.version) this.state.set(entry.key, entry);
  }
}
