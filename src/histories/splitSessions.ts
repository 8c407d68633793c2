// For formats in which a process ends after an operation of unknown outcome: the later operations
// of its session become a session of their own.
import type { History, Recorded } from '../checkers/history.ts';
import { groupBySession } from './eventOrder.ts';

/** Keeps real time, but loses the session order between the parts. */
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
