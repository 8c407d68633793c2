// The client's half of a design that sends each request once, to one of the connected servers. The
// design says what it sends, and what it keeps of the answers.
import type { Answer } from '../kernel/control.ts';
import type { Env } from '../kernel/env.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { MessageSpec } from '../kernel/messages.ts';
import type { Session } from '../kernel/protocol.ts';
import { askServers, chooseServer } from './askServers.ts';
import { ONCE, unanswered } from './attempts.ts';
import { ServerChoice } from './serverChoice.ts';
import type { RequestFields } from './sessionTable.ts';

/**
 * A server's answer. The value, the version and `applied` are null if absent; the outcome is `ok`
 * if absent, but `absent` for a read without a value.
 */
export type Reply = Partial<Omit<Answer, 'server'>>;

/** A put, or with null a deletion. */
export type Write = RequestFields & { readonly key: string; readonly value: string | null };

/**
 * Each sends one request to that server. If it rejects with a CallError, there is no answer, and
 * the error tells whether the request may have had an effect.
 */
export interface Requests {
  readonly write: (server: NodeId, write: Write) => Promise<Reply>;
  readonly read: (server: NodeId, key: string) => Promise<Reply>;
  /** For one of the protocol's own commands for clients. */
  readonly command?: (
    server: NodeId,
    request: RequestFields,
    name: string,
    args: readonly string[],
  ) => Promise<Reply>;
}

type NoMessages = Readonly<Record<never, MessageSpec>>;

/**
 * A session that picks a random connected server for each request (seeded, with the note `choose`
 * if there are several). Writes and commands are numbered from 1, also those without a server.
 */
export function createOneServerSession(
  env: Pick<Env, 'self' | 'now' | 'after' | 'random' | 'note'>,
  { write, read, command }: Requests,
): Session<NoMessages> {
  const servers = new ServerChoice();
  const session = [env.self.id, env.self.incarnation] as const;
  let seq = 0;
  const number = (): RequestFields => {
    seq += 1;
    return { session, seq };
  };
  const ask = async (call: (server: NodeId) => Promise<Reply>): Promise<Answer> => {
    const asked = await askServers(env, ONCE, (tried) => chooseServer(env, servers, tried), call);
    if ('outcome' in asked) return unanswered(asked);
    const { server, result } = asked;
    return { outcome: 'ok', value: null, server, version: null, applied: null, ...result };
  };
  const put = (key: string, value: string | null): Promise<Answer> => {
    const written = { ...number(), key, value };
    return ask((server) => write(server, written));
  };
  return {
    handlers: {},
    state: {},
    connected: (server) => servers.connected(server),
    disconnected: (server) => servers.disconnected(server),
    put,
    delete: (key) => put(key, null),
    get: (key) =>
      ask(async (server) => {
        const reply = await read(server, key);
        return { outcome: (reply.value ?? null) === null ? 'absent' : 'ok', ...reply };
      }),
    ...(command && {
      command: (name, args) => {
        const request = number();
        return ask((server) => command(server, request, name, args));
      },
    }),
  };
}
