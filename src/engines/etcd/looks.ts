// What Causeway asks members of etcd without changing anything.

import type { NodeId } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import type { Connection, Entry, Shown } from '../store/store.ts';
import { unlessUnanswered } from '../store/unlessUnanswered.ts';
import { Gateway, type Status } from './gateway.ts';
import {
  firstKey,
  type ReadLevel,
  readPage,
  toAnswer,
  toApplied,
  toCall,
  toPageCall,
} from './requests.ts';

/** A connection of one client, whose keys begin with `prefix` in etcd. */
export function openConnection(
  server: NodeId,
  { url, prefix, reads }: { url: string; prefix: string; reads: ReadLevel },
): Connection {
  const gateway = new Gateway(url);
  return {
    operate: async (request, timeoutMs) => {
      const body = await gateway.call(toCall(request, prefix, reads), timeoutMs);
      return toAnswer(request, server, body);
    },
    close: () => gateway.close(),
  };
}

/** Undefined if it does not answer. */
export async function statusOf(gateway: Gateway, timeoutMs: number): Promise<Status | undefined> {
  return unlessUnanswered(() => gateway.status(timeoutMs));
}

/** A member's own store at one moment, by key. Rejects with a CallError. */
export async function readStore(
  gateway: Gateway,
  prefix: string,
  timeoutMs: number,
): Promise<Shown> {
  const entries: Entry[] = [];
  let moment = '0';
  for (let from: string | undefined = firstKey(prefix); from !== undefined; ) {
    const body = await gateway.call(toPageCall(prefix, from, moment), timeoutMs);
    const page = readPage(prefix, body);
    entries.push(...page.entries);
    if (moment === '0') moment = page.revision;
    from = page.next;
  }
  entries.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  return { entries, applied: toApplied(moment) };
}

/** `serverOf` gives the server with an id of a member. */
export async function inspectMember(
  gateway: Gateway,
  { prefix, timeoutMs }: { prefix: string; timeoutMs: number },
  serverOf: (member: string) => NodeId | undefined,
): Promise<Inspection> {
  const status = await gateway.status(timeoutMs);
  const { entries } = await readStore(gateway, prefix, timeoutMs);
  const { leader, term, index, applied, revision, isLearner } = status;
  return {
    ...{ leader: (leader && serverOf(leader)) ?? null, term, index, applied, revision },
    votes: !isLearner,
    store: entries.map(([key, value, version]) => ({ key, value, version })),
  };
}
