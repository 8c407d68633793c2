// What a server of Redis says of itself. Synchronous.
import { CallError } from '../../kernel/errors.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import type { Shown } from '../store/store.ts';
import type { Reply } from './resp.ts';

/** The fields of a reply to INFO. */
export function toInfo(reply: Reply): ReadonlyMap<string, string> {
  const lines = String(reply).split('\r\n');
  return new Map(
    lines.flatMap((line) => {
      const at = line.indexOf(':');
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
}

export function isPrimary(info: ReadonlyMap<string, string>): boolean {
  return info.get('role') === 'master';
}

/** Throws a CallError for a server that cannot take part in a script. */
export function assertUsable(info: ReadonlyMap<string, string>): void {
  if (info.get('cluster_enabled') === '1') {
    throw new CallError('ERR_UNREACHABLE', 'it is a member of a Redis Cluster');
  }
  if (!info.has('role')) throw new CallError('ERR_UNREACHABLE', 'it does not say its role');
}

/** What `inspect` shows; `own` is what Causeway knows of the server besides. */
export function toInspection(
  info: ReadonlyMap<string, string>,
  { entries }: Shown,
  own: Inspection,
): Inspection {
  const isReplica = !isPrimary(info);
  return {
    role: isReplica ? 'replica' : 'primary',
    ...(isReplica && own),
    ...(isReplica && { isInTouch: info.get('master_link_status') === 'up' }),
    offset: Number(info.get(isReplica ? 'slave_repl_offset' : 'master_repl_offset') ?? 0),
    store: entries.map(([key, value, version]) => ({ key, value, version })),
  };
}
