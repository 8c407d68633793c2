// Draws faults during recovery from earlier faults: a second crash, cut or pause before the first
// is repaired, a death while another server restarts, the death of all servers.
import type { NodeId } from '../kernel/ids.ts';
import type { DrawLines, Generator } from './generator.ts';
import type { RandomSource } from './randomSource.ts';
import type { ScriptModel } from './scriptModel.ts';

/** Without logs, little can be checked after the death of all servers, so it is rare. */
const CRASH_WITHOUT_LOGS_SHARE = 0.2;

function killAll(model: ScriptModel, servers: readonly NodeId[]): string[] {
  return servers.map((id) => {
    model.kill(id);
    return `killServer ${id}`;
  });
}

function joinAgain(model: ScriptModel, server: NodeId): string {
  model.addServer(server);
  return `joinServer ${server}`;
}

/** Connects every client without a server to a random one. */
function reconnect(model: ScriptModel, random: RandomSource): string[] {
  return model.clients.flatMap((client) => {
    const server = model.serversOf(client).length === 0 ? random.tryPick(model.servers) : undefined;
    if (server === undefined) return [];
    model.connect(client, server);
    return [`createConnection ${client} ${server}`];
  });
}

/**
 * All servers die: at once and during operations, or one after the other. Then all restart under
 * their ids, in random order.
 */
function crashAll(operate: DrawLines): DrawLines {
  return (model, random) => {
    if (!model.hasLogs && !random.happens(CRASH_WITHOUT_LOGS_SHARE)) return undefined;
    const operations = (most: number): string[] =>
      Array.from({ length: random.between(0, most) }, () => operate(model, random) ?? []).flat();
    const servers = random.shuffle(model.servers);
    if (servers.length === 0) return undefined;
    const isAtOnce = random.happens(0.6);
    const under = isAtOnce ? operations(3) : [];
    const kills = killAll(model, servers);
    const down = random.happens(0.3) ? [`sleep ${random.pick([5, 300, 3000])}ms`] : operations(1);
    const joins = random.shuffle(servers).flatMap((id) => {
      const line = joinAgain(model, id);
      return [line, ...(random.happens(0.3) ? reconnect(model, random) : []), ...operations(1)];
    });
    const crash = isAtOnce ? ['concurrently', ...under, ...kills, 'end'] : kills;
    return [...crash, ...down, ...joins, ...reconnect(model, random)];
  };
}

/** Two to four faults without repair between them, one after the other or concurrently. */
function troubleInARow(troubles: readonly DrawLines[]): DrawLines {
  return (model, random) => {
    const length = random.between(2, 4);
    const lines = Array.from({ length }, () => random.pick(troubles)(model, random) ?? []).flat();
    return random.happens(0.4) ? ['concurrently', ...lines, 'end'] : lines;
  };
}

/**
 * A server restarts while all others are paused, so its recovery cannot finish. Then they resume,
 * and one of them dies at once, during operations.
 */
function killBesideReturn(operate: DrawLines): DrawLines {
  return (model, random) => {
    const [returning, victim, ...others] = random.shuffle(model.servers);
    if (returning === undefined || victim === undefined) return undefined;
    const asleep = [victim, ...others];
    const pauses = asleep.filter((id) => model.awake.includes(id)).map((id) => `pauseServer ${id}`);
    const lines = [...pauses, ...killAll(model, [returning]), joinAgain(model, returning)];
    const client = random.tryPick(model.clients);
    if (client !== undefined) {
      model.connect(client, returning);
      lines.push(`createConnection ${client} ${returning}`);
    }
    const wakes = random.shuffle(asleep).map((id) => {
      model.setPaused(id, false);
      return `resumeServer ${id}`;
    });
    const operation = operate(model, random) ?? [];
    return [...lines, 'concurrently', ...wakes, ...operation, ...killAll(model, [victim]), 'end'];
  };
}

/** A server that may have died of a disk fault joins again. If it lives, the line is refused. */
function bringBack(model: ScriptModel, random: RandomSource): string[] | undefined {
  const server = model.haveFailingDisks ? random.tryPick(model.servers) : undefined;
  if (server === undefined) return undefined;
  const clients = model.clients.filter((client) => model.serversOf(client).includes(server));
  model.setPaused(server, false);
  return [`joinServer ${server}`, ...clients.map((id) => `createConnection ${id} ${server}`)];
}

/**
 * `troubles` are the faults for a sequence; `operate` draws the operations of clients meanwhile.
 */
export function createTroubles(
  operate: DrawLines,
  troubles: readonly DrawLines[],
): [name: string, generator: Generator][] {
  const outside = { mayOverlap: false } as const;
  return [
    ['crash of all', { draw: crashAll(operate), weight: 1, ...outside }],
    ['trouble in a row', { draw: troubleInARow(troubles), weight: 1.5, ...outside }],
    ['kill beside a return', { draw: killBesideReturn(operate), weight: 1, ...outside }],
    ['bring back', { draw: bringBack, weight: 4, ...outside }],
  ];
}
