// A configuration: the groups with their servers, and the owner of each slot, under one number.
// Only the shard master creates configurations. A server that knows a later one does nothing more
// by an earlier one.
import * as v from 'valibot';
import { lifeSchema, nodeIdSchema } from '../../kernel/control.ts';
import type { Life, NodeId } from '../../kernel/ids.ts';
import { countSchema } from '../../kernel/messages.ts';
import type { GroupId } from './placement.ts';

type LifeTuple = readonly [id: NodeId, incarnation: number];

const owners = v.array(v.nullable(countSchema));

const groupSchema = v.strictObject({
  id: countSchema,
  /** The number of the configuration in which its primary was appointed, or was lost. */
  epoch: countSchema,
  /** Null while none is appointed. */
  primary: v.nullable(nodeIdSchema),
  /** The lives that have all that the group has acknowledged; the primary among them. */
  serving: v.array(lifeSchema),
  /** The lives that the primary brings up to date. */
  joiners: v.array(lifeSchema),
  /** All servers that have a place in the group, in the order of joining; dead ones too. */
  members: v.array(nodeIdSchema),
  /** While none serves: the last that did. Any of them may serve again with its disk. */
  holders: v.array(nodeIdSchema),
});

export const configurationSchema = v.strictObject({
  /** Counted from 1. */
  number: countSchema,
  /** How keys are divided; fixed by the first run on the same data. */
  partition: v.strictObject({
    kind: v.picklist(['hash', 'range']),
    slots: v.pipe(countSchema, v.minValue(1)),
  }),
  /** In the order of their creation. */
  groups: v.array(groupSchema),
  /** By slot. */
  owners,
  /**
   * A move of slots that is under way: the number of the configuration in which it began, and the
   * owners that slots are to have. A slot whose owner changes is frozen: the owner answers no
   * request for it.
   */
  move: v.nullable(v.strictObject({ id: countSchema, owners })),
});

export type Configuration = v.InferOutput<typeof configurationSchema>;
export type Group = Configuration['groups'][number];
export type Move = NonNullable<Configuration['move']>;

function isSame([id, incarnation]: LifeTuple, life: Life): boolean {
  return id === life.id && incarnation === life.incarnation;
}

export function isServing({ serving }: Group, life: Life): boolean {
  return serving.some((one) => isSame(one, life));
}

/** The group that this life serves in, or is brought up to date for. */
export function groupOfLife({ groups }: Configuration, life: Life): Group | undefined {
  return groups.find(
    (group) => isServing(group, life) || group.joiners.some((one) => isSame(one, life)),
  );
}

export function groupOf({ groups }: Configuration, id: GroupId): Group | undefined {
  return groups.find((group) => group.id === id);
}

/** The owner of a slot; undefined while there is none. */
export function ownerOf(configuration: Configuration, slot: number): Group | undefined {
  const owner = configuration.owners[slot] ?? null;
  return owner === null ? undefined : groupOf(configuration, owner);
}

/** The servers that serve in the group, the primary first if there is one. */
export function serversOf({ serving, primary }: Group): NodeId[] {
  const ids = serving.map(([id]) => id);
  return primary === null ? ids : [primary, ...ids.filter((id) => id !== primary)];
}

/** Whether a move is under way that takes the slot from its owner. */
export function isFrozen({ owners, move }: Configuration, slot: number): boolean {
  return move !== null && move.owners[slot] !== owners[slot];
}

/** The slots that a group gives away in the move, by their new owner. */
export function slotsFrom({ owners, move }: Configuration, from: GroupId): Map<GroupId, number[]> {
  const slots = new Map<GroupId, number[]>();
  for (const [slot, owner] of owners.entries()) {
    const next = move?.owners[slot] ?? null;
    if (owner !== from || next === null || next === owner) continue;
    slots.set(next, [...(slots.get(next) ?? []), slot]);
  }
  return slots;
}

/** The slots that a group gets from other groups in the move. */
export function slotsTo(configuration: Configuration, to: GroupId): number[] {
  return slotsGot(configuration, to).filter((slot) => configuration.owners[slot] !== null);
}

/** The slots without an owner that a group gets in the move: they begin anew there. */
export function slotsAnew(configuration: Configuration, to: GroupId): number[] {
  return slotsGot(configuration, to).filter((slot) => configuration.owners[slot] === null);
}

function slotsGot({ owners, move }: Configuration, to: GroupId): number[] {
  const next = move?.owners ?? owners;
  return next.flatMap((owner, slot) => (owner === to && owners[slot] !== to ? [slot] : []));
}

/** The numbers reserved for one run: more than a run needs, so that no two runs share one. */
const NUMBERS_OF_A_RUN = 2 ** 20;

export function firstNumberOf(generation: number): number {
  return generation * NUMBERS_OF_A_RUN;
}
