// Causal contexts as sets, for verdicts. This shares no code with the protocols that it judges.
//
// Each write of a key has a span of its own, (after, timestamp] of the life that gave it its
// version, and a context is a union of such spans. So both ends of every piece of a difference are
// the timestamps of writes.
import type { ContextTuples, VersionTuple } from '../kernel/history.ts';

type Span = ContextTuples[number];

/** Whether the context has the write. */
export function covers(context: ContextTuples, [timestamp, id, life]: VersionTuple): boolean {
  return context.some((span) => {
    return span[0] === id && span[1] === life && span[2] < timestamp && timestamp <= span[3];
  });
}

/** A set that has this write alone; not its canonical span, which the version does not tell. */
export function singleton([timestamp, id, life]: VersionTuple): ContextTuples {
  return [[id, life, timestamp - 1, timestamp]];
}

export function unite(a: ContextTuples, b: ContextTuples): ContextTuples {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const united: Span[] = [];
  for (const span of [...a, ...b].sort((x, y) => x[0] - y[0] || x[1] - y[1] || x[2] - y[2])) {
    const last = united.at(-1);
    if (last === undefined || !isOneLife(last, span) || last[3] < span[2]) united.push(span);
    else if (last[3] < span[3]) united[united.length - 1] = [last[0], last[1], last[2], span[3]];
  }
  return united;
}

/** The writes of `a` that `b` lacks. */
export function without(a: ContextTuples, b: ContextTuples): ContextTuples {
  return a.flatMap((span) => {
    const left: Span[] = [];
    let from = span[2];
    for (const other of b) {
      if (!isOneLife(span, other) || other[3] <= from || other[2] >= span[3]) continue;
      if (from < other[2]) left.push([span[0], span[1], from, other[2]]);
      from = other[3];
    }
    if (from < span[3]) left.push([span[0], span[1], from, span[3]]);
    return left;
  });
}

function isOneLife(a: Span, b: Span): boolean {
  return a[0] === b[0] && a[1] === b[1];
}
