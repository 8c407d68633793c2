// A configuration: the chain of servers of each arc of the ring, under one number, the epoch. Only
// the configuration service creates configurations. A server that knows a later configuration does
// nothing more in an earlier one.
import * as v from 'valibot';
import { lifeSchema, nodeIdSchema } from '../../kernel/control.ts';
import type { Life, NodeId } from '../../kernel/ids.ts';
import { countSchema } from '../../kernel/messages.ts';

export const configurationSchema = v.strictObject({
  /** Counted from 1. */
  epoch: countSchema,
  /** The lives that are in some chain. */
  lives: v.array(lifeSchema),
  /** One for each server of the ring, clockwise: the chain of the arc that ends at its token. */
  chains: v.array(
    v.strictObject({
      owner: nodeIdSchema,
      /** Head first, tail last. Empty while no server that has the data is alive. */
      members: v.array(nodeIdSchema),
      /** Of an empty chain: its last members. Any of them may serve again with its disk. */
      holders: v.array(nodeIdSchema),
      /** The server after the tail that is being brought up to date, or null. */
      joiner: v.nullable(nodeIdSchema),
    }),
  ),
});

export type Configuration = v.InferOutput<typeof configurationSchema>;
export type Chain = Configuration['chains'][number];

/** Whether this life is in some chain. */
export function isInService({ lives }: Configuration, { id, incarnation }: Life): boolean {
  return lives.some(([liveId, lived]) => liveId === id && lived === incarnation);
}

/** The servers in the order in which writes travel. */
export function orderOf({ members, joiner }: Chain): NodeId[] {
  return joiner === null ? [...members] : [...members, joiner];
}

/** The epochs reserved for one run: more than a run needs, so that no two runs share an epoch. */
const EPOCHS_OF_A_RUN = 2 ** 20;

export function firstEpochOf(generation: number): number {
  return generation * EPOCHS_OF_A_RUN;
}

export function isOfLaterRun(epoch: number, than: number): boolean {
  return Math.floor(epoch / EPOCHS_OF_A_RUN) > Math.floor(than / EPOCHS_OF_A_RUN);
}
