// Random scripts of the assignment's nine commands.
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';

const KEYS = ['a', 'b', 'c'];

interface Drawn {
  readonly servers: number[];
  readonly clients: number[];
  readonly links: Set<string>;
  /** The servers of each client, cut or not. */
  readonly ways: Map<number, Set<number>>;
  readonly lines: string[];
}

/** The same seed gives the same script. Every value is put once, unless `isRepeating`. */
export function drawScript(seed: number, length: number, isRepeating = false): string {
  const random = createRandomStream(seed, 'assignment script');
  const drawn: Drawn = { servers: [], clients: [], links: new Set(), ways: new Map(), lines: [] };
  const count = 2 + randomBelow(random, 3);
  for (let id = 0; id < count; id += 1) joinServer(drawn, id);
  for (let at = 0; at < 3; at += 1) joinClient(drawn, 10 + at, at % count);
  for (let at = 0; at < length; at += 1) drawLine(drawn, random, isRepeating);
  return `${drawn.lines.join('\n')}\n`;
}

/** The script with a common end: all servers connected, stabilize, and a client that asks each. */
export function endTogether(script: string): string {
  const servers = new Set<string>();
  for (const line of script.split('\n')) {
    const [name, id = ''] = line.split(' ');
    if (name === 'joinServer') servers.add(id);
    if (name === 'killServer') servers.delete(id);
  }
  const ids = [...servers];
  const links = ids.flatMap((a, index) =>
    ids.slice(index + 1).map((b) => `createConnection ${a} ${b}`),
  );
  const asked = ids.flatMap((id) => [
    `joinClient 9${id} ${id}`,
    ...KEYS.map((key) => `get 9${id} ${key}`),
  ]);
  const late = ['joinClient 99 9', 'get 99 a'];
  return `${script}${[...links, 'joinServer 9', 'stabilize', ...asked, ...late].join('\n')}\n`;
}

function joinServer({ servers, lines }: Drawn, id: number): void {
  servers.push(id);
  lines.push(`joinServer ${id}`);
}

function joinClient({ clients, ways, lines }: Drawn, id: number, server: number): void {
  clients.push(id);
  ways.set(id, new Set([server]));
  lines.push(`joinClient ${id} ${server}`);
}

function drawLine(drawn: Drawn, random: RandomStream, isRepeating: boolean): void {
  const { servers, clients, ways, lines } = drawn;
  const pick = <T>(items: readonly T[]): T => items[randomBelow(random, items.length)] as T;
  const chance = randomBelow(random, 100);
  const client = pick(clients);
  const server = pick(servers);
  const key = pick(KEYS);
  const own = ways.get(client) as Set<number>;
  if (chance < 30) {
    lines.push(`put ${client} ${key} v${isRepeating ? randomBelow(random, 4) : lines.length}`);
  } else if (chance < 65) lines.push(`get ${client} ${key}`);
  else if (chance < 72) lines.push('stabilize');
  else if (chance < 80) lines.push(`printStore ${server}`);
  else if (chance < 87) {
    const other = pick(servers);
    const verb = randomBelow(random, 3) > 0 ? 'breakConnection' : 'createConnection';
    if (other !== server) lines.push(`${verb} ${server} ${other}`);
  } else if (chance < 93) {
    if (own.size > 1 || !own.has(server)) {
      for (const former of own)
        if (former !== server) lines.push(`breakConnection ${client} ${former}`);
      lines.push(`createConnection ${client} ${server}`);
      ways.set(client, new Set([server]));
    }
  } else if (chance < 96) {
    lines.push(`createConnection ${client} ${server}`);
    own.add(server);
  } else if (servers.length > 1) {
    lines.push(`killServer ${server}`);
    for (const set of ways.values()) set.delete(server);
    if (randomBelow(random, 2) === 0) lines.push(`joinServer ${server}`);
    else servers.splice(servers.indexOf(server), 1);
  }
}
