// A second protocol, as small as possible: every server keeps a map of its own, and a client uses
// the lowest server it is connected to. Its own commands let tests drive links and cause failures.
import * as v from 'valibot';
import type { Answer } from '../../src/kernel/control.ts';
import type { Env } from '../../src/kernel/env.ts';
import { CallError } from '../../src/kernel/errors.ts';
import type { NodeId } from '../../src/kernel/ids.ts';
import type { Json } from '../../src/kernel/json.ts';
import { countSchema, defineMessages, type ParamsOf } from '../../src/kernel/messages.ts';
import { defineProtocol, type Replica, type Session } from '../../src/kernel/protocol.ts';
import { STORAGE, STORAGE_OPTION } from '../../src/kernel/storageOption.ts';

const nothing = v.strictObject({});
const text = v.strictObject({ text: v.string() });

const messages = defineMessages({
  write: {
    from: 'client',
    to: 'server',
    about: 'Puts, appends to, or with null removes a value.',
    params: v.strictObject({
      key: v.string(),
      value: v.nullable(v.string()),
      isAppend: v.boolean(),
    }),
    result: nothing,
  },
  read: {
    from: 'client',
    to: 'server',
    about: 'Reads a value.',
    params: v.strictObject({ key: v.string() }),
    result: v.strictObject({ value: v.nullable(v.string()) }),
  },
  echo: { from: 'server', to: 'server', about: 'Sends back.', params: text, result: text },
  size: {
    from: 'server',
    to: 'server',
    about: 'Answers with a text of that length.',
    params: v.strictObject({ length: countSchema }),
    result: text,
  },
  lie: { from: 'server', to: 'server', about: 'Breaks its table.', params: nothing, result: text },
  hold: { from: 'server', to: 'server', about: 'No answer.', params: nothing, result: nothing },
  refuse: { from: 'server', to: 'server', about: 'An error.', params: nothing, result: nothing },
  fault: { from: 'server', to: 'server', about: 'A bug.', params: nothing, result: nothing },
});
type Messages = typeof messages;

type Write = ParamsOf<Messages, 'write'>;

class TinyReplica implements Replica<Messages> {
  readonly state = new Map<string, string>();
  readonly #env: Env<Messages>;
  /** Effects of the command `busy`, which are under way until the command `quiet`. */
  readonly #busy: Promise<void>[] = [];
  readonly #quiet: (() => void)[] = [];
  readonly handlers: Replica<Messages>['handlers'] = {
    write: (_from, params) => {
      const { storage } = this.#env;
      const done = (): Record<string, never> => {
        this.#apply(params);
        return {};
      };
      return storage.isDurable ? storage.append(params).then(done) : done();
    },
    read: (_from, { key }) => ({ value: this.state.get(key) ?? null }),
    echo: (_from, params) => params,
    size: (_from, { length }) => ({ text: 'x'.repeat(length) }),
    lie: () => ({}) as { text: string },
    hold: () => new Promise(() => undefined),
    refuse: () => {
      throw new CallError('E_CLOCK_JUMP', 'a year ahead');
    },
    fault: () => {
      throw new Error('deliberately broken');
    },
  };

  constructor(env: Env<Messages>) {
    this.#env = env;
  }

  restore(record: Json): void {
    const found = v.safeParse(messages.write.params, record);
    if (!found.success) throw new Error('no such record');
    this.#apply(found.output);
  }

  #apply({ key, value, isAppend }: Write): void {
    if (value === null) this.state.delete(key);
    else this.state.set(key, isAppend ? (this.state.get(key) ?? '') + value : value);
  }

  connected(): void {}
  disconnected(): void {}
  async quiesced(): Promise<undefined> {
    await Promise.all(this.#busy);
    return undefined;
  }
  async stabilize() {
    return { reached: [this.#env.self.id], missing: [] };
  }
  entries() {
    return this.state;
  }

  /**
   * `call peer method json` returns the result or the error's code; the others are for one test
   * each.
   */
  async command(name: string, args: readonly string[]): Promise<readonly string[]> {
    const [first = '', method = '', json = '{}'] = args;
    if (name === 'call') return [await this.#call(Number(first), method, JSON.parse(json))];
    if (name === 'random') return [String(this.#env.random())];
    if (name === 'wallClock') return [String(this.#env.wallClock())];
    if (name === 'note') this.#env.note(first, { why: 'a test' });
    if (name === 'compute') return [String(new Function(`return ${first}`)())];
    if (name === 'print') process.stdout.write(`${first}\n`);
    if (name === 'reject') void Promise.reject(new Error('this has no handler'));
    if (name === 'busy') this.#busy.push(new Promise((resolve) => this.#quiet.push(resolve)));
    if (name === 'quiet') for (const resolve of this.#quiet.splice(0)) resolve();
    if (name === 'compact') await this.#env.storage.compact(this.#snapshot());
    if (name === 'environment') return [JSON.stringify([process.env, process.argv])];
    return [];
  }

  #snapshot(): Write[] {
    return Array.from(this.state, ([key, value]) => ({ key, value, isAppend: false }));
  }

  async #call(peer: NodeId, method: string, params: object): Promise<string> {
    try {
      return JSON.stringify(await this.#env.call(peer, method as 'echo', params as never));
    } catch (error) {
      if (error instanceof CallError) return `${error.code} ${error.message}`;
      throw error;
    }
  }
}

class TinySession implements Session<Messages> {
  readonly handlers = {};
  readonly state = new Set<NodeId>();
  readonly #env: Env<Messages>;

  constructor(env: Env<Messages>) {
    this.#env = env;
  }

  connected(server: NodeId): void {
    this.state.add(server);
  }

  disconnected(server: NodeId): void {
    this.state.delete(server);
  }

  put(key: string, value: string): Promise<Answer> {
    return this.#write(key, value, false);
  }

  delete(key: string): Promise<Answer> {
    return this.#write(key, null, false);
  }

  command(_name: string, [key = '', value = '']: readonly string[]): Promise<Answer> {
    return this.#write(key, value, true);
  }

  get(key: string): Promise<Answer> {
    return this.#ask(async (server) => {
      const { value } = await this.#env.call(server, 'read', { key });
      return { outcome: value === null ? 'absent' : 'ok', value };
    });
  }

  #write(key: string, value: string | null, isAppend: boolean): Promise<Answer> {
    return this.#ask(async (server) => {
      await this.#env.call(server, 'write', { key, value, isAppend });
      return { outcome: 'ok', value: null };
    });
  }

  async #ask(
    question: (server: NodeId) => Promise<Pick<Answer, 'outcome' | 'value'>>,
  ): Promise<Answer> {
    const [server = null] = [...this.state].sort((a, b) => a - b);
    const unknown = { version: null, applied: null, server };
    if (server === null) return { outcome: 'fail', value: null, ...unknown };
    try {
      return { ...(await question(server)), ...unknown };
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      return { outcome: error.definite ? 'fail' : 'unknown', value: null, ...unknown };
    }
  }
}

const onServer = { about: 'For tests.', on: 'server', args: ['word'], prints: 'lines' } as const;

export const tiny = defineProtocol({
  name: 'tiny',
  summary: 'Every server for itself.',
  claims: [],
  options: { [STORAGE]: STORAGE_OPTION },
  commands: [
    {
      name: 'append',
      usage: 'append c k v',
      about: 'Joins a value to what is stored.',
      on: 'client',
      args: ['key', 'value'],
      prints: 'nothing',
    },
    ...[
      ...['call', 'random', 'note', 'compute', 'print', 'reject', 'environment', 'compact'],
      ...['busy', 'quiet'],
    ].map((name) => ({ ...onServer, name, usage: `${name} s word` })),
  ],
  messages,
  createReplica: (env) => new TinyReplica(env),
  createSession: (env) => new TinySession(env),
});
