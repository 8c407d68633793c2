// Happened-before (Lamport, CACM 1978), of the events of a trace: within a life in program order,
// and from a message's send to its receipt or loss. External events take no part in program order.
import { KIND, type Model, NONE } from './model.ts';

export const RELATION = { concurrent: 0, past: 1, future: 2, self: 3 } as const;

/** For each event its `RELATION` to one of them. */
export function relateTo(model: Model, focus: number): Uint8Array {
  const relation = new Uint8Array(model.events.length);
  if (focus < 0 || focus >= relation.length) return relation;
  markFuture(model, focus, relation);
  markPast(model, focus, relation);
  relation[focus] = RELATION.self;
  return relation;
}

function markFuture(model: Model, focus: number, relation: Uint8Array): void {
  const { next, arrival, kind } = model;
  const waiting = [focus];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    const reach = (other: number): void => {
      if (other === NONE || relation[other] === RELATION.future) return;
      relation[other] = RELATION.future;
      waiting.push(other);
    };
    reach(next[index] as number);
    if (kind[index] !== KIND.send) continue;
    for (let to = arrival[index] as number; to !== NONE; to = arrival[to] as number) reach(to);
  }
}

function markPast(model: Model, focus: number, relation: Uint8Array): void {
  const { previous, sendOf } = model;
  const waiting = [focus];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    for (const other of [previous[index] as number, sendOf[index] as number]) {
      if (other === NONE || relation[other] === RELATION.past) continue;
      relation[other] = RELATION.past;
      waiting.push(other);
    }
  }
}

export function countRelated(relation: Uint8Array) {
  const counts = [0, 0, 0, 0];
  for (const own of relation) counts[own] = (counts[own] ?? 0) + 1;
  const [concurrent = 0, past = 0, future = 0] = counts;
  return { concurrent, past, future };
}
