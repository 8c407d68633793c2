// The decisions of a primary about shards that move: what it has to give, what it may take, and
// what is not its group's any more. Pure.
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { slotsAnew, slotsFrom, slotsTo } from './configuration.ts';
import type { InstallEntry } from './entry.ts';
import { staleEpoch } from './errors.ts';
import type { GroupId } from './placement.ts';
import type { ShardedState } from './state.ts';

/** Shards that this group has to give in a move. */
export interface Giving {
  readonly move: number;
  readonly to: GroupId;
  readonly primary: NodeId | null;
  readonly slots: readonly number[];
}

/** What this primary has to give in the move of its configuration. */
export function givingsOf({ configuration, position }: ShardedState): Giving[] {
  if (configuration?.move == null || position?.isPrimary !== true) return [];
  const { id: move } = configuration.move;
  return Array.from(slotsFrom(configuration, position.log.group), ([to, slots]) => {
    const primary = configuration.groups.find(({ id }) => id === to)?.primary ?? null;
    return { move, to, primary, slots };
  });
}

/**
 * A part of the shards that another group gives: the entry to make of it, or undefined if the group
 * has all of that move already. Throws ERR_STALE_EPOCH if no such move is under way.
 */
export function takeGiven(
  state: ShardedState,
  part: Omit<InstallEntry, 'kind' | 'epoch'>,
): InstallEntry | undefined {
  const { configuration, position } = state;
  if (position?.isPrimary !== true || configuration?.move?.id !== part.move) {
    throw staleEpoch(`no move ${part.move}`);
  }
  if (state.isFull) throw new CallError('E_STORAGE');
  if (position.log.hasReceived(part.from, part.move)) return undefined;
  const due = new Set(slotsTo(configuration, position.log.group));
  const isDue = part.pieces.every(
    ({ slot }) => due.has(slot) && configuration.owners[slot] === part.from,
  );
  if (!isDue) throw new CallError('E_BAD_REQUEST', 'shards of another group');
  state.witnessAll(part.pieces);
  return { kind: 'install', epoch: position.epoch, ...part };
}

/**
 * The move of this primary's configuration, if slots begin anew in its group, and it has nothing of
 * them: its disk has the configuration, and everything that an earlier epoch has left is applied.
 */
export function openingOf({ configuration, position, isKept }: ShardedState): number | undefined {
  if (configuration?.move == null || position?.isPrimary !== true || !isKept) return undefined;
  const { log, isSettled } = position;
  const slots = slotsAnew(configuration, log.group);
  if (slots.length === 0 || !isSettled) return undefined;
  if (log.pending.some(({ kind }) => kind !== 'request')) return undefined;
  const isEmpty = slots.every((slot) => log.shards.shard(slot) === undefined);
  return isEmpty ? configuration.move.id : undefined;
}

/** The slots that a primary has data of, and that are not its group's any more. */
export function straysOf({ configuration, position }: ShardedState): number[] {
  if (configuration === undefined || position?.isPrimary !== true) return [];
  const { log } = position;
  if (log.pending.some(({ kind }) => kind !== 'request')) return [];
  const due = new Set(slotsTo(configuration, log.group));
  return log.shards.slots.filter(
    (slot) => configuration.owners[slot] !== log.group && !due.has(slot),
  );
}
