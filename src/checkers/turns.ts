// Where a history of one key can be cut: at a turn, which is a write that overlaps no other
// operation and sets the value without reading it. Earlier unanswered writes stay, since they may
// take effect later.
import type { Recorded } from './history.ts';
import { isPending, isWrite } from './normalize.ts';

export function isOpen(operation: Recorded): boolean {
  return isPending(operation) && isWrite(operation);
}

/** Finds the turns, the last first. */
export function findTurns(operations: readonly Recorded[]): Recorded[] {
  const byBegin = [...operations].sort((a, b) => a.invokedAt - b.invokedAt);
  const turns: Recorded[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const [index, operation] of byBegin.entries()) {
    const { kind, outcome, invokedAt } = operation;
    const end = isOpen(operation) ? last : (operation.returnedAt ?? last);
    const next = byBegin[index + 1]?.invokedAt ?? Number.POSITIVE_INFINITY;
    const isBlind = outcome === 'ok' && (kind === 'put' || kind === 'delete');
    if (isBlind && last < invokedAt && end < next) turns.push(operation);
    last = Math.max(last, end);
  }
  return turns.reverse();
}

/**
 * The operations from a turn on, and for each value that is read there but not written there, its
 * last write before the turn.
 */
export function cutAt(operations: readonly Recorded[], turn: Recorded): readonly Recorded[] {
  const isLate = (operation: Recorded): boolean =>
    operation.invokedAt >= turn.invokedAt || isOpen(operation);
  const missing = new Set(operations.filter((one) => !isWrite(one) && isLate(one)).map(textOf));
  for (const one of operations) if (isWrite(one) && isLate(one)) missing.delete(textOf(one));
  const lastWrites = new Map<string | null, Recorded>();
  for (const one of operations) {
    if (isWrite(one) && !isLate(one) && missing.has(textOf(one))) lastWrites.set(textOf(one), one);
  }
  const kept = new Set(lastWrites.values());
  return operations.filter((one) => isLate(one) || kept.has(one));
}

function textOf({ kind, value }: Recorded): string | null {
  return kind === 'delete' ? null : value;
}
