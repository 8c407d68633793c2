// The six phases in which a chain-replicated store is graded, as scripts: the operations of
// SimpleDynamo's grader, with its nodes and its counts. Each node has two clients that are
// connected to it alone: its app, and a second worker.
import type { NodeId } from '../../kernel/ids.ts';
import { createRandomStream } from '../../kernel/random.ts';
import { Chance } from './gradeChance.ts';
import { NODES } from './gradePlacement.ts';

export interface Phase {
  /** From 1. */
  readonly number: number;
  readonly title: string;
  /** They begin and end with every node alive and nothing under way. */
  readonly lines: readonly string[];
  /** Whether all answers of a key are the same: its reads come after all of its writes. */
  readonly isAgreed: boolean;
}

const APP = 10;
const WORKER = 20;

const KEYS_AT_A_NODE = { basic: 5, usual: 30 } as const;
const ROUNDS = 15;
const KEYS_IN_A_ROUND = 2;
const KEYS_UNDER_CRASHES = 20;

/** The client of a node, by the node's position in the list. */
function clientAt(first: number, at: number): NodeId {
  return first + (at % NODES.length);
}

const APPS = NODES.map((_, at) => clientAt(APP, at));
const WORKERS = NODES.map((_, at) => clientAt(WORKER, at));

/** The node to which a client of a phase is connected. */
export function nodeOf(client: NodeId): NodeId {
  return NODES[client % 10] as NodeId;
}

/** Starts the nodes and their clients. `settings` are options of the design, `name=value` each. */
export function listBeginning(protocol: string, settings: readonly string[]): string[] {
  return [
    ['protocol', protocol, ...settings].join(' '),
    ...NODES.map((node) => `joinServer ${node}`),
    ...[...APPS, ...WORKERS].map((client) => `joinClient ${client} ${nodeOf(client)}`),
    'stabilize',
  ];
}

/** The same seed always gives the same phases. */
export function listPhases(seed: number): Phase[] {
  const phases: readonly (readonly [title: string, draw: (chance: Chance) => string[]])[] = [
    ['basic operations', basic],
    ['concurrent, different keys', differentKeys],
    ['concurrent, the same keys', sameKeys],
    ['one failure before each operation', oneFailure],
    ['concurrent, one crash and recovery', (chance) => crashes(chance, 1)],
    ['concurrent, repeated crashes and recoveries', (chance) => crashes(chance, NODES.length)],
  ];
  return phases.map(([title, draw], index) => {
    const chance = new Chance(createRandomStream(seed, `grade phase ${index + 1}`));
    return { number: index + 1, title, lines: draw(chance), isAgreed: draw === sameKeys };
  });
}

/** Shows the contents of each node, and of all nodes together. */
function looks(): string[] {
  return ['stabilize', ...APPS.map((client) => `get ${client} @`), `get ${APP} *`];
}

function block(lines: readonly string[]): string[] {
  return ['concurrently', ...lines, 'end'];
}

/** Every node deletes every key, so each is deleted five times; then the words for many keys. */
function basic(chance: Chance): string[] {
  const keys = chance.words(KEYS_AT_A_NODE.basic * NODES.length);
  const put = (): string[] =>
    keys.map((key, at) => `put ${clientAt(APP, at)} ${key} ${chance.word()}`);
  const byEach = (make: (client: NodeId) => string[]): string[] => APPS.flatMap(make);
  return [
    ...put(),
    ...looks(),
    ...byEach((client) => [...keys.map((key) => `get ${client} ${key}`), `get ${client} *`]),
    ...byEach((client) => keys.map((key) => `delete ${client} ${key}`)),
    ...looks(),
    ...put(),
    `delete ${chance.pick(APPS)} @`,
    ...looks(),
    `delete ${chance.pick(APPS)} *`,
    ...looks(),
  ];
}

function differentKeys(chance: Chance): string[] {
  const clients = [...APPS, ...WORKERS];
  const count = (KEYS_AT_A_NODE.usual * NODES.length) / clients.length;
  const lines = clients.flatMap((client) =>
    chance
      .words(count)
      .flatMap((key) => [`put ${client} ${key} ${chance.word()}`, `get ${client} ${key}`]),
  );
  return [...block(lines), ...looks()];
}

/** In each round every node writes both keys at once, then every node reads both at once. */
function sameKeys(chance: Chance): string[] {
  const round = (): string[] => {
    const keys = chance.words(KEYS_IN_A_ROUND);
    const atOnce = (make: (client: NodeId, key: string) => string): string[] =>
      block(keys.flatMap((key, at) => (at === 0 ? APPS : WORKERS).map((id) => make(id, key))));
    return [
      ...atOnce((client, key) => `put ${client} ${key} ${chance.word()}`),
      ...atOnce((client, key) => `get ${client} ${key}`),
    ];
  };
  return [...Array.from({ length: ROUNDS }, round).flat(), ...looks()];
}

/** For each operation and each node: a random other node is down while that node's app does it. */
function oneFailure(chance: Chance): string[] {
  const batches = NODES.map(() => chance.words(KEYS_AT_A_NODE.usual));
  const batchAt = (at: number): string[] => batches[at % batches.length] as string[];
  const operations: ((client: NodeId, at: number) => string[])[] = [
    (client, at) => batchAt(at).map((key) => `put ${client} ${key} ${chance.word()}`),
    (client, at) => [
      ...batchAt(at + 1).map((key) => `get ${client} ${key}`),
      `get ${client} @`,
      `get ${client} *`,
    ],
    (client, at) => batchAt(at + 2).map((key) => `delete ${client} ${key}`),
  ];
  return operations.flatMap((operate) => [
    ...NODES.flatMap((node, at) => {
      const failed = chance.pick(NODES.filter((other) => other !== node));
      return [`killServer ${failed}`, ...operate(clientAt(APP, at), at), ...recover(failed)];
    }),
    ...looks(),
  ]);
}

/**
 * Workers that are connected to a second node, and a node that dies during their operations. It
 * comes back before they continue: no script may contain a join that is concurrent with other
 * lines.
 */
function crashes(chance: Chance, count: number): string[] {
  const keys = chance.words(KEYS_UNDER_CRASHES);
  const operate = (client: NodeId): string => {
    const key = chance.pick(keys);
    const kind = chance.pick(['put', 'put', 'get', 'get', 'delete']);
    return kind === 'put' ? `put ${client} ${key} ${chance.word()}` : `${kind} ${client} ${key}`;
  };
  const work = (): string[] =>
    WORKERS.flatMap((client) =>
      Array.from({ length: KEYS_AT_A_NODE.usual }, () => operate(client)),
    );
  const failing = chance.shuffle(NODES).slice(0, count);
  return [
    ...WORKERS.map((client, at) => `joinClient ${client} ${NODES[(at + 1) % NODES.length]}`),
    ...failing.flatMap((failed) => {
      const before = work();
      const half = before.length / 2;
      return [
        ...block([...before.slice(0, half), `killServer ${failed}`, ...before.slice(half)]),
        ...recover(failed, WORKERS),
        ...block(work()),
      ];
    }),
    ...looks(),
  ];
}

/**
 * The node rejoins and gets its links again: those of its own clients, and those of the clients in
 * `neighbours` that belong to the node before it.
 */
function recover(failed: NodeId, neighbours: readonly NodeId[] = []): string[] {
  const at = NODES.indexOf(failed);
  const own = [clientAt(APP, at), clientAt(WORKER, at)];
  const before = neighbours.filter((client) => nodeOf(client) === NODES.at(at - 1));
  return [
    `joinServer ${failed}`,
    'stabilize',
    ...[...own, ...before].map((client) => `joinClient ${client} ${failed}`),
  ];
}
