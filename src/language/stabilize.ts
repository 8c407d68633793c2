// The command `stabilize`: rounds of the servers' own algorithm, one root after another, until
// every partition has converged or the time is over. Only one such command runs at a time.
import type { NodeId } from '../kernel/ids.ts';
import { askServer } from './askServer.ts';
import type { Run } from './run.ts';

const MS_PER_SERVER = 1_000;
const LEAST_MS = 2_000;
/** A round gets this much of the time that is left, so there is always time for another. */
const ROUND_SHARE = 0.5;
/** A root gets this much of its round for the work, the rest is for its answer. */
const WORK_SHARE = 0.9;

export interface StabilizeOutcome {
  /** Servers that were asked and did not answer. */
  readonly silent: readonly NodeId[];
  /** Servers whose turn did not come. */
  readonly unasked: readonly NodeId[];
}

export function listServers(ids: readonly NodeId[]): string {
  return `${ids.length === 1 ? 'server' : 'servers'} ${ids.join(', ')}`;
}

/**
 * Ends within a second for each live server, two at least. Nothing is skipped, paused or not. A
 * server that was too slow for its round gets what time is left, and is not named if that did it.
 */
export async function stabilize(run: Run, line: number): Promise<StabilizeOutcome> {
  const known = run.topology.ids('server');
  if (known.length === 0) return { silent: [], unasked: [] };
  const deadline = run.cluster.now() + Math.max(LEAST_MS, MS_PER_SERVER * known.length);
  const all = { line, known, deadline };
  const { silent, unasked } = await runRounds(run, { ...all, roots: known, avoid: [] });
  const slow = silent.filter((id) => run.topology.find(id)?.isPaused === false);
  if (slow.length === 0) return { silent, unasked };
  const paused = silent.filter((id) => !slow.includes(id));
  const again = await runRounds(run, { ...all, roots: slow, avoid: paused });
  const isMadeUp = again.silent.length + again.unasked.length === 0;
  return { silent: isMadeUp ? paused : silent, unasked };
}

interface Pass {
  /** Each of which is to be reached, by its own round or by another's. */
  readonly roots: readonly NodeId[];
  readonly avoid: readonly NodeId[];
  readonly known: NodeId[];
  readonly deadline: number;
  /** The script's. */
  readonly line: number;
}

/** The outcome of this pass alone; what it was told to avoid does not count. */
async function runRounds(
  run: Run,
  { roots, avoid, known, deadline, line }: Pass,
): Promise<StabilizeOutcome> {
  const remaining = new Set(roots);
  const silent = new Set<NodeId>();
  for (;;) {
    const [root] = remaining;
    const leftMs = deadline - run.cluster.now();
    if (root === undefined || leftMs < 1) break;
    const budgetMs = leftMs * ROUND_SHARE;
    const order = { avoid: [...avoid, ...silent], known, budgetMs, line };
    const { reached, missing } = await runRound(run, root, order);
    for (const id of missing) silent.add(id);
    // A root that has not even reached itself would be asked for ever.
    for (const id of [root, ...reached, ...missing]) remaining.delete(id);
  }
  return { silent: [...silent].sort((a, b) => a - b), unasked: [...remaining] };
}

interface RoundOrder {
  readonly avoid: NodeId[];
  readonly known: NodeId[];
  readonly budgetMs: number;
  readonly line: number;
}

async function runRound(
  run: Run,
  root: NodeId,
  { avoid, known, budgetMs, line }: RoundOrder,
): Promise<{ reached: readonly NodeId[]; missing: readonly NodeId[] }> {
  const round = run.nextRound();
  const order = { round, avoid, known, budgetMs: Math.floor(budgetMs * WORK_SHARE) };
  const terms = { line, timeoutMs: Math.ceil(budgetMs) };
  const { result } = await askServer(run, root, 'stabilize', order, terms);
  return result ?? { reached: [], missing: [root] };
}
