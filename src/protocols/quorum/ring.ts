// The ring of a run: its members and how keys are placed on them, under one number. The
// configuration service fixes it. A ring by hash can grow by one server at a time, in three steps
// that each have a number of their own:
//
//   1 the newcomer copies   writes count in the old lists and in the new ones, reads in the old
//   2 it has copied         writes count in both, reads in the new lists
//   3 it is a member        writes and reads count in the new lists
//
// Replicas refuse requests of another number, and a step begins only after all replicas of the
// newcomer's ranges have taken over the one before. So never do reads of one step miss writes of
// another: the lists of two steps that follow each other overlap, and no others are in use.
import * as v from 'valibot';
import { lifeSchema, nodeIdSchema } from '../../kernel/control.ts';
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
  members: v.array(lifeSchema),
  /** A server that becomes a member. */
  newcomer: v.exactOptional(v.strictObject({ life: lifeSchema, hasCopied: v.boolean() })),
});

/** A ring as the service sends it and a log keeps it. */
export type RingSpec = v.InferOutput<typeof ringSchema>;

/** The settings that belong to the ring. */
export type RingSettings = Pick<Settings, 'partitioner' | 'n' | 'vnodes' | 'tokens' | 'versions'>;

/** The lists of two placements by hash, while one server more becomes a member. */
interface Growth {
  readonly newcomer: NodeId;
  readonly before: HashPlacement;
  readonly after: HashPlacement;
}

export class QuorumRing {
  readonly spec: RingSpec;
  /** Reads count in its lists. */
  readonly #placement: Placement;
  readonly #growth: Growth | undefined;
  /** All members, if each of them holds every key. Then no key has to be placed by its hash. */
  readonly #everyone: readonly NodeId[] | undefined;
  /** By preference list, which is one object for all keys of an arc. */
  readonly #holdersByList = new Map<readonly NodeId[], readonly NodeId[]>();

  constructor(spec: RingSpec) {
    this.spec = spec;
    this.#growth = growthOf(spec);
    const { before, after } = this.#growth ?? {};
    this.#placement = (spec.newcomer?.hasCopied ? after : before) ?? placementOf(spec);
    const { members } = after ?? this.#placement;
    if (canGrow(spec) && members.length <= spec.n) this.#everyone = members;
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

  /** The lists in each of which a write has to reach its level. */
  writeListsOf(key: string): readonly (readonly NodeId[])[] {
    if (this.#growth === undefined) return [this.replicasOf(key)];
    const { before, after } = this.#growth;
    const lists = [before, after].map((placement) => placement.preferenceOf(key).slice(0, this.n));
    return lists[1]?.includes(this.#growth.newcomer) ? lists : lists.slice(0, 1);
  }

  /** All servers that writes of the key go to. One object for all keys of an arc. */
  holdersOf(key: string): readonly NodeId[] {
    if (this.#everyone !== undefined) return this.#everyone;
    const list = this.#growth?.after.preferenceOf(key) ?? this.preferenceOf(key);
    let holders = this.#holdersByList.get(list);
    if (holders === undefined) {
      holders = [...new Set(this.writeListsOf(key).flat())];
      this.#holdersByList.set(list, holders);
    }
    return holders;
  }

  /** The others that hold some key that this server holds, too, by ascending id. */
  neighboursOf(id: NodeId): NodeId[] {
    const shared = [...this.#holders()].filter((holders) => holders.includes(id)).flat();
    return [...new Set(shared)].filter((other) => other !== id).sort((a, b) => a - b);
  }

  /** For each range of keys: all servers that writes go to. */
  *#holders(): Generator<readonly NodeId[]> {
    const { before, after } = this.#growth ?? {};
    if (before === undefined || after === undefined) {
      for (const list of this.#placement.lists()) yield list.slice(0, this.n);
      return;
    }
    // The new placement has all tokens of the old one, so both lists are the same up to each.
    for (const { token } of after.tokens) {
      const lists = [before, after].map((one) => one.preferenceAt(token).slice(0, this.n));
      yield lists.flat();
    }
  }

  /** The server that becomes a member. */
  get newcomer(): NodeId | undefined {
    return this.#growth?.newcomer;
  }

  /** Whether that server is the newcomer, and counts for nothing because it has not copied. */
  isCopying(id: NodeId): boolean {
    return id === this.newcomer && this.spec.newcomer?.hasCopied === false;
  }

  /** Whether a server has data: a member, or the newcomer. */
  isMember(id: NodeId): boolean {
    return this.members.includes(id) || id === this.newcomer;
  }

  /** Whether that life was a member when the ring was fixed, so that it has missed nothing. */
  isFounder({ id, incarnation }: Life): boolean {
    return this.spec.members.some(([member, life]) => member === id && life === incarnation);
  }
}

function growthOf(spec: RingSpec): Growth | undefined {
  if (spec.newcomer === undefined) return undefined;
  const ids = spec.members.map(([id]) => id);
  const [newcomer] = spec.newcomer.life;
  const before = new HashPlacement(ids, spec.vnodes);
  return { newcomer, before, after: new HashPlacement([...ids, newcomer], spec.vnodes) };
}

/** Whether other servers can become members. */
export function canGrow({ partitioner }: RingSpec): boolean {
  return partitioner === 'hash';
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
