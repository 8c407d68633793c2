// Runs a stabilize and collects the data by which it is judged: the writes that each server has
// applied, just before it, and the servers' stores, just after it.
import type { NodeId } from '../kernel/ids.ts';
import { OPERATION_DEADLINE_MS } from '../kernel/limits.ts';
import { type StoreSnapshot, toSnapshot } from '../kernel/snapshot.ts';
import { askServer } from './askServer.ts';
import type { Run } from './run.ts';
import { listServers, type StabilizeOutcome, stabilize } from './stabilize.ts';
import type { AskTerms } from './unlessDead.ts';

/** A missed look before stabilize weakens the verdict a little, and must not delay the command. */
const BEFORE_MS = 500;

/** Changes nothing that stabilize alone would not change; `line` is the script's line. */
export async function stabilizeAndLook(run: Run, line: number): Promise<StabilizeOutcome> {
  if (!run.isBegun) return stabilize(run, line);
  const isQuiet = run.activity.watch();
  const before = await lookAt(run, awake(run), false, { line, timeoutMs: BEFORE_MS });
  const outcome = await stabilize(run, line);
  const left = [...outcome.silent, ...outcome.unasked];
  const asked = awake(run).filter((id) => !left.includes(id));
  const after = await lookAt(run, asked, true, { line, timeoutMs: OPERATION_DEADLINE_MS });
  const seen = after.map(({ server }) => server.id);
  const unseen = run.topology.ids('server').filter((id) => !seen.includes(id));
  run.history.observe({
    line,
    gap: isQuiet() ? tellUnseen(unseen) : 'other lines ran beside it',
    haveLogs: run.hasLogs,
    gone: run.topology.goneServers,
    components: isQuiet() ? run.topology.components(seen) : [],
    before,
    after,
  });
  return outcome;
}

function tellUnseen(unseen: readonly NodeId[]): string | null {
  if (unseen.length === 0) return null;
  return `${listServers(unseen)} did not answer`;
}

/** Paused servers would not answer, and failed ones take part in nothing. */
function awake(run: Run): NodeId[] {
  return run.topology.ids('server').filter((id) => {
    const node = run.topology.find(id);
    return node !== undefined && !node.isPaused && !node.isFailed;
  });
}

/** One snapshot for each server that answers. */
export async function lookAt(
  run: Run,
  servers: readonly NodeId[],
  withStore: boolean,
  terms: AskTerms,
): Promise<StoreSnapshot[]> {
  const snapshots = await Promise.all(
    servers.map(async (id): Promise<StoreSnapshot[]> => {
      const { incarnation } = run.topology.server(id);
      const { result } = await askServer(run, id, 'snapshot', { withStore }, terms);
      return result === undefined ? [] : [toSnapshot({ id, incarnation }, result)];
    }),
  );
  return snapshots.flat();
}
