// naive: a last-writer store, to begin a design with.
//
// Who talks to whom. 1. A client sends a put to one server. 2. The server gives it a version that
// is later than all that it has, stores it, pushes it to each linked server, and answers. 3. Of two
// writes of a key each server keeps the later one. 4. A get goes to one server. 5. `stabilize`
// makes the stores of all servers that reach each other equal. It guarantees nothing else.
import * as v from 'valibot';
import { isLater } from '../../../../src/clocks/version.ts';
import { versionSchema } from '../../../../src/kernel/control.ts';
import type { Life } from '../../../../src/kernel/ids.ts';
import { fromClient, fromServer, keySchema, valueSchema } from '../../../../src/kernel/messages.ts';
import { defineProtocol } from '../../../../src/kernel/protocol.ts';
import { createOneServerSession } from '../../../../src/replication/oneServerSession.ts';
import { Peers } from '../../../../src/replication/peers.ts';
import { Rounds, roundMessages } from '../../../../src/replication/rounds.ts';
import {
  requestFields,
  requestOf,
  SessionTable,
} from '../../../../src/replication/sessionTable.ts';

const key = keySchema;
/** Null for a deletion. */
const value = v.nullable(valueSchema);
const version = versionSchema;
const entry = v.strictObject({ key, value, version });
type Entry = v.InferOutput<typeof entry>;

/** Every message: what it does, its fields, and the fields of the answer. */
const messages = {
  write: fromClient('Puts, or deletes with null.', { ...requestFields, key, value }, { version }),
  read: fromClient('Reads a key.', { key }, { value, version: v.nullable(version) }),
  push: fromServer('A write that the sender has accepted.', { entry }, {}),
  ...roundMessages(v.array(entry)),
};

/** Every decision: which version a write gets, and which of two writes wins. */
export class Store {
  readonly entryByKey = new Map<string, Entry>();
  #time = 0;

  write(key: string, value: string | null, { id, incarnation }: Life): Entry {
    const entry: Entry = { key, value, version: [this.#time + 1, id, incarnation] };
    this.merge([entry]);
    return entry;
  }

  merge(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const held = this.entryByKey.get(entry.key);
      if (isLater(entry.version, held?.version)) this.entryByKey.set(entry.key, entry);
      this.#time = Math.max(this.#time, entry.version[0]);
    }
  }
}

export const naive = defineProtocol({
  name: 'naive',
  summary: 'A last-writer store that stabilize makes equal.',
  claims: ['convergence'],
  notes: ['choose'],
  messages,
  /** The server's half. */
  createReplica(env) {
    const state = new Store();
    /** A copy of a write gets the answer of the first. */
    const answered = new SessionTable<Pick<Entry, 'version'>>();
    const peers = new Peers(env);
    const versions = () => [...state.entryByKey.values()];
    const rounds = new Rounds(env, { peers, store: versions, merge: (told) => state.merge(told) });
    return {
      state,
      handlers: {
        write: (from, { key, value, ...request }) =>
          answered.once(requestOf(from, request), () => {
            const entry = state.write(key, value, env.self);
            peers.tell((peer) => env.call(peer, 'push', { entry }));
            return { version: entry.version };
          }),
        read: (_from, { key }) => {
          const { value = null, version = null } = state.entryByKey.get(key) ?? {};
          return { value, version };
        },
        push: (_from, { entry }) => {
          state.merge([entry]);
          return {};
        },
        ...rounds.handlers,
      },
      connected: (peer, role) => peers.connected(peer, role),
      disconnected: (peer) => peers.disconnected(peer),
      quiesced: () => peers.quiesced(),
      stabilize: (order) => rounds.stabilize(order),
      versions,
    };
  },
  /** The client's half. */
  createSession: (env) =>
    createOneServerSession(env, {
      write: (server, write) => env.call(server, 'write', write),
      read: (server, key) => env.call(server, 'read', { key }),
    }),
});
