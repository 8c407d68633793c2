// A configuration: which servers make the chain of each arc of the ring, under one number. Only the
// configuration service makes them; whoever knows a later one does nothing more for an earlier.
import * as v from 'valibot';
import { isLife, nodeIdSchema } from '../../kernel/control.ts';
import type { Life, NodeId } from '../../kernel/ids.ts';
import { countSchema } from '../../kernel/messages.ts';

const life = v.custom<readonly [id: NodeId, incarnation: number]>(
  (x) => Array.isArray(x) && x.length === 2 && isLife(x[0], x[1]),
  'not a life',
);

export const configurationSchema = v.strictObject({
  /** Counted from 1. */
  epoch: countSchema,
  /** The lives that are in some chain. */
  lives: v.array(life),
  /** One for each server of the ring, clockwise: the chain of the arc that ends at it. */
  chains: v.array(
    v.strictObject({
      owner: nodeIdSchema,
      /** Head first, tail last. Empty while nobody who holds the data is alive. */
      members: v.array(nodeIdSchema),
      /** Of an empty chain: who was in it last, and may bring it back with its disk. */
      holders: v.array(nodeIdSchema),
      /** A server behind the tail that is being brought up to date, or null. */
      joiner: v.nullable(nodeIdSchema),
    }),
  ),
});

export type Configuration = v.InferOutput<typeof configurationSchema>;
export type Chain = Configuration['chains'][number];

/** Whether this very life is in some chain. */
export function isInService({ lives }: Configuration, { id, incarnation }: Life): boolean {
  return lives.some(([liveId, lived]) => liveId === id && lived === incarnation);
}

/** The servers in the order in which writes travel. */
export function orderOf({ members, joiner }: Chain): NodeId[] {
  return joiner === null ? [...members] : [...members, joiner];
}

/** How many epochs a run may have: more than any has, so that runs never share a number. */
const EPOCHS_OF_A_RUN = 2 ** 20;

export function firstEpochOf(generation: number): number {
  return generation * EPOCHS_OF_A_RUN;
}

export function isOfLaterRun(epoch: number, than: number): boolean {
  return Math.floor(epoch / EPOCHS_OF_A_RUN) > Math.floor(than / EPOCHS_OF_A_RUN);
}
