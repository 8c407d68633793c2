// A random store of a few careless servers. They pass on single writes in any order, lose
// tombstones, and lose answers; clients use any server. The history has all data; `strip` removes
// parts of it.
import type { Operation, VersionTuple } from '../../src/kernel/history.ts';
import { type RandomStream, randomBelow } from '../../src/kernel/random.ts';

interface Entry {
  readonly value: string | null;
  readonly version: VersionTuple;
}

interface Server {
  readonly id: number;
  readonly applied: Map<number, number>;
  readonly store: Map<string, Entry>;
  clock: number;
}

export interface LooseShape {
  readonly operations: number;
  readonly sessions: number;
  /** Shares from 0 to 1: of writes that delete, of writes without an answer, of gets. */
  readonly deletes: number;
  readonly pending: number;
  readonly gets: number;
}

export function playLoosely(random: RandomStream, shape: LooseShape): Operation[] {
  const servers = [0, 1, 2].map(
    (id): Server => ({ id, applied: new Map(), store: new Map(), clock: 0 }),
  );
  const seqs = new Map<number, number>();
  return Array.from({ length: shape.operations }, (_, index): Operation => {
    const [server, other] = [0, 1].map(() => servers[randomBelow(random, 3)]) as [Server, Server];
    if (random() < 0.4) pass(random, server, other);
    const session = 10 + randomBelow(random, shape.sessions);
    const seq = seqs.get(session) ?? 0;
    seqs.set(session, seq + 1);
    const key = 'xy'[randomBelow(random, 2)] as string;
    if (random() < 0.2 && server.store.get(key)?.value === null) server.store.delete(key);
    const asked = { session, seq, key, line: index + 1, server: server.id, incarnation: 1 };
    if (random() < shape.gets) return { ...asked, ...read(server, key), ...timeOf(index) };
    const heard = random() < 0.7 ? Math.max(...servers.map(({ clock }) => clock)) : 0;
    const isDelete = random() < shape.deletes;
    const written = write(server, key, isDelete ? null : String(index + 1), heard);
    if (random() >= shape.pending) return { ...asked, ...written, ...timeOf(index) };
    const lost = { outcome: 'unknown', version: null, applied: null, returnedAt: null } as const;
    return { ...asked, ...written, ...timeOf(index), ...lost };
  });
}

function timeOf(index: number): Pick<Operation, 'invokedAt' | 'returnedAt'> {
  return { invokedAt: 2 * index, returnedAt: 2 * index + 1 };
}

type Answered = Pick<Operation, 'kind' | 'value' | 'outcome' | 'version' | 'applied'>;

function read({ store, applied }: Server, key: string): Answered {
  const { value = null, version = null } = store.get(key) ?? {};
  const outcome = value === null ? 'absent' : 'ok';
  return { kind: 'get', value, outcome, version, applied: vectorOf(applied) };
}

function write(server: Server, key: string, value: string | null, heard: number): Answered {
  server.clock = Math.max(server.clock, heard) + 1;
  server.applied.set(server.id, server.clock);
  const version = [server.clock, server.id, 1] as const;
  server.store.set(key, { value, version });
  const kind = value === null ? 'delete' : 'put';
  return { kind, value, outcome: 'ok', version, applied: vectorOf(server.applied) };
}

function vectorOf(applied: ReadonlyMap<number, number>): NonNullable<Operation['applied']> {
  return [...applied].map(([id, upTo]) => [id, 1, upTo] as const);
}

/**
 * Takes over what one life has written, or all that another server has: not always in causal order.
 */
function pass(random: RandomStream, to: Server, from: Server): void {
  const only = random() < 0.5 ? undefined : randomBelow(random, 3);
  for (const [id, upTo] of from.applied) {
    if (only !== undefined && id !== only) continue;
    to.applied.set(id, Math.max(upTo, to.applied.get(id) ?? 0));
    to.clock = Math.max(to.clock, upTo);
  }
  for (const [key, entry] of from.store) {
    const held = to.store.get(key);
    const isKnown = only === undefined || entry.version[1] === only;
    if (isKnown && (held === undefined || isEarlier(held.version, entry.version))) {
      to.store.set(key, entry);
    }
  }
}

function isEarlier([t, id]: VersionTuple, [other, otherId]: VersionTuple): boolean {
  return t === other ? id < otherId : t < other;
}

/** What a history says: all; no vectors; no versions either; all, but for versions of deletions. */
export type View = 'vectors' | 'versions' | 'values' | 'unnamed';

export function strip(history: readonly Operation[], view: View): Operation[] {
  return history.map((operation) => {
    const isUnnamed = view === 'unnamed' && operation.kind === 'get' && operation.value === null;
    return {
      ...operation,
      version: view === 'values' || isUnnamed ? null : operation.version,
      applied: view === 'vectors' || view === 'unnamed' ? operation.applied : null,
    };
  });
}
