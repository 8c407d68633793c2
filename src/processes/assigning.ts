// Makes an unassigned process one life of one node: sends the assignment, and handles the answer.
import { EnvironmentError, type NodeSpec } from '../kernel/cluster.ts';
import type { Options } from '../kernel/protocol.ts';
import { LogError } from '../log/logError.ts';
import type { Digests, Tokens } from '../rpc/access.ts';
import { type Assigned, type Assignment, type Refused, WORLD } from '../rpc/assignment.ts';
import type { DataFolder } from '../rpc/dataFolder.ts';
import type { NodeProcess } from './nodeProcess.ts';

/** How long a new process may take to answer, on a machine under load. */
export const START_TIMEOUT_MS = 30_000;

/** Longer, because a whole log is read. */
const RECOVERY_TIMEOUT_MS = 20 * START_TIMEOUT_MS;

/** What is the same for every node of a run. */
export interface RunFacts {
  readonly protocol: string;
  readonly options: Options;
  readonly seed: number;
  readonly trace: boolean;
  readonly epochMs: number;
  readonly tokens: Tokens;
  readonly digests: Digests;
  readonly data: DataFolder | undefined;
}

/**
 * Assigns the node to the process; returns its port, and what it has recovered. Rejects with an
 * EnvironmentError if there is no answer, or if the log cannot be used.
 */
export async function assignNode(
  process: NodeProcess,
  spec: NodeSpec,
  facts: RunFacts,
  warn: (text: string) => void = () => undefined,
): Promise<Pick<Assigned, 'port' | 'recovered'>> {
  const { role, id } = spec;
  const assignment = assignmentOf(spec, facts);
  const timeoutMs = assignment.log === undefined ? START_TIMEOUT_MS : RECOVERY_TIMEOUT_MS;
  const called = process.call(WORLD.assign, assignment, timeoutMs);
  const answer: unknown = await called.catch((error: Error) => {
    throw new EnvironmentError('E_SPAWN', `${role} ${id}: ${error.message}`);
  });
  const { port, warnings, recovered, refusal } = answer as Assigned & Partial<Refused>;
  if (refusal !== undefined) {
    throw new EnvironmentError(refusal.code, `${role} ${id}: ${refusal.message}`);
  }
  for (const text of warnings) warn(`${role} ${id}: ${text}`);
  return { port, recovered };
}

function assignmentOf(
  { role, id, incarnation, guarantees = [], tellsRecovered = false }: NodeSpec,
  { tokens, data, ...facts }: RunFacts,
): Assignment {
  const isLogged = role === 'server' && data !== undefined;
  const log = isLogged ? { log: { data: data.path, run: data.run, tellsRecovered } } : {};
  return { id, incarnation, ...facts, ...log, guarantees, token: tokens[role] };
}

/** A problem with a log or its folder ends the run. */
export function refuseLog(error: unknown): never {
  if (error instanceof LogError) throw new EnvironmentError(error.code, error.message);
  throw error;
}
