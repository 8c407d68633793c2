// One exercise of a protocol that claims linearizability: sessions with a workload, a nemesis with
// a plan, and a judgement of the history. In the first phase there are faults, and the protocol's
// invariants are checked at every event. In the second phase everything heals, and each server that
// can serve must serve again in time.
import { checkHistory } from '../../src/checkers/index.ts';
import type { Answer, Dump } from '../../src/kernel/control.ts';
import { Bug } from '../../src/kernel/errors.ts';
import type { Recorded } from '../../src/kernel/history.ts';
import type { NodeId } from '../../src/kernel/ids.ts';
import type { Options, Protocol } from '../../src/kernel/protocol.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import type { TraceSink } from '../../src/kernel/trace.ts';
import { type FaultPlan, NO_FAULTS } from '../../src/sim/faultPlan.ts';
import { USUAL_DISK } from '../../src/sim/simDisk.ts';
import { createSimCluster } from '../../src/sim/world.ts';
import type { Marks } from './exercise.ts';
import { Backups, beginNewRun } from './newRun.ts';
import { Recorder } from './recorder.ts';
import { Testbed } from './testbed.ts';

export type ChainAction =
  | 'crash'
  | 'overlapping crashes'
  | 'pause'
  | 'cut'
  | 'oneway'
  | 'partition'
  | 'isolate'
  | 'join'
  | 'blackout'
  | 'new run';

export interface ChainPlan {
  readonly name: string;
  readonly network: FaultPlan;
  readonly actions: readonly ChainAction[];
  /** Whether it says something only where servers have logs. */
  readonly needsLogs?: boolean;
}

/** Short logs are compacted, too. */
const COMPACTING: FaultPlan = { ...NO_FAULTS, disks: { ...USUAL_DISK, recordWeight: 200 } };

const harsh: FaultPlan = {
  ...NO_FAULTS,
  loss: 0.15,
  duplication: 0.2,
  minDelayMs: 1,
  maxDelayMs: 40,
  tail: 0.05,
  tailDelayMs: 1500,
};

export const CHAIN_PLANS: readonly ChainPlan[] = [
  { name: 'calm', network: NO_FAULTS, actions: [] },
  { name: 'loss', network: { ...NO_FAULTS, loss: 0.3 }, actions: [] },
  { name: 'delay', network: { ...NO_FAULTS, tail: 0.1, tailDelayMs: 2000 }, actions: ['crash'] },
  {
    name: 'duplication',
    network: { ...NO_FAULTS, duplication: 0.5, maxDelayMs: 200 },
    actions: [],
  },
  { name: 'reordering', network: { ...NO_FAULTS, maxDelayMs: 200 }, actions: ['crash'] },
  { name: 'crashes', network: NO_FAULTS, actions: ['crash'] },
  { name: 'overlapping crashes', network: NO_FAULTS, actions: ['overlapping crashes', 'crash'] },
  { name: 'pauses', network: NO_FAULTS, actions: ['pause'] },
  { name: 'cuts', network: NO_FAULTS, actions: ['cut', 'oneway'] },
  { name: 'partitions', network: NO_FAULTS, actions: ['partition'] },
  { name: 'cut off', network: NO_FAULTS, actions: ['isolate'] },
  { name: 'blackouts', network: COMPACTING, actions: ['blackout', 'crash'] },
  { name: 'growth', network: NO_FAULTS, actions: ['join', 'crash'] },
  {
    name: 'new runs',
    network: { ...COMPACTING, newRun: 1 },
    actions: ['new run', 'new run', 'crash', 'join', 'partition'],
    needsLogs: true,
  },
  {
    name: 'everything',
    network: harsh,
    actions: [
      'crash',
      'overlapping crashes',
      'blackout',
      'pause',
      'cut',
      'partition',
      'isolate',
      'join',
    ],
  },
];

export interface LinearizableExercise {
  readonly protocol: Protocol;
  readonly options: Options;
  readonly plan: ChainPlan;
  readonly seed: number;
  readonly trace?: TraceSink;
}

/** They lie in different arcs of a ring of a few. */
const KEYS = ['a', 'b', 'c', 'd', 'e'];
/** Keys that are written before anything goes wrong, and never again. */
const SETTLED = Array.from({ length: 12 }, (_, index) => `settled ${index}`);
const FIRST_CLIENT = 100;
const CLIENTS = 4;
const OPERATIONS = 25;
const DUMP_SHARE = 0.05;
const WAIT_MS = 400;
const ACTIONS_IN_A_RUN = 8;
/** By then every message that a plan delayed has arrived, and every server has joined again. */
const HEALING_MS = 15_000;

/** Runs it, adds to `marks`, and throws an error that says what broke. */
export async function runLinearizable(
  exercise: LinearizableExercise,
  marks: Marks,
): Promise<Recorded[]> {
  const run = new ExerciseRun(exercise, marks);
  try {
    await run.play();
    return run.history;
  } finally {
    await run.cluster.stop();
  }
}

class ExerciseRun {
  readonly cluster;
  readonly #testbed: Testbed;
  readonly #exercise: LinearizableExercise;
  readonly #marks: Marks;
  readonly #random: RandomStream;
  readonly #backups = new Backups();
  readonly #recorder: Recorder;
  #isOver = false;
  #nextServer = 0;

  constructor(exercise: LinearizableExercise, marks: Marks) {
    this.#exercise = exercise;
    this.#marks = marks;
    this.cluster = createSimCluster({ ...exercise, faults: NO_FAULTS, eventCap: 2_000_000 });
    this.#testbed = new Testbed(this.cluster);
    this.#recorder = new Recorder(this.cluster);
    this.#random = createRandomStream(exercise.seed, 'exercise');
  }

  get history(): Recorded[] {
    return this.#recorder.history;
  }

  async play(): Promise<void> {
    const count = 3 + randomBelow(this.#random, 3);
    for (; this.#nextServer < count; this.#nextServer += 1) {
      await this.#testbed.joinServer(this.#nextServer);
    }
    const clients = Array.from({ length: CLIENTS }, (_, index) => FIRST_CLIENT + index);
    for (const client of clients) {
      await this.#testbed.joinClient(client, randomBelow(this.#random, count), []);
      if (this.#random() < 0.5) await this.#testbed.link(client, randomBelow(this.#random, count));
    }
    await this.#testbed.stabilize(5_000);
    this.#backups.take(this.#testbed);
    for (const key of SETTLED)
      await this.#operate(clients[1] as NodeId, 'put', key, undefined, 'v');
    this.cluster.setFaults(this.#exercise.plan.network);
    const sessions = Promise.all(clients.map((client) => this.#runSession(client))).then(() => {
      this.#isOver = true;
    });
    await Promise.all([sessions, this.#runNemesis()]);
    await this.#heal();
    await this.#judge(clients[0] as NodeId);
  }

  async #runSession(client: NodeId): Promise<void> {
    const random = createRandomStream(this.#exercise.seed, `session ${client}`);
    const isReader = client === FIRST_CLIENT;
    /** By key: the last value that this client has put or got. */
    const known = new Map<string, string>();
    for (let count = 0; count < OPERATIONS; count += 1) {
      const key = KEYS[randomBelow(random, KEYS.length)] as string;
      const chance = random();
      let outcome: string;
      if (chance < DUMP_SHARE) outcome = await this.#dump(client);
      else if (isReader || chance < 0.4) outcome = await this.#operate(client, 'get', key, known);
      else if (chance < 0.5) outcome = await this.#operate(client, 'delete', key, known);
      else if (chance < 0.7) outcome = await this.#compareAndSet(client, key, known, count);
      else outcome = await this.#operate(client, 'put', key, known, `${client}-${count}`);
      // A client without a server would end its workload before any fault happens.
      const mostMs = outcome === 'fail' ? WAIT_MS : 60;
      await this.cluster.sleep(Math.floor(random() * mostMs));
    }
  }

  /** In every state: an answer names every key that was there before and is not written again. */
  async #dump(client: NodeId): Promise<string> {
    const answer = await this.cluster
      .ask(client, 'dump', { scope: '*' }, 8_000)
      .catch((error: unknown) => {
        if (error instanceof Bug) throw error;
        return undefined;
      });
    const { outcome, entries } = (answer ?? { outcome: 'unknown', entries: [] }) as unknown as Dump;
    this.#mark(`dump ${outcome}`);
    if (outcome !== 'ok') return outcome;
    const named = new Set(entries.map(([key]) => key));
    const missing = SETTLED.filter((key) => !named.has(key));
    if (missing.length > 0) throw new Error(`dump: everything, and not ${missing.join(', ')}`);
    return outcome;
  }

  async #operate(
    client: NodeId,
    kind: 'put' | 'get' | 'delete',
    key: string,
    known: Map<string, string> = new Map(),
    value: string | null = null,
  ): Promise<Answer['outcome']> {
    const answer = await this.#recorder.operate(client, kind, key, value);
    this.#mark(`${kind} ${answer.outcome}`);
    const last = value ?? answer.value;
    if (last !== null) known.set(key, last);
    return answer.outcome;
  }

  /** With what the client knows of the key, so that it mostly wins unless another one writes. */
  async #compareAndSet(
    client: NodeId,
    key: string,
    known: Map<string, string>,
    count: number,
  ): Promise<Answer['outcome']> {
    const value = `${client}-${count}`;
    const expected = known.get(key) ?? 'none';
    const { outcome, isSet } = await this.#recorder.compareAndSet(client, key, expected, value);
    this.#mark(`cas ${outcome}${isSet === undefined ? '' : isSet ? ' set' : ' not set'}`);
    if (isSet) known.set(key, value);
    return outcome;
  }

  async #runNemesis(): Promise<void> {
    const { actions, needsLogs = false } = this.#exercise.plan;
    if (actions.length === 0) return;
    for (let count = 0; count < ACTIONS_IN_A_RUN && !this.#isOver; count += 1) {
      await this.cluster.sleep(50 + Math.floor(this.#random() * 400));
      const action = actions[randomBelow(this.#random, actions.length)] as ChainAction;
      this.#mark(action);
      // Writes may be on their way, and a server may be away.
      if (needsLogs) this.#backups.take(this.#testbed);
      await this.#do(action);
      if (this.#random() < 0.5) await this.#restore();
    }
  }

  async #do(action: ChainAction): Promise<void> {
    const { servers } = this.#testbed;
    const pick = (): NodeId => servers[randomBelow(this.#random, servers.length)] as NodeId;
    const [a, b] = [pick(), pick()];
    switch (action) {
      case 'crash':
        return this.#crash(a);
      case 'overlapping crashes':
        return this.#crashAll(a === b ? [a] : [a, b]);
      case 'pause':
        await this.#testbed.pause(a);
        await this.cluster.sleep(Math.floor(this.#random() * 4_000));
        return this.#testbed.resume(a);
      case 'cut':
        return a === b ? undefined : this.#testbed.unlink(a, b);
      case 'oneway':
        return a === b ? undefined : this.#testbed.mute(a, b);
      case 'partition':
        return this.#split(servers.filter(() => this.#random() < 0.5));
      case 'isolate':
        this.cluster.service.setCutOff(a, true);
        await this.#split([a]);
        await this.cluster.sleep(Math.floor(this.#random() * 4_000));
        this.cluster.service.setCutOff(a, false);
        return this.#testbed.heal();
      case 'blackout':
        return this.#crashAll(servers);
      case 'new run': {
        const damage = await beginNewRun(this.#testbed, this.#backups, this.#random);
        this.#mark(damage === undefined ? 'no new run' : `new run, disk: ${damage}`);
        return this.#reconnect();
      }
      case 'join':
        if (servers.length >= 7) return undefined;
        this.#nextServer += 1;
        return this.#testbed.joinServer(this.#nextServer - 1);
    }
  }

  /** Two that join at once do not know of each other, so their links are made afterwards. */
  async #crashAll(ids: readonly NodeId[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#crash(id)));
    for (const a of ids) for (const b of ids) if (a < b) await this.#testbed.link(a, b);
  }

  async #crash(id: NodeId): Promise<void> {
    if (!this.#testbed.servers.includes(id)) return;
    await this.#testbed.kill(id);
    await this.cluster.sleep(Math.floor(this.#random() * 600));
    await this.#testbed.joinServer(id);
    await this.#offer(id);
  }

  async #reconnect(): Promise<void> {
    this.#backups.take(this.#testbed);
    for (const id of this.#testbed.servers) await this.#offer(id);
  }

  /** Some of the clients connect to that server. */
  async #offer(id: NodeId): Promise<void> {
    for (let client = FIRST_CLIENT; client < FIRST_CLIENT + CLIENTS; client += 1) {
      if (this.#random() < 0.5) await this.#testbed.link(client, id);
    }
  }

  async #split(left: readonly NodeId[]): Promise<void> {
    const right = this.#testbed.servers.filter((id) => !left.includes(id));
    for (const a of left) for (const b of right) await this.#testbed.unlink(a, b);
    await this.cluster.sleep(Math.floor(this.#random() * 3_000));
  }

  async #restore(): Promise<void> {
    await this.#testbed.heal();
    await this.cluster.sleep(Math.floor(this.#random() * 1_500));
  }

  async #heal(): Promise<void> {
    this.cluster.setFaults(NO_FAULTS);
    await this.#testbed.heal();
    await this.cluster.sleep(HEALING_MS);
  }

  /** The history is linearizable, with reads of the healed system, and no read is refused. */
  async #judge(reader: NodeId): Promise<void> {
    const [server] = this.#testbed.servers;
    await this.#testbed.link(reader, server as NodeId);
    const isLost = await this.#hasLostChain();
    this.#mark(isLost ? 'lost chain' : 'healed');
    for (const key of KEYS) {
      const outcome = await this.#operate(reader, 'get', key);
      if (outcome !== 'ok' && outcome !== 'absent' && !isLost) {
        throw new Error(`liveness: a get of ${key} in the healed system is ${outcome}`);
      }
    }
    if (!isLost) {
      const reached = await this.#testbed.stabilize(5_000);
      if (reached?.length !== this.#testbed.servers.length) {
        throw new Error(`liveness: in the healed system only ${reached} serve`);
      }
    }
    const history = { operations: this.history, isTimed: true, transactions: 0 };
    const verdict = checkHistory(history, 'linearizable');
    if (verdict.outcome !== 'holds') throw new Error(`H1: ${JSON.stringify(verdict)}`);
  }

  /** Whether all servers of some chain were gone at once: then its keys are refused for ever. */
  async #hasLostChain(): Promise<boolean> {
    type State = { configuration?: { epoch: number; chains: { members: NodeId[] }[] } };
    const configurations = this.cluster
      .living()
      .map(({ state }) => (state as State).configuration)
      .filter((configuration) => configuration !== undefined);
    configurations.sort((a, b) => b.epoch - a.epoch);
    return configurations[0]?.chains.some(({ members }) => members.length === 0) === true;
  }

  #mark(what: string): void {
    this.#marks.set(what, (this.#marks.get(what) ?? 0) + 1);
  }
}
