// Draws what goes wrong while something else has not yet been got over: a second crash, cut or
// pause before the first is mended, a death while another server comes back, the death of all.
import type { NodeId } from '../kernel/ids.ts';
import type { DrawLines, Generator } from './generator.ts';
import type { RandomSource } from './randomSource.ts';
import type { ScriptModel } from './scriptModel.ts';

/** Without logs the death of all leaves little to look at. */
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

/** Clients find somebody again. */
function reconnect(model: ScriptModel, random: RandomSource): string[] {
  return model.clients.flatMap((client) => {
    const server = model.serversOf(client).length === 0 ? random.tryPick(model.servers) : undefined;
    if (server === undefined) return [];
    model.connect(client, server);
    return [`createConnection ${client} ${server}`];
  });
}

/**
 * Every server dies, at once and in the midst of operations or one after the other; then all come
 * back under their ids, in any order.
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

/** Two to four troubles, of which none is mended before the next, one by one or at once. */
function troubleInARow(troubles: readonly DrawLines[]): DrawLines {
  return (model, random) => {
    const length = random.between(2, 4);
    const lines = Array.from({ length }, () => random.pick(troubles)(model, random) ?? []).flat();
    return random.happens(0.4) ? ['concurrently', ...lines, 'end'] : lines;
  };
}

/**
 * A server comes back while all others sleep, so its return has only begun; they wake, and one of
 * them dies at once, with operations beside it.
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

/** A server that may have died of its disk joins again; one that lives is refused that. */
function bringBack(model: ScriptModel, random: RandomSource): string[] | undefined {
  const server = model.haveFailingDisks ? random.tryPick(model.servers) : undefined;
  if (server === undefined) return undefined;
  const clients = model.clients.filter((client) => model.serversOf(client).includes(server));
  model.setPaused(server, false);
  return [`joinServer ${server}`, ...clients.map((id) => `createConnection ${id} ${server}`)];
}

/** `troubles` are what may come in a row; `operate` is what clients do meanwhile. */
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
