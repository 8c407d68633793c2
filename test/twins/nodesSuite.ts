// What must hold of the pieces of the engine `nodes`, whatever the seed: the services are as
// consistent as their names say, the network loses what a cut must lose, texts come back as they
// were, and a reply says no more than it can. The twins of these pieces are built with it.
import { check } from '../../src/checkers/index.ts';
import { type Request, toAnswer } from '../../src/engines/nodes/answers.ts';
import { Ledger } from '../../src/engines/nodes/ledger.ts';
import { Network } from '../../src/engines/nodes/network.ts';
import { createServices } from '../../src/engines/nodes/services.ts';
import { type Body, readMessage, toJson, toText } from '../../src/engines/nodes/wire.ts';
import { areEqual } from '../../src/engines/world/stabilize.ts';
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
  if (cas(2, 3)?.type !== 'cas_ok') return 'a cas of an equal value fails';
  ask?.('n0', { type: 'write', key: 'o', value: { a: 1, b: [{ c: 2, d: 3 }] } });
  const from = { b: [{ d: 3, c: 2 }], a: 1 };
  const answer = ask?.('n0', { type: 'cas', key: 'o', from, to: 1 });
  return answer?.type === 'cas_ok' ? undefined : 'the order of fields counts';
}

/** A network in a time of its own, whose timers cut fractions off, as those of Node do. */
function networkInTime(): { network: Network; pass(ms: number): void } {
  let now = 0;
  const timers = new Set<{ at: number; task: () => void }>();
  const network = new Network({
    seed: 1,
    now: () => now,
    after: (ms, task) => {
      const timer = { at: now + Math.trunc(ms), task };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  });
  const pass = (ms: number): void => {
    const until = now + ms;
    for (;;) {
      const [next] = [...timers].sort((a, b) => a.at - b.at);
      if (next === undefined || next.at > until) break;
      timers.delete(next);
      now = next.at;
      next.task();
    }
    now = until;
  };
  return { network, pass };
}

/** Two messages on their way, and what arrives of them after `change`. */
function arrivals(change: (network: Network) => void): string[] {
  const [arrived, lost]: [string[], string[]] = [[], []];
  const { network, pass } = networkInTime();
  network.link(0, 1);
  network.setLink({ direction: [0, 1], setting: { delay: constant(50) } });
  const send = (from: number, to: number, text: string) =>
    network.send(from, to, {
      ...{ isOnce: false, wait: () => undefined, deliver: () => arrived.push(text) },
      lose: () => lost.push(text),
    });
  send(0, 1, 'late');
  change(network);
  send(1, 0, 'at once');
  pass(1_000);
  return [...arrived, ...lost.map((text) => `${text} is lost`)];
}

function constant(ms: number) {
  return { kind: 'uniform', leastMs: ms, mostMs: ms } as const;
}

function links(): string | undefined {
  const laws: [string, (network: Network) => void, string[]][] = [
    ['a delayed message', () => undefined, ['at once', 'late']],
    ['a cut', (network) => network.unlink(0, 1), ['late is lost']],
    [
      'a new link',
      (network) => {
        network.unlink(0, 1);
        network.link(0, 1);
      },
      ['at once', 'late is lost'],
    ],
    ['a one-way cut', (network) => network.mute(1, 0), ['late']],
    ['a cut of its way', (network) => network.mute(0, 1), ['at once', 'late is lost']],
    ['a failed server', (network) => network.setFailed(1, true), ['late is lost']],
    [
      'a server that has recovered',
      (network) => {
        network.setFailed(1, true);
        network.setFailed(1, false);
      },
      ['at once', 'late is lost'],
    ],
    ['the end of a life', (network) => network.end(0), ['late is lost']],
  ];
  for (const [name, change, expected] of laws) {
    const found = arrivals(change);
    if (found.join() !== expected.join()) return `after ${name} arrives: ${found.join()}`;
  }
  return undefined;
}

function order(): string | undefined {
  const { network, pass } = networkInTime();
  network.link(0, 1);
  const delay = { kind: 'uniform', leastMs: 0, mostMs: 20 } as const;
  network.setLink({ direction: 'all', setting: { delay, isOrdered: true } });
  const arrived: number[] = [];
  for (let at = 0; at < 200; at += 1) {
    const deliver = (): number => arrived.push(at);
    network.send(0, 1, { isOnce: false, wait: () => undefined, lose: () => undefined, deliver });
    pass(0.3);
  }
  pass(1_000);
  const isKept = arrived.length === 200 && arrived.every((message, at) => message === at);
  return isKept ? undefined : 'messages in order arrive out of order';
}

/** A message that may arrive once only, where every other arrives twice. */
function copies(): string | undefined {
  const counts = [false, true].map((isOnce) => {
    const { network } = networkInTime();
    network.link(0, 1);
    network.setLink({ direction: 'all', setting: { duplication: 1 } });
    let count = 0;
    const deliver = (): void => {
      count += 1;
    };
    network.send(0, 1, { isOnce, wait: () => undefined, lose: () => undefined, deliver });
    return count;
  });
  return counts.join() === '2,1' ? undefined : `copies that arrive: ${counts.join()}`;
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
    if (typeof readMessage(Buffer.from(text)) !== 'function')
      return `${text} is taken for a message`;
  }
  const text = '{"src":"n0", "dest":"n1","body":{"v":1e2,"__proto__":{"a":1}}}';
  const message = readMessage(Buffer.from(text));
  if (typeof message === 'function') return `a message is refused: ${message()}`;
  return message.text === text ? undefined : 'a message is changed on its way';
}

function ledgers(): string | undefined {
  const write = { type: 'write', key: 'k', value: 'v' } as const;
  const cas = { type: 'cas', key: 'k', from: '1', to: '2' } as const;
  const ok: Body = { type: 'write_ok', in_reply_to: 1 };
  const refused: Body = { type: 'error', code: 11, in_reply_to: 1 };
  const [open, unequal] = [13, 22].map((code) => ({ ...refused, code }));
  const cases: [Request, Body, Body, boolean][] = [
    [write, refused, ok, true],
    [write, ok, refused, true],
    [write, ok, ok, false],
    [write, open as Body, ok, false],
    [cas, { ...ok, type: 'cas_ok' }, unequal as Body, true],
    [cas, unequal as Body, refused, false],
    [{ type: 'read', key: 'k' }, refused, { type: 'read_ok', value: 1, in_reply_to: 1 }, false],
  ];
  for (const [request, first, second, isContradicted] of cases) {
    const ledger = new Ledger();
    if (ledger.next(5) !== 1 || ledger.next(5) !== 2) return 'a number is used twice';
    if (ledger.hasAsked(5, '1') || ledger.hasAsked(5, 3)) return 'a number is taken for asked';
    ledger.tell(5, 1, request, toAnswer(request, 0, first));
    if (ledger.isContradicted(5, 0, second) === isContradicted) continue;
    return `${JSON.stringify(second)} after ${JSON.stringify(first)} contradicts or does not`;
  }
  return undefined;
}

/** The first law that does not hold. */
export function findComplaint(): string | undefined {
  const laws = [services, compareAndSets, order, links, copies, texts, replies, lines, ledgers];
  for (const law of laws) {
    const complaint = law();
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}
