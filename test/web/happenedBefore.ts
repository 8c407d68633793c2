// Happened-before of a trace, slowly and obviously: the transitive closure of its direct causes.
import type { TraceEvent } from '../../src/kernel/trace.ts';

const STEPS = new Set(['start', 'crash', 'send', 'receive', 'note']);

/**
 * For each event that takes a step of a clock, in the order of the trace: the numbers of those that
 * come after it.
 */
export function happenedBefore(events: readonly TraceEvent[]): ReadonlySet<number>[] {
  const steps = events.filter(({ event }) => STEPS.has(event));
  const after = steps.map(() => new Set<number>());
  for (const [number, event] of steps.entries()) {
    for (const [later, other] of steps.entries()) {
      const isSameLife = event.node === other.node && event.incarnation === other.incarnation;
      const isArrival =
        event.event === 'send' && other.event === 'receive' && event.message === other.message;
      if ((isSameLife && later > number) || isArrival) after[number]?.add(later);
    }
  }
  // Effects come later in a trace, so the last event's successors are complete first.
  for (const successors of after.toReversed()) {
    for (const next of [...successors]) {
      for (const further of after[next] ?? []) successors.add(further);
    }
  }
  return after;
}
