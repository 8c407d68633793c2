// The command `inspect` without an id: all servers of the run at once, and the keys at which their
// stores differ; and the state of the configuration service.
import { Placement, Store, Writes } from '../checkers/stores.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import type { StoreSnapshot } from '../kernel/snapshot.ts';
import { askServer } from './askServer.ts';
import { formatJson, keyLine } from './printable.ts';
import type { LineReport } from './report.ts';
import type { Run } from './run.ts';
import { lookAt } from './stabilizeAndLook.ts';

interface Seen {
  readonly server: NodeId;
  /** Null for a server that is dead or does not answer. */
  readonly state: Json;
  readonly isDead: boolean;
}

/** Prints a line for each server that lives or is dead, by id, then one for each differing key. */
export async function inspectAll(run: Run, report: LineReport): Promise<void> {
  const live = run.topology.ids('server');
  const seen = await Promise.all(
    live.map(async (server): Promise<Seen> => {
      const { result } = await askServer(run, server, 'inspect', {}, { line: report.line });
      return { server, state: result?.state ?? null, isDead: false };
    }),
  );
  const dead = run.topology.deadServers.map((server) => ({ server, state: null, isDead: true }));
  const servers = [...seen, ...dead].sort((a, b) => a.server - b.server);
  const differing = findDiffering(await lookAt(run, live, true, { line: report.line }));
  const lines = [
    ...servers.map(({ server, state, isDead }) => {
      if (isDead) return `${server}:dead`;
      return `${server}:${state === null ? 'E_TIMEOUT' : formatJson(state)}`;
    }),
    ...differing.map((key) => keyLine('differs', key)),
  ];
  const shown = servers.map((one) => ({ ...one }));
  report.print(lines, { command: 'inspect', servers: shown, differing });
}

/**
 * The keys at which two servers differ that are both to hold the key, sorted by code units. A
 * server without the key differs from one that has a value.
 */
export function findDiffering(snapshots: readonly StoreSnapshot[]): string[] {
  const writes = new Writes([]);
  const stores = snapshots.map((snapshot) => new Store(snapshot, writes));
  const placement = new Placement(snapshots);
  const differing = stores.flatMap((store, place) =>
    stores.slice(0, place).flatMap((other) => {
      const keys = store.differencesTo(other);
      return keys.filter((key) => placement.holds(store, key) && placement.holds(other, key));
    }),
  );
  return [...new Set(differing)].sort();
}
