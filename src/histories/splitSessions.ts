// Makes a history fit for formats in which a process ends with an operation whose outcome is
// unknown: whatever its session did later is done by a session of its own.
import type { History, Recorded } from '../checkers/history.ts';
import { groupBySession } from './eventOrder.ts';

/** What it keeps is real time; what is lost is that a session's later operations were its own. */
export function splitSessions(history: History): History {
  const lives = new Map<number, number>();
  const moved = new Map<Recorded, Recorded>();
  for (const session of groupBySession(history.operations)) {
    const { session: client } = session[0] as Recorded;
    let life = (lives.get(client) ?? 0) + 1;
    for (const [place, operation] of session.entries()) {
      if (session[place - 1]?.outcome === 'unknown') life += 1;
      moved.set(operation, { ...operation, incarnation: life });
    }
    lives.set(client, life);
  }
  const operations = history.operations.map((operation) => moved.get(operation) as Recorded);
  return { ...history, operations };
}
