// The command `workload`: a random load that is the same for the same seed. Each lane has one
// operation under way, its own clients and its own random stream. So the operations asked for
// depend on the seed alone, however fast the answers come.
import type { NodeId } from '../kernel/ids.ts';
import { createRandomStream } from '../kernel/random.ts';
import { LineError } from './lineError.ts';
import { type Figures, LoadFigures } from './loadFigures.ts';
import { type EditKind, editsOf, type LoadOrder, LoadOrders, type Shares } from './loadOrders.ts';
import { recordMeaningful } from './meaningful.ts';
import type { Effects } from './nodeCalls.ts';
import {
  type AskClient,
  type Ended,
  hasEffects,
  outcomeCode,
  recordOperation,
  untilQuiet,
} from './operations.ts';
import { quote } from './printable.ts';
import type { Run } from './run.ts';

export interface WorkloadPlan extends Shares {
  /** 0 for every live client from `from` on. */
  readonly clients: number;
  /** The lowest id that a client may have. */
  readonly from: NodeId;
  readonly ops: number;
  /** Operations under way at a time; a client has one at most. 0 for one of each client. */
  readonly inflight: number;
}

export const WORKLOAD_DEFAULTS: WorkloadPlan = {
  clients: 0,
  from: 0,
  ops: 1000,
  keys: 10,
  reads: 0.5,
  appends: 0,
  pops: 0,
  cas: 0,
  inflight: 1,
};

const ALL = 'all';
const WHOLE = /^[1-9][0-9]{0,7}$/;
const ID = /^(?:0|[1-9][0-9]{0,7})$/;
const ROUNDING = 1e-9;
const SHARE = /^(?:[01]|[01]?\.[0-9]{1,9})$/;

interface Setting {
  readonly pattern: RegExp;
  readonly most: number;
  readonly kind: string;
}

const A_SHARE: Setting = { pattern: SHARE, most: 1, kind: 'a number from 0' };

/** The limit on operations is one of memory: to judge a run takes about 800 bytes of each. */
const SETTINGS: Readonly<Record<keyof WorkloadPlan, Setting>> = {
  clients: { pattern: WHOLE, most: 64, kind: 'a whole number from 1' },
  from: { pattern: ID, most: 999_999, kind: 'an id from 0' },
  ops: { pattern: WHOLE, most: 1_000_000, kind: 'a whole number from 1' },
  keys: { pattern: WHOLE, most: 1_000_000, kind: 'a whole number from 1' },
  reads: A_SHARE,
  appends: A_SHARE,
  pops: A_SHARE,
  cas: A_SHARE,
  inflight: { pattern: WHOLE, most: 64, kind: `${ALL}, or a whole number from 1` },
};

/** Throws a LineError for a name or a value that a workload does not take. */
export function parsePlan(given: ReadonlyMap<string, string>): WorkloadPlan {
  const plan = { ...WORKLOAD_DEFAULTS };
  const names = Object.keys(SETTINGS) as (keyof WorkloadPlan)[];
  for (const [word, text] of given) {
    const name = names.find((known) => known === word);
    if (name === undefined) {
      throw new LineError('E_ARGS', `${quote(word)} is none of ${names.join(', ')}`);
    }
    plan[name] = name === 'inflight' && text === ALL ? 0 : readNumber(name, text);
  }
  const shares = plan.reads + plan.appends + plan.pops + plan.cas;
  // A sum of decimal fractions may be a little more than 1.
  if (shares <= 1 + ROUNDING) return plan;
  const told = `reads + appends + pops + cas <= 1, they are ${shares.toPrecision(3)}`;
  throw new LineError('E_ARGS', told);
}

function readNumber(name: keyof WorkloadPlan, text: string): number {
  const { pattern, most, kind } = SETTINGS[name];
  if (pattern.test(text) && Number(text) <= most) return Number(text);
  throw new LineError('E_ARGS', `${quote(text)}: ${name} is ${kind} to ${most}`);
}

function assertHas(run: Run, kind: EditKind, share: number): void {
  if (share === 0 || editsOf(run, kind).length > 0) return;
  const why = `protocol ${run.protocol.name} has no command with the meaning ${kind}`;
  throw new LineError('E_UNSUPPORTED', why);
}

/**
 * The clients that a plan uses: those with the lowest ids. Throws a LineError for too few, and for
 * operations that the protocol does not have.
 */
export function chooseClients(run: Run, plan: WorkloadPlan): NodeId[] {
  assertHas(run, 'append', plan.appends);
  assertHas(run, 'pop', plan.pops);
  assertHas(run, 'cas', plan.cas);
  const live = run.topology.ids('client').filter((id) => id >= plan.from);
  const wanted = plan.clients === 0 ? Math.max(1, live.length) : plan.clients;
  if (live.length < wanted) {
    const which = plan.from === 0 ? '' : ` from ${plan.from} on`;
    throw new LineError(
      'E_NO_SUCH_CLIENT',
      `${wanted} clients${which} are needed, ${live.length} live`,
    );
  }
  if (plan.inflight > wanted) {
    throw new LineError('E_ARGS', 'a client has one operation under way: inflight <= clients');
  }
  return live.slice(0, wanted);
}

export interface WorkloadResult {
  /** As many as planned, unless the user did not wait. */
  readonly operations: number;
  /** The operations asked for: the same for the same seed. */
  readonly asked: Readonly<Record<string, number>>;
  /** The outcomes of these operations. */
  readonly ended: Readonly<Record<string, number>>;
  readonly figures: Figures;
}

/** How many operations are under way at a time. */
export function lanesOf(plan: WorkloadPlan, clients: readonly NodeId[]): number {
  return plan.inflight === 0 ? clients.length : plan.inflight;
}

export interface WorkloadOrder {
  readonly plan: WorkloadPlan;
  readonly clients: readonly NodeId[];
  readonly line: number;
  /** Distinguishes this workload from others: its random streams and its values are its own. */
  readonly number: number;
  /**
   * True if the effects of each write are complete before the next operation; otherwise, all are at
   * the end.
   */
  readonly isSteady: boolean;
}

/** Operation i belongs to client i, modulo the number of clients; no two lanes share a client. */
export function runWorkload(run: Run, order: WorkloadOrder): Promise<WorkloadResult> {
  const load = new Load(run, order);
  return order.isSteady ? load.run() : run.activity.during(() => load.run());
}

class Load {
  readonly #run: Run;
  readonly #order: WorkloadOrder;
  readonly #lanes: number;
  readonly #figures: LoadFigures;
  readonly #asked: Record<string, number>;
  readonly #ended: Record<string, number> = { ok: 0, ERR_KEY: 0, ERR_DEP: 0, ERR_UNREACHABLE: 0 };
  readonly #affected = new Set<NodeId>();
  #count = 0;

  constructor(run: Run, order: WorkloadOrder) {
    this.#run = run;
    this.#order = order;
    const { appends, pops, cas } = order.plan;
    const edits = {
      ...(appends && { append: 0 }),
      ...(pops && { pop: 0 }),
      ...(cas && { cas: 0 }),
    };
    this.#asked = { put: 0, get: 0, ...edits };
    if (cas > 0) this.#ended.ERR_CAS = 0;
    this.#lanes = lanesOf(order.plan, order.clients);
    this.#figures = new LoadFigures(run.moment());
  }

  async run(): Promise<WorkloadResult> {
    await Promise.all(Array.from({ length: this.#lanes }, (_, index) => this.#runLane(index)));
    const figures = this.#figures.end(this.#run.moment());
    const { line } = this.#order;
    await Promise.all([...this.#affected].map((server) => this.#run.quiesceServer(server, line)));
    return { operations: this.#count, asked: this.#asked, ended: this.#ended, figures };
  }

  async #runLane(index: number): Promise<void> {
    const { plan, clients, line, number, isSteady } = this.#order;
    const random = createRandomStream(this.#run.seed, `workload ${number}.${index}`);
    const orders = new LoadOrders(this.#run, plan, random);
    for (let operation = 0; operation < plan.ops; operation += 1) {
      const turn = operation % clients.length;
      const client = clients[turn];
      if (this.#run.haste.isOn) return;
      if (client === undefined || turn % this.#lanes !== index) continue;
      this.#count += 1;
      const chosen = orders.next(`w${number}-${operation}`);
      const order = { ...chosen, number: operation + 1 };
      this.#asked[order.kind] = (this.#asked[order.kind] ?? 0) + 1;
      // A client that has died meanwhile answers nothing any more.
      const isLive = this.#run.topology.find(client)?.role === 'client';
      const isSingle = isSteady && hasEffects(this.#run, order);
      const operate = (ask?: AskClient) => recordOrder(this.#run, client, order, line, ask);
      if (isLive) this.#take(await (isSingle ? untilQuiet(this.#run, operate, line) : operate()));
      else this.#countEnd('ERR_UNREACHABLE');
    }
  }

  #countEnd(code: string): void {
    this.#ended[code] = (this.#ended[code] ?? 0) + 1;
  }

  #take(operation: Ended): void {
    const { outcome, invokedAt, returnedAt, server } = operation;
    this.#countEnd(outcomeCode(operation) ?? 'ok');
    const isAnswered = outcome === 'ok' || outcome === 'absent';
    if (isAnswered && returnedAt !== null) this.#figures.answered(invokedAt, returnedAt);
    const isQuiet = this.#order.isSteady || !hasEffects(this.#run, operation);
    if (!isQuiet && server !== null) this.#affected.add(server);
  }
}

/** Runs an operation and records it. */
function recordOrder(
  run: Run,
  client: NodeId,
  order: LoadOrder & { readonly number: number },
  line: number,
  ask?: AskClient,
): Promise<Ended & Effects> {
  if (order.kind === 'put' || order.kind === 'get')
    return recordOperation(run, client, order, line, ask);
  const { edit, key, texts, number } = order;
  return recordMeaningful(run, client, { ...edit, args: [key, ...texts], number }, line, ask);
}
