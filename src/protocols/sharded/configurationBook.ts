// For the invariants: every configuration that a node has had (S1).
import { assert } from '../../kernel/errors.ts';
import type { Life } from '../../kernel/ids.ts';
import { type Configuration, isServing, ownerOf } from './configuration.ts';
import type { GroupId } from './placement.ts';

export class ConfigurationBook {
  /** The greatest number. */
  newest = 0;
  readonly #textByNumber = new Map<number, string>();
  readonly #byNumber = new Map<number, Configuration>();
  readonly #byMove = new Map<number, Configuration>();
  /** By number and slot: the primary that has accepted requests. */
  readonly #acceptors = new Map<string, Life>();

  /**
   * Gives the configuration before it, from which its changes are to be checked; undefined if it is
   * known or the first, or if a later one is known: that one had these changes too.
   */
  learn(configuration: Configuration): Configuration | undefined {
    const { number, move } = configuration;
    const text = JSON.stringify(configuration);
    const known = this.#textByNumber.get(number);
    const isSame = known === undefined || known === text;
    assert(isSame, () => `S1: two configurations have number ${number}`);
    if (known !== undefined) return undefined;
    const before = this.#before(number);
    this.#textByNumber.set(number, text);
    this.#byNumber.set(number, configuration);
    const isLate = number < this.newest;
    this.newest = Math.max(this.newest, number);
    if (move !== null && !this.#byMove.has(move.id)) {
      this.#byMove.set(move.id, configuration);
      checkMoved(configuration, move.owners);
    }
    return isLate ? undefined : before;
  }

  /** A configuration of that move. */
  moveOf(id: number): Configuration | undefined {
    return this.#byMove.get(id);
  }

  /** Whether a node knows that the move has ended. */
  isOver(id: number): boolean {
    const known = [...this.#byNumber.values()];
    return known.some(({ number, move }) => number > id && move?.id !== id);
  }

  /** A primary has accepted a request for the slot, by that configuration. */
  checkAcceptor(configuration: Configuration, slot: number, life: Life): void {
    const { number } = configuration;
    checkAnswers(configuration, slot, life);
    const isPrimary = ownerOf(configuration, slot)?.primary === life.id;
    assert(isPrimary, () => `S1: server ${life.id} accepts for slot ${slot}, and is no primary`);
    const name = `${number} ${slot}`;
    const known = this.#acceptors.get(name);
    const isSame = known === undefined || known.id === life.id;
    assert(isSame, () => `S1: servers ${known?.id} and ${life.id} accept for slot ${slot}`);
    this.#acceptors.set(name, life);
  }

  #before(number: number): Configuration | undefined {
    let before: Configuration | undefined;
    for (const [other, configuration] of this.#byNumber) {
      if (other < number && other > (before?.number ?? 0)) before = configuration;
    }
    return before;
  }
}

/** S1: a server answers for a slot that its group owns, where it serves, and that does not move. */
export function checkAnswers(configuration: Configuration, slot: number, life: Life): void {
  const { number, owners, move } = configuration;
  const owner = ownerOf(configuration, slot);
  const isOwner = owner !== undefined && isServing(owner, life);
  const why = (): string => `server ${life.id} answers for slot ${slot} in configuration ${number}`;
  assert(isOwner, () => `S1: ${why()}, and does not serve in the group that owns it`);
  const isMoving = move !== null && move.owners[slot] !== owners[slot];
  assert(!isMoving, () => `S1: ${why()}, in which the slot moves`);
}

/** A change moves no more slots than one group has of an equal share. */
function checkMoved(
  { partition: { kind, slots }, groups, owners }: Configuration,
  next: readonly (GroupId | null)[],
): void {
  if (kind !== 'hash') return;
  const moved = owners.filter((owner, slot) => owner !== null && owner !== next[slot]).length;
  const most = Math.ceil(slots / groups.length);
  assert(moved <= most, () => `S1: ${moved} slots move to another group, and ${most} would do`);
}
