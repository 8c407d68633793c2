// The command `stabilize`: rounds of the servers' own algorithm, one root after another, until
// every partition has converged or the time is over. Only one such command runs at a time.
import type { NodeId } from '../kernel/ids.ts';
import { askServer } from './askServer.ts';
import type { Run } from './run.ts';

const MS_PER_SERVER = 1_000;
const LEAST_MS = 2_000;
/** The share of the remaining time that a round gets, so that there is always time for another. */
const ROUND_SHARE = 0.5;
/** The share of its round that a root gets for the work; the rest is for its answer. */
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
 * Ends within one second for each live server, and at least two. Every server is asked, paused or
 * not, unless it has failed. A server that was too slow for its round gets the remaining time, and
 * is not named if it then answers.
 */
export async function stabilize(run: Run, line: number): Promise<StabilizeOutcome> {
  const known = run.topology.ids('server');
  if (known.length === 0) return { silent: [], unasked: [] };
  const deadline = run.cluster.now() + Math.max(LEAST_MS, MS_PER_SERVER * known.length);
  const all = { line, known, deadline };
  // A failed server reaches no other one, so it would report all of them as silent.
  const failed = known.filter((id) => run.topology.find(id)?.isFailed === true);
  const named = (ids: readonly NodeId[]): NodeId[] => [...failed, ...ids].sort((a, b) => a - b);
  const roots = known.filter((id) => !failed.includes(id));
  const { silent, unasked } = await runRounds(run, { ...all, roots, avoid: failed });
  const slow = silent.filter((id) => run.topology.find(id)?.isPaused === false);
  if (slow.length === 0) return { silent: named(silent), unasked };
  const paused = silent.filter((id) => !slow.includes(id));
  const again = await runRounds(run, { ...all, roots: slow, avoid: [...failed, ...paused] });
  const isMadeUp = again.silent.length + again.unasked.length === 0;
  return { silent: named(isMadeUp ? paused : silent), unasked };
}

interface Pass {
  /** The servers to reach, each by its own round or by another's. */
  readonly roots: readonly NodeId[];
  readonly avoid: readonly NodeId[];
  readonly known: NodeId[];
  readonly deadline: number;
  /** The line of the script. */
  readonly line: number;
}

/** The outcome of this pass alone, without the servers to avoid. */
async function runRounds(
  run: Run,
  { roots, avoid, known, deadline, line }: Pass,
): Promise<StabilizeOutcome> {
  const remaining = new Set(roots);
  const silent = new Set<NodeId>();
  for (;;) {
    const [root] = remaining;
    const leftMs = deadline - run.cluster.now();
    if (root === undefined || leftMs < 1 || run.haste.isOn) break;
    const budgetMs = leftMs * ROUND_SHARE;
    const order = { avoid: [...avoid, ...silent], known, budgetMs, line };
    const { reached, missing } = await runRound(run, root, order);
    for (const id of missing) silent.add(id);
    // The root is removed too: one that has not even reached itself would be asked for ever.
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
