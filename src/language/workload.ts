// The command `workload`: a random load that is the same for the same seed. Each lane has one
// operation under way, its own clients and its own stream of chance, so what is asked for depends
// on nothing but the seed, however fast the answers come.
import type { NodeId } from '../kernel/ids.ts';
import { type RandomStream, randomBelow } from '../kernel/random.ts';
import { LineError } from './lineError.ts';
import { type AnswerCode, outcomeCode, runOperation } from './operations.ts';
import { quote } from './printable.ts';
import type { Run } from './run.ts';

export interface WorkloadPlan {
  /** 0 for every live client. */
  readonly clients: number;
  readonly ops: number;
  readonly keys: number;
  /** The share of gets, 0 to 1. */
  readonly reads: number;
  /** Operations under way at a time; a client has one at most. */
  readonly inflight: number;
}

export const WORKLOAD_DEFAULTS: WorkloadPlan = {
  clients: 0,
  ops: 1000,
  keys: 10,
  reads: 0.5,
  inflight: 1,
};
/** A run remembers each operation to be judged by, in about 800 bytes. */
const MOST: WorkloadPlan = {
  clients: 64,
  ops: 1_000_000,
  keys: 1_000_000,
  reads: 1,
  inflight: 64,
};
const WHOLE = /^[1-9][0-9]{0,7}$/;
const SHARE = /^(?:[01]|[01]?\.[0-9]{1,9})$/;

/** Throws a LineError for a name or a value that a workload does not take. */
export function parsePlan(given: ReadonlyMap<string, string>): WorkloadPlan {
  const plan = { ...WORKLOAD_DEFAULTS };
  const names = Object.keys(WORKLOAD_DEFAULTS) as (keyof WorkloadPlan)[];
  for (const [word, text] of given) {
    const name = names.find((known) => known === word);
    if (name === undefined) {
      throw new LineError('E_ARGS', `${quote(word)} is none of ${names.join(', ')}`);
    }
    const pattern = name === 'reads' ? SHARE : WHOLE;
    if (!pattern.test(text) || Number(text) > MOST[name]) {
      const kind = name === 'reads' ? 'a number from 0' : 'a whole number from 1';
      throw new LineError('E_ARGS', `${quote(text)}: ${name} is ${kind} to ${MOST[name]}`);
    }
    plan[name] = Number(text);
  }
  return plan;
}

/** The clients that a plan uses: those with the lowest ids. Throws a LineError for too few. */
export function chooseClients(run: Run, plan: WorkloadPlan): NodeId[] {
  const live = run.topology.ids('client');
  const wanted = plan.clients === 0 ? Math.max(1, live.length) : plan.clients;
  if (live.length < wanted) {
    throw new LineError('E_NO_SUCH_CLIENT', `${wanted} clients are needed, ${live.length} live`);
  }
  if (plan.inflight > wanted) {
    throw new LineError('E_ARGS', 'a client has one operation under way: inflight <= clients');
  }
  return live.slice(0, wanted);
}

export type WorkloadCounts = Record<'put' | 'get' | 'ok' | AnswerCode, number>;

/** Operation i is client i's, counted round; a lane's clients are never another lane's. */
export async function runWorkload(
  run: Run,
  plan: WorkloadPlan,
  clients: readonly NodeId[],
  line: number,
): Promise<WorkloadCounts> {
  const counts = { put: 0, get: 0, ok: 0, ERR_KEY: 0, ERR_DEP: 0, ERR_UNREACHABLE: 0 };
  const { number, lane } = run.nextWorkload();
  const runLane = async (index: number): Promise<void> => {
    const random = lane(index);
    for (let operation = 0; operation < plan.ops; operation += 1) {
      const turn = operation % clients.length;
      const client = clients[turn];
      if (client === undefined || turn % plan.inflight !== index) continue;
      const order = chooseOrder(plan, random, `w${number}-${operation}`);
      counts[order.kind] += 1;
      // A client that died on the way answers nothing any more.
      const isLive = run.topology.find(client)?.role === 'client';
      const answer = isLive ? await runOperation(run, client, order, line) : undefined;
      counts[outcomeCode(answer?.outcome ?? 'fail') ?? 'ok'] += 1;
    }
  };
  await Promise.all(Array.from({ length: plan.inflight }, (_, index) => runLane(index)));
  return counts;
}

function chooseOrder(
  plan: WorkloadPlan,
  random: RandomStream,
  value: string,
): { kind: 'put'; key: string; value: string } | { kind: 'get'; key: string } {
  const isRead = random() < plan.reads;
  const key = `k${randomBelow(random, plan.keys)}`;
  return isRead ? { kind: 'get', key } : { kind: 'put', key, value };
}
