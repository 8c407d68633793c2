// The ring of a run: its members and how keys are placed on them, under one number. The
// configuration service fixes it, and it never changes.
import * as v from 'valibot';
import { isLife } from '../../kernel/control.ts';
import { CallError } from '../../kernel/errors.ts';
import type { Life, NodeId } from '../../kernel/ids.ts';
import { countSchema } from '../../kernel/messages.ts';
import { HashPlacement, type Placement, RangePlacement } from '../../replication/placement.ts';
import type { OwnedToken } from '../../replication/ring.ts';
import { isKeyOf, ORDERED_KEYS, type Settings } from './options.ts';

const life = v.custom<readonly [id: NodeId, incarnation: number]>(
  (x) => Array.isArray(x) && x.length === 2 && isLife(x[0], x[1]),
  'not a life',
);

export const ringSchema = v.strictObject({
  /** Counted from 1. No two rings of one data folder share a number. */
  number: countSchema,
  partitioner: v.picklist(['hash', 'byteOrdered']),
  n: countSchema,
  vnodes: countSchema,
  /** The lives of the members when the ring was fixed, by ascending id. */
  members: v.array(life),
});

/** A ring as the service sends it and a log keeps it. */
export type RingSpec = v.InferOutput<typeof ringSchema>;

/** The settings that belong to the ring. */
export type RingSettings = Pick<Settings, 'partitioner' | 'n' | 'vnodes'>;

export class QuorumRing {
  readonly spec: RingSpec;
  readonly #placement: Placement;

  constructor(spec: RingSpec) {
    this.spec = spec;
    const ids = spec.members.map(([id]) => id);
    this.#placement =
      spec.partitioner === 'hash'
        ? new HashPlacement(ids, spec.vnodes)
        : new RangePlacement(ids, ORDERED_KEYS);
  }

  get number(): number {
    return this.spec.number;
  }

  get n(): number {
    return this.spec.n;
  }

  /** By ascending id. */
  get members(): readonly NodeId[] {
    return this.#placement.members;
  }

  get tokens(): readonly OwnedToken[] {
    return this.#placement instanceof HashPlacement ? this.#placement.ring.tokens : [];
  }

  /** All members in the order in which they are preferred. Throws E_BAD_REQUEST for no key. */
  preferenceOf(key: string): readonly NodeId[] {
    if (!isKeyOf(this.spec.partitioner, key)) throw new CallError('E_BAD_REQUEST', `key ${key}`);
    return this.#placement.preferenceOf(key);
  }

  /** The preference list proper: the first N. All members if there are fewer. */
  replicasOf(key: string): readonly NodeId[] {
    return this.preferenceOf(key).slice(0, this.n);
  }

  /** The other members that share some key with this one, by ascending id. */
  neighboursOf(id: NodeId): NodeId[] {
    const lists = Array.from(this.#placement.lists(), (list) => list.slice(0, this.n));
    const shared = lists.filter((list) => list.includes(id)).flat();
    return [...new Set(shared)].filter((other) => other !== id).sort((a, b) => a - b);
  }

  isMember(id: NodeId): boolean {
    return this.members.includes(id);
  }

  /** Whether that life was a member when the ring was fixed, so that it has missed nothing. */
  isFounder({ id, incarnation }: Life): boolean {
    return this.spec.members.some(([member, life]) => member === id && life === incarnation);
  }
}
