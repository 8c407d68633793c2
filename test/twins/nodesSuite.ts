// What must hold of the pieces of the engine `nodes`, whatever the seed: the services are as
// consistent as their names say, the network loses what a cut must lose, texts come back as they
// were, and a reply says no more than it can. The twins of these pieces are built with it.
import { check } from '../../src/checkers/index.ts';
import { toAnswer } from '../../src/engines/nodes/answers.ts';
import { Network } from '../../src/engines/nodes/network.ts';
import { createServices } from '../../src/engines/nodes/services.ts';
import { type Body, readMessage, toJson, toText } from '../../src/engines/nodes/wire.ts';
import { areEqual } from '../../src/engines/stabilize.ts';
import type { Operation } from '../../src/kernel/history.ts';
import { createRandomStream, randomBelow } from '../../src/kernel/random.ts';

const SEEDS = 60;
const REQUESTS = 40;

/** Random requests of three nodes to one service, one after the other, as a history. */
export function historyOf(service: string, seed: number): Operation[] {
  const ask = createServices(seed).get(service);
  const random = createRandomStream(seed, 'requests');
  return Array.from({ length: REQUESTS }, (_, at): Operation => {
    const session = randomBelow(random, 3);
    const key = `k${randomBelow(random, 2)}`;
    const isWrite = random() < 0.4;
    const request: Body = isWrite ? { type: 'write', key, value: at } : { type: 'read', key };
    const answer = ask?.(`n${session}`, request);
    const found = answer?.type === 'read_ok' ? String(answer.value) : null;
    return {
      ...{ session, incarnation: 1, seq: at, key, line: at + 1 },
      kind: isWrite ? 'put' : 'get',
      value: isWrite ? String(at) : found,
      outcome: isWrite || found !== null ? 'ok' : 'absent',
      ...{ invokedAt: 2 * at, returnedAt: 2 * at + 1 },
      ...{ server: null, version: null, applied: null },
    };
  });
}

const seeds = Array.from({ length: SEEDS }, (_, seed) => seed);

function isHeld(service: string, level: 'linearizable' | 'sequential', seed: number): boolean {
  return check(historyOf(service, seed), level).outcome === 'holds';
}

function services(): string | undefined {
  for (const seed of seeds) {
    if (!isHeld('lin-kv', 'linearizable', seed)) return `lin-kv is stale with seed ${seed}`;
    if (!isHeld('seq-kv', 'sequential', seed)) return `seq-kv is not sequential, seed ${seed}`;
  }
  const isEverStale = (service: string, level: 'linearizable' | 'sequential') =>
    seeds.some((seed) => !isHeld(service, level, seed));
  if (!isEverStale('seq-kv', 'linearizable')) return 'seq-kv is never stale';
  if (!isEverStale('lww-kv', 'sequential')) return 'lww-kv never loses a write';
  const tso = createServices(1).get('lin-tso');
  const stamps = seeds.map((seed) => tso?.(`n${seed % 3}`, { type: 'ts' })?.ts);
  return areEqual([stamps.map(String).map((text) => [text, ''] as const), countTo(SEEDS)])
    ? undefined
    : 'lin-tso repeats a timestamp';
}

function countTo(most: number): (readonly [string, string])[] {
  return Array.from({ length: most }, (_, at) => [String(at), ''] as const);
}

function compareAndSets(): string | undefined {
  const ask = createServices(1).get('lin-kv');
  const cas = (from: number, to: number, more: Body = {}) =>
    ask?.('n0', { type: 'cas', key: 'k', from, to, ...more });
  if (cas(1, 2)?.code !== 20) return 'a cas of an absent key succeeds';
  if (cas(1, 2, { create_if_not_exists: true })?.type !== 'cas_ok') return 'cas creates no key';
  if (cas(1, 3)?.code !== 22) return 'a cas of an unequal value succeeds';
  return cas(2, 3)?.type === 'cas_ok' ? undefined : 'a cas of an equal value fails';
}

/** Two messages on their way, and what arrives of them after `change`. */
function arrivals(change: (network: Network) => void): string[] {
  const timers: (() => void)[] = [];
  const arrived: string[] = [];
  const network = new Network({
    seed: 1,
    now: () => 0,
    after: (_ms, task) => {
      timers.push(task);
      return () => undefined;
    },
  });
  network.link(0, 1);
  network.setLink({ direction: [0, 1], setting: { delay: constant(50) } });
  const send = (from: number, to: number, text: string) =>
    network.send(from, to, { wait: () => undefined, deliver: () => arrived.push(text) });
  send(0, 1, 'late');
  change(network);
  send(1, 0, 'at once');
  for (const timer of timers) timer();
  return arrived;
}

function constant(ms: number) {
  return { kind: 'uniform', leastMs: ms, mostMs: ms } as const;
}

function links(): string | undefined {
  const laws: [string, (network: Network) => void, string[]][] = [
    ['a delayed message', () => undefined, ['at once', 'late']],
    ['a cut', (network) => network.unlink(0, 1), []],
    [
      'a new link',
      (network) => {
        network.unlink(0, 1);
        network.link(0, 1);
      },
      ['at once'],
    ],
    ['a one-way cut', (network) => network.mute(1, 0), ['late']],
    ['a failed server', (network) => network.setFailed(1, true), ['late']],
    ['the end of a life', (network) => network.end(0), []],
  ];
  for (const [name, change, expected] of laws) {
    const found = arrivals(change);
    if (found.join() !== expected.join()) return `after ${name} arrives: ${found.join()}`;
  }
  return undefined;
}

const TEXTS = ['', 'x', '0', '-0', '00', '1', '-1', '1e3', '1.0', '9007199254740993', 'null', 'é'];

function texts(): string | undefined {
  for (const text of TEXTS) {
    for (const asNumbers of [true, false]) {
      const back = toText(JSON.parse(JSON.stringify(toJson(text, asNumbers))));
      if (back !== text) return `the text ${JSON.stringify(text)} comes back as ${back}`;
    }
  }
  return typeof toJson('42', true) === 'number' ? undefined : 'a number is sent as a string';
}

/** What each reply to a write says about whether it has happened. */
const OUTCOMES: readonly (readonly [Body, string])[] = [
  [{ type: 'write_ok' }, 'ok'],
  [{ type: 'read_ok' }, 'unknown'],
  ...[0, 13, 5, 1000, 31].map((code) => [{ type: 'error', code }, 'unknown'] as const),
  ...[1, 10, 11, 12, 14, 21, 30].map((code) => [{ type: 'error', code }, 'fail'] as const),
  [{ type: 'error', code: '11' }, 'unknown'],
];

function replies(): string | undefined {
  const request = { type: 'write', key: 'k', value: 'v' } as const;
  for (const [body, outcome] of OUTCOMES) {
    const found = toAnswer(request, 3, body).outcome;
    if (found !== outcome) return `${JSON.stringify(body)} to a write means ${found}`;
  }
  const cas = { type: 'cas', key: 'k', from: '1', to: '2' } as const;
  const sets = [{ type: 'cas_ok' }, { type: 'error', code: 22 }, { type: 'error', code: 20 }];
  const isSet = sets.map((body) => toAnswer(cas, 3, body).isSet);
  if (isSet.join() !== 'true,false,false') return `compare-and-set means ${isSet.join()}`;
  const read = { type: 'read', key: 'k' } as const;
  const absent = [
    { type: 'error', code: 20 },
    { type: 'read_ok', value: null },
  ];
  const outcomes = absent.map((body) => toAnswer(read, 3, body).outcome);
  return outcomes.join() === 'absent,absent' ? undefined : `an absent key is ${outcomes.join()}`;
}

function lines(): string | undefined {
  const deep = `{"src":"n0","dest":"n1","body":${'['.repeat(5)}${']'.repeat(5)}}`;
  const nested = `{"src":"n0","dest":"n1","body":{"a":${'['.repeat(50)}${']'.repeat(50)}}}`;
  for (const text of ['', '1', '[]', '{}', '{"src":1,"dest":"n1","body":{}}', deep, nested]) {
    if (typeof readMessage(Buffer.from(text)) !== 'string') return `${text} is taken for a message`;
  }
  const text = '{"src":"n0", "dest":"n1","body":{"v":1e2,"__proto__":{"a":1}}}';
  const message = readMessage(Buffer.from(text));
  if (typeof message === 'string') return `a message is refused: ${message}`;
  return message.text === text ? undefined : 'a message is changed on its way';
}

/** The first law that does not hold. */
export function findComplaint(): string | undefined {
  return services() ?? compareAndSets() ?? links() ?? texts() ?? replies() ?? lines();
}
