// One exercise of a protocol: sessions with a workload, a nemesis with a plan, and a judgement of
// the answers. In the first phase there are faults, and the protocol's invariants are checked at
// every event. In the second phase everything heals, and the stores must converge in time.
import type { Answer } from '../../src/kernel/control.ts';
import type { VersionTuple } from '../../src/kernel/history.ts';
import type { NodeId } from '../../src/kernel/ids.ts';
import type { Json } from '../../src/kernel/json.ts';
import type { Options, Protocol } from '../../src/kernel/protocol.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import { hasLog } from '../../src/kernel/storageOption.ts';
import type { TraceSink } from '../../src/kernel/trace.ts';
import { NO_FAULTS } from '../../src/sim/faultPlan.ts';
import { USUAL_DISK } from '../../src/sim/simDisk.ts';
import { createSimCluster } from '../../src/sim/world.ts';
import { Judge } from './judge.ts';
import { blackOut, doLogAction, isLogAction, revive } from './logActions.ts';
import type { Action, Plan } from './plans.ts';
import { Testbed } from './testbed.ts';

export interface Exercise {
  readonly protocol: Protocol;
  readonly options: Options;
  readonly plan: Plan;
  readonly seed: number;
  readonly trace?: TraceSink;
  /** Whether `stabilize` ends the run, or gossip alone has to converge it. */
  readonly ending?: 'stabilize' | 'gossip';
}

/** What happened in a run, to detect a batch that exercised too little. */
export type Marks = Map<string, number>;

const KEYS = ['a', 'b', 'c'];
const FIRST_CLIENT = 100;
const FIRST_NEWCOMER = 300;
const OPERATIONS = 25;
const ACTIONS_IN_A_RUN = 12;
const ROUND_BUDGET_MS = 5_000;
/** By then every message that a plan delayed has arrived. */
const LAST_DELAY_MS = 4_000;
/** Gossip at 200 ms needs one interval a hop; there are five servers. */
const GOSSIP_BOUND_MS = 6_000;

/** Runs it, adds to `marks`, and throws an error that says what broke. */
export async function runExercise(exercise: Exercise, marks: Marks): Promise<void> {
  const { seed, plan } = exercise;
  const { disks = USUAL_DISK, network } = plan;
  const cluster = createSimCluster({
    ...exercise,
    faults: { ...network, disks },
    eventCap: 2_000_000,
  });
  const testbed = new Testbed(cluster);
  const random = createRandomStream(seed, 'exercise');
  const judge = new Judge(marks);
  try {
    const clients = await assemble(testbed, random);
    let isOver = false;
    const sessions = clients.map((client, index) =>
      runSession(testbed, judge, client, createRandomStream(seed, `session ${index}`)),
    );
    const nemesis = runNemesis(testbed, judge, exercise, random, () => isOver);
    const workload = Promise.all(sessions).then(() => {
      isOver = true;
    });
    await Promise.all([workload, nemesis]);
    cluster.setFaults(NO_FAULTS);
    await testbed.heal();
    const isLogged = hasLog(exercise.options);
    if (isLogged) await blackOut(testbed, random);
    await cluster.sleep(LAST_DELAY_MS);
    await converge(testbed, exercise);
    await judge.judgeStores(await readAll(testbed), (life) => isLogged || isAlive(testbed, life));
  } finally {
    await cluster.stop();
  }
}

/** Three to five servers, and clients of every kind: plain, causal, with one server or several. */
async function assemble(testbed: Testbed, random: RandomStream): Promise<NodeId[]> {
  const count = 3 + randomBelow(random, 3);
  for (let id = 0; id < count; id += 1) await testbed.joinServer(id);
  const clients: NodeId[] = [];
  for (let index = 0; index < 4; index += 1) {
    const id = FIRST_CLIENT + index;
    const guarantees = index % 2 === 1 ? ['causal'] : [];
    await testbed.joinClient(id, randomBelow(random, count), guarantees);
    if (random() < 0.4) await testbed.link(id, randomBelow(random, count));
    clients.push(id);
  }
  return clients;
}

async function runSession(
  testbed: Testbed,
  judge: Judge,
  client: NodeId,
  random: RandomStream,
): Promise<void> {
  const isReader = random() < 0.2;
  for (let count = 0; count < OPERATIONS; count += 1) {
    const key = KEYS[randomBelow(random, KEYS.length)] as string;
    const chance = random();
    const isCausal = client % 2 === 1;
    if (isReader || chance < 0.5) {
      judge.got(client, isCausal, key, await operate(testbed, client, 'get', { key }));
    } else {
      const value = chance < 0.6 ? null : `${client}-${count}`;
      const params: Json = value === null ? { key } : { key, value };
      const method = value === null ? 'delete' : 'put';
      if (value !== null) judge.putting(key, value);
      judge.put(client, isCausal, key, value, await operate(testbed, client, method, params));
    }
    if (random() < 0.15) await move(testbed, client, random);
    await testbed.cluster.sleep(Math.floor(random() * 60));
  }
}

async function operate(
  testbed: Testbed,
  client: NodeId,
  method: string,
  params: Json,
): Promise<Answer | undefined> {
  try {
    return (await testbed.cluster.ask(client, method, params)) as unknown as Answer;
  } catch {
    return undefined;
  }
}

/** A client goes to another server, and mostly leaves the ones it had. */
async function move(testbed: Testbed, client: NodeId, random: RandomStream): Promise<void> {
  const { servers } = testbed;
  const next = servers[randomBelow(random, servers.length)];
  if (next === undefined) return;
  for (const server of servers) {
    if (server !== next && random() < 0.8) await testbed.unlink(client, server);
  }
  await testbed.link(client, next);
}

async function runNemesis(
  testbed: Testbed,
  judge: Judge,
  { plan }: Exercise,
  random: RandomStream,
  isOver: () => boolean,
): Promise<void> {
  if (plan.actions.length === 0) return;
  for (let count = 0; count < ACTIONS_IN_A_RUN && !isOver(); count += 1) {
    await testbed.cluster.sleep(50 + Math.floor(random() * 250));
    const action = plan.actions[randomBelow(random, plan.actions.length)] as Action;
    judge.mark(action);
    await doAction(action, testbed, judge, random);
    if (random() < 0.3) await testbed.heal();
  }
}

async function doAction(
  action: Action,
  testbed: Testbed,
  judge: Judge,
  random: RandomStream,
): Promise<void> {
  const { servers } = testbed;
  if (servers.length === 0) return revive(testbed);
  const pick = (): NodeId => servers[randomBelow(random, servers.length)] as NodeId;
  const [a, b] = [pick(), pick()];
  if (action === 'partition') return isolate(testbed, judge, random);
  if (action === 'cut' && a !== b) return testbed.unlink(a, b);
  if (action === 'oneway' && a !== b) return testbed.mute(a, b);
  if (action === 'stabilize') {
    const reached = await testbed.stabilize(ROUND_BUDGET_MS);
    judge.mark(reached?.length === testbed.servers.length ? 'round whole' : 'round partial');
    return;
  }
  if (action === 'pause') {
    await testbed.pause(a);
    await testbed.cluster.sleep(Math.floor(random() * 3_000));
    return testbed.resume(a);
  }
  if (isLogAction(action)) return doLogAction(action, testbed, a, random);
  if (action !== 'crash' || servers.length <= 1) return;
  await testbed.kill(a);
  await testbed.cluster.sleep(Math.floor(random() * 200));
  await testbed.joinServer(a, false);
  await writeAtOnce(testbed, judge, a, random);
}

/** A new client joins a new server, and writes before that server has quiesced. */
async function writeAtOnce(
  testbed: Testbed,
  judge: Judge,
  server: NodeId,
  random: RandomStream,
): Promise<void> {
  const client = FIRST_NEWCOMER + testbed.incarnationById.size;
  await testbed.joinClient(client, server, []);
  const key = KEYS[randomBelow(random, KEYS.length)] as string;
  const value = `${client} at ${server}`;
  judge.putting(key, value);
  judge.put(client, false, key, value, await operate(testbed, client, 'put', { key, value }));
}

/** Cuts the servers in two groups, checks that no write crosses for a while, and heals. */
async function isolate(testbed: Testbed, judge: Judge, random: RandomStream): Promise<void> {
  const left = testbed.servers.filter(() => random() < 0.5);
  const right = testbed.servers.filter((id) => !left.includes(id));
  for (const a of left) for (const b of right) await testbed.unlink(a, b);
  const clients = [...testbed.roleById].filter(([, role]) => role === 'client').map(([id]) => id);
  const before = judge.watch(testbed.cluster.living(), left, right);
  await testbed.cluster.sleep(300);
  if (clients.length > 0) judge.judgeIsolation(before, testbed.cluster.living());
  await testbed.heal();
}

async function converge(testbed: Testbed, { ending = 'stabilize' }: Exercise): Promise<void> {
  if (ending === 'gossip') {
    await testbed.cluster.sleep(GOSSIP_BOUND_MS);
    return;
  }
  const reached = await testbed.stabilize(ROUND_BUDGET_MS);
  const { servers } = testbed;
  if (reached?.length === servers.length) return;
  throw new Error(`C4: a round on a healed network reached ${reached} of ${servers}`);
}

/** What every server holds for every key, as a new client reads it. */
async function readAll(
  testbed: Testbed,
): Promise<Map<string, { server: NodeId; answer: Answer }[]>> {
  const answersByKey = new Map<string, { server: NodeId; answer: Answer }[]>(
    KEYS.map((key) => [key, []]),
  );
  for (const server of testbed.servers) {
    const reader = 200 + server;
    await testbed.joinClient(reader, server, []);
    for (const key of KEYS) {
      const answer = await operate(testbed, reader, 'get', { key });
      if (answer === undefined)
        throw new Error(`server ${server} does not answer when all is well`);
      answersByKey.get(key)?.push({ server, answer });
    }
  }
  return answersByKey;
}

function isAlive(testbed: Testbed, [, id, incarnation]: VersionTuple): boolean {
  return testbed.roleById.has(id) && testbed.incarnationById.get(id) === incarnation;
}
