// The six phases in which a chain-replicated store is graded, as scripts: what the grading of
// SimpleDynamo does, for five servers and a client at each.

/** One phase: its script, in pieces; every piece ends with nobody down and nothing under way. */
export interface Phase {
  readonly title: string;
  readonly points: number;
  readonly lines: readonly string[];
}

const SERVERS = [0, 1, 2, 3, 4];
const KEYS = 20;
const clientAt = (server: number): number => 10 + server;
const CLIENTS = SERVERS.map(clientAt);

/** `settings` are options of the design, `name=value` each. */
export function listPhases(protocol: string, settings: readonly string[]): Phase[] {
  const begin = [
    ['protocol', protocol, ...settings].join(' '),
    ...SERVERS.map((server) => `joinServer ${server}`),
    ...SERVERS.map((server) => `joinClient ${clientAt(server)} ${server}`),
    ...SERVERS.map((server) => `joinClient ${clientAt(server)} ${(server + 1) % SERVERS.length}`),
    'stabilize',
  ];
  const phase = (title: string, lines: readonly string[]): Phase => {
    return { title, points: 10, lines: [...begin, ...lines, ...looks()] };
  };
  return [
    phase('basic operations', basic()),
    phase(
      'concurrent, different keys',
      concurrent((client, count) => `k${client}-${count}`),
    ),
    phase(
      'concurrent, the same keys',
      concurrent((_client, count) => `k${count}`),
    ),
    phase('one failure before each operation', oneFailure()),
    phase('concurrent, one crash and recovery', crashes([2])),
    phase('concurrent, repeated crashes and recoveries', crashes([0, 3, 1, 4])),
  ];
}

/** What each server holds, as a client of that one alone sees it, and what all of them hold. */
function looks(): string[] {
  const own = SERVERS.flatMap((server) => [
    `joinClient ${clientAt(server) + 10} ${server}`,
    `get ${clientAt(server) + 10} @`,
  ]);
  return ['stabilize', ...own, 'get 10 *'];
}

function each(make: (count: number) => string): string[] {
  return Array.from({ length: KEYS }, (_, count) => make(count));
}

function turn(count: number): number {
  return CLIENTS[count % CLIENTS.length] as number;
}

function basic(): string[] {
  return [
    ...each((count) => `put ${turn(count)} k${count} first ${count}`),
    ...each((count) => `get ${turn(count + 1)} k${count}`),
    'get 12 *',
    ...each((count) => `put ${turn(count + 2)} k${count} second ${count}`),
    ...each((count) => `${count % 3 === 0 ? 'delete' : 'get'} ${turn(count + 3)} k${count}`),
    ...each((count) => `get ${turn(count + 4)} k${count}`),
  ];
}

function concurrent(keyOf: (client: number, count: number) => string): string[] {
  const block = (make: (client: number, count: number) => string): string[] => [
    'concurrently',
    ...CLIENTS.flatMap((client) => each((count) => make(client, count))),
    'end',
  ];
  return [
    ...block((client, count) => `put ${client} ${keyOf(client, count)} ${client} ${count}`),
    ...block((client, count) => `get ${client} ${keyOf(client, count)}`),
    ...block((client, count) => {
      const key = keyOf(client, count);
      if (count % 4 === 0) return `delete ${client} ${key}`;
      return count % 4 === 1 ? `put ${client} ${key} ${client}+${count}` : `get ${client} ${key}`;
    }),
    ...block((client, count) => `get ${client} ${keyOf(client, count)}`),
  ];
}

/** The client is one of another server, and stays the same while that one is gone. */
function oneFailure(): string[] {
  const operations = [
    (client: number) => each((count) => `put ${client} k${count} once ${count}`),
    (client: number) => each((count) => `get ${client} k${count}`),
    (client: number) => each((count) => `put ${client} k${count} twice ${count}`),
    (client: number) => ['get 10 k1', `get ${client} *`],
    (client: number) =>
      each((count) => `${count % 2 === 0 ? 'delete' : 'get'} ${client} k${count}`),
  ];
  return operations.flatMap((operation, failed) => [
    `killServer ${failed}`,
    ...operation(clientAt((failed + 2) % SERVERS.length)),
    ...recover(failed),
  ]);
}

function crashes(failing: readonly number[]): string[] {
  return failing.flatMap((failed, round) => {
    const work = (part: string): string[] =>
      CLIENTS.flatMap((client) =>
        each((count) => {
          if (count % 5 === 4) return `delete ${client} k${client}-${count - 1}`;
          return count % 2 === 0
            ? `put ${client} k${client}-${count} ${round}${part}${count}`
            : `get ${client} k${client}-${count - 1}`;
        }),
      );
    const before = work('a');
    const half = before.length / 2;
    return [
      'concurrently',
      ...before.slice(0, half),
      `killServer ${failed}`,
      ...before.slice(half),
      'end',
      `joinServer ${failed}`,
      'concurrently',
      ...work('b'),
      'end',
      ...recover(failed, false),
    ];
  });
}

/** The server comes back, and so do the links of the clients to it. */
function recover(failed: number, joins = true): string[] {
  const former = (failed + SERVERS.length - 1) % SERVERS.length;
  return [
    ...(joins ? [`joinServer ${failed}`] : []),
    'stabilize',
    `createConnection ${clientAt(failed)} ${failed}`,
    `createConnection ${clientAt(former)} ${failed}`,
  ];
}
