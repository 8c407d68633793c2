// The command `inspect` without an id: all servers of the run at once, and the keys at which their
// stores differ; and the state of the configuration service.
import { CallError } from '../kernel/errors.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { InspectedEntry } from '../kernel/inspection.ts';
import type { Json } from '../kernel/json.ts';
import { askServer } from './askServer.ts';
import { escapeControls, formatJson } from './printable.ts';
import type { LineReport } from './report.ts';
import type { Run } from './run.ts';

interface Seen {
  readonly server: NodeId;
  /** Null for a server that is dead or does not answer. */
  readonly state: Json;
  readonly isDead: boolean;
}

/** Prints a line for each server that lives or is dead, by id, then one for each differing key. */
export async function inspectAll(run: Run, report: LineReport): Promise<void> {
  const live = await Promise.all(
    run.topology.ids('server').map(async (server): Promise<Seen> => {
      const { result } = await askServer(run, server, 'inspect', {}, { line: report.line });
      return { server, state: result?.state ?? null, isDead: false };
    }),
  );
  const dead = run.topology.deadServers.map((server) => ({ server, state: null, isDead: true }));
  const servers = [...live, ...dead].sort((a, b) => a.server - b.server);
  const differing = findDiffering(servers.map(({ state }) => storeOf(state)));
  const lines = [
    ...servers.map(({ server, state, isDead }) => {
      if (isDead) return `${server}:dead`;
      return `${server}:${state === null ? 'E_TIMEOUT' : formatJson(state)}`;
    }),
    ...differing.map((key) => `differs:${escapeControls(key)}`),
  ];
  const shown = servers.map((one) => ({ ...one }));
  report.print(lines, { command: 'inspect', servers: shown, differing });
}

/** Prints the state of the service, or the code that says why it cannot. */
export async function inspectService(run: Run, report: LineReport): Promise<void> {
  const { service } = await run.openCluster();
  try {
    const state = await service.inspect();
    report.print([formatJson(state)], { command: 'inspect', state });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    report.outcome(error.code, error.message);
  }
}

/** The part `store` of a state; empty if it has none. */
function storeOf(state: Json): readonly InspectedEntry[] {
  const { store } = (state ?? {}) as { store?: unknown };
  return Array.isArray(store) ? store : [];
}

/** The keys that two servers hold with other values or versions, sorted by code units. */
export function findDiffering(stores: readonly (readonly InspectedEntry[])[]): string[] {
  const first = new Map<string, string>();
  const differing = new Set<string>();
  for (const store of stores) {
    const contents = new Map<string, string[]>();
    for (const { key, value, version } of store) {
      contents.set(key, [...(contents.get(key) ?? []), JSON.stringify([value, version])]);
    }
    for (const [key, values] of contents) {
      const content = values.sort().join();
      if ((first.get(key) ?? content) !== content) differing.add(key);
      first.set(key, content);
    }
  }
  return [...differing].sort();
}
