// The events of a trace that take a step of their node's Lamport clock.
import type { TraceEvent } from '../../src/kernel/trace.ts';

const SEEN_FROM_ABOVE: ReadonlySet<TraceEvent['event']> = new Set([
  ...(['drop', 'link', 'cut', 'mute', 'pause', 'resume'] as const),
]);

export function takesStep({ event }: TraceEvent): boolean {
  return !SEEN_FROM_ABOVE.has(event);
}
