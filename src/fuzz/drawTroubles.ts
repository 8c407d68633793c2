// Draws what goes wrong while something else has not yet been got over: a second crash, cut or
// pause before the first is mended, a death while another server comes back, the death of all.
import type { NodeId } from '../kernel/ids.ts';
import type { Cast } from './cast.ts';
import type { Deed, DrawLines } from './deed.ts';
import type { Lot } from './lot.ts';

/** Without logs the death of all leaves little to look at. */
const CRASH_WITHOUT_LOGS_SHARE = 0.2;

function killAll(cast: Cast, servers: readonly NodeId[]): string[] {
  return servers.map((id) => {
    cast.kill(id);
    return `killServer ${id}`;
  });
}

function joinAgain(cast: Cast, server: NodeId): string {
  cast.addServer(server);
  return `joinServer ${server}`;
}

/** Clients find somebody again. */
function reconnect(cast: Cast, lot: Lot): string[] {
  return cast.clients.flatMap((client) => {
    const server = cast.serversOf(client).length === 0 ? lot.tryPick(cast.servers) : undefined;
    if (server === undefined) return [];
    cast.connect(client, server);
    return [`createConnection ${client} ${server}`];
  });
}

/**
 * Every server dies, at once and in the midst of operations or one after the other; then all come
 * back under their ids, in any order.
 */
function crashAll(operate: DrawLines): DrawLines {
  return (cast, lot) => {
    if (!cast.hasLogs && !lot.happens(CRASH_WITHOUT_LOGS_SHARE)) return undefined;
    const operations = (most: number): string[] =>
      Array.from({ length: lot.between(0, most) }, () => operate(cast, lot) ?? []).flat();
    const servers = lot.shuffle(cast.servers);
    if (servers.length === 0) return undefined;
    const isAtOnce = lot.happens(0.6);
    const under = isAtOnce ? operations(3) : [];
    const kills = killAll(cast, servers);
    const down = lot.happens(0.3) ? [`sleep ${lot.pick([5, 300, 3000])}ms`] : operations(1);
    const joins = lot.shuffle(servers).flatMap((id) => {
      const line = joinAgain(cast, id);
      return [line, ...(lot.happens(0.3) ? reconnect(cast, lot) : []), ...operations(1)];
    });
    const crash = isAtOnce ? ['concurrently', ...under, ...kills, 'end'] : kills;
    return [...crash, ...down, ...joins, ...reconnect(cast, lot)];
  };
}

/** Two to four troubles, of which none is mended before the next, one by one or at once. */
function troubleInARow(troubles: readonly DrawLines[]): DrawLines {
  return (cast, lot) => {
    const length = lot.between(2, 4);
    const lines = Array.from({ length }, () => lot.pick(troubles)(cast, lot) ?? []).flat();
    return lot.happens(0.4) ? ['concurrently', ...lines, 'end'] : lines;
  };
}

/**
 * A server comes back while all others sleep, so its return has only begun; they wake, and one of
 * them dies at once, with operations beside it.
 */
function killBesideReturn(operate: DrawLines): DrawLines {
  return (cast, lot) => {
    const [returning, victim, ...others] = lot.shuffle(cast.servers);
    if (returning === undefined || victim === undefined) return undefined;
    const asleep = [victim, ...others];
    const pauses = asleep.filter((id) => cast.awake.includes(id)).map((id) => `pauseServer ${id}`);
    const lines = [...pauses, ...killAll(cast, [returning]), joinAgain(cast, returning)];
    const client = lot.tryPick(cast.clients);
    if (client !== undefined) {
      cast.connect(client, returning);
      lines.push(`createConnection ${client} ${returning}`);
    }
    const wakes = lot.shuffle(asleep).map((id) => {
      cast.setPaused(id, false);
      return `resumeServer ${id}`;
    });
    const operation = operate(cast, lot) ?? [];
    return [...lines, 'concurrently', ...wakes, ...operation, ...killAll(cast, [victim]), 'end'];
  };
}

/** A server that may have died of its disk joins again; one that lives is refused that. */
function bringBack(cast: Cast, lot: Lot): string[] | undefined {
  const server = cast.haveFailingDisks ? lot.tryPick(cast.servers) : undefined;
  if (server === undefined) return undefined;
  const clients = cast.clients.filter((client) => cast.serversOf(client).includes(server));
  cast.setPaused(server, false);
  return [`joinServer ${server}`, ...clients.map((id) => `createConnection ${id} ${server}`)];
}

/** `troubles` are what may come in a row; `operate` is what clients do meanwhile. */
export function createTroubles(
  operate: DrawLines,
  troubles: readonly DrawLines[],
): [name: string, deed: Deed][] {
  const outside = { mayOverlap: false } as const;
  return [
    ['crash of all', { draw: crashAll(operate), weight: 1, ...outside }],
    ['trouble in a row', { draw: troubleInARow(troubles), weight: 1.5, ...outside }],
    ['kill beside a return', { draw: killBesideReturn(operate), weight: 1, ...outside }],
    ['bring back', { draw: bringBack, weight: 4, ...outside }],
  ];
}
