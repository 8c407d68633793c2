// The ring of a run: its members and how keys are placed on them, under one number. The
// configuration service fixes it, and it never changes.
import * as v from 'valibot';
import { isLife, nodeIdSchema } from '../../kernel/control.ts';
import { CallError } from '../../kernel/errors.ts';
import type { Life, NodeId } from '../../kernel/ids.ts';
import { countSchema } from '../../kernel/messages.ts';
import {
  HashPlacement,
  type Placement,
  RangePlacement,
  TokenPlacement,
} from '../../replication/placement.ts';
import type { OwnedToken } from '../../replication/ring.ts';
import { isKeyBelow, keysOf, ORDERED_KEYS } from './keys.ts';
import type { Settings } from './options.ts';

const life = v.custom<readonly [id: NodeId, incarnation: number]>(
  (x) => Array.isArray(x) && x.length === 2 && isLife(x[0], x[1]),
  'not a life',
);

export const ringSchema = v.strictObject({
  /** Counted from 1. No two rings of one data folder share a number. */
  number: countSchema,
  partitioner: v.picklist(['hash', 'tokens', 'byteOrdered']),
  n: countSchema,
  vnodes: countSchema,
  versions: v.picklist(['lww', 'vector']),
  /** With partitioner=tokens: how many keys a token has, and who owns each token. */
  tokens: v.exactOptional(
    v.strictObject({ q: v.pipe(countSchema, v.minValue(1)), owners: v.array(nodeIdSchema) }),
  ),
  /**
   * The lives of the members when the ring was fixed, by ascending id; life 0 of a member that had
   * not joined.
   */
  members: v.array(life),
});

/** A ring as the service sends it and a log keeps it. */
export type RingSpec = v.InferOutput<typeof ringSchema>;

/** The settings that belong to the ring. */
export type RingSettings = Pick<Settings, 'partitioner' | 'n' | 'vnodes' | 'tokens' | 'versions'>;

export class QuorumRing {
  readonly spec: RingSpec;
  readonly #placement: Placement;

  constructor(spec: RingSpec) {
    this.spec = spec;
    this.#placement = placementOf(spec);
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
    return this.#placement.tokens;
  }

  /** All members in the order in which they are preferred. Throws E_BAD_REQUEST for no key. */
  preferenceOf(key: string): readonly NodeId[] {
    if (!isKeyBelow(keysOf(this.spec), key)) throw new CallError('E_BAD_REQUEST', `key ${key}`);
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

function placementOf({ partitioner, vnodes, tokens, members }: RingSpec): Placement {
  const ids = members.map(([id]) => id);
  if (partitioner === 'hash') return new HashPlacement(ids, vnodes);
  if (partitioner === 'byteOrdered') return new RangePlacement(ids, ORDERED_KEYS);
  return new TokenPlacement(tokens?.owners ?? [], tokens?.q ?? 1);
}

/** The settings of a ring as the options have them, to be shown. */
export function describeRing({ partitioner, n, vnodes, versions, tokens }: RingSettings): string {
  const rest = tokens && `q=${tokens.q} owners=${tokens.owners.join(',')}`;
  return `partitioner=${partitioner} n=${n} ${rest ?? `vnodes=${vnodes}`} versions=${versions}`;
}
