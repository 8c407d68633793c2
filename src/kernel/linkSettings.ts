// What a script sets for the messages of links, for each direction on its own. Both worlds keep
// these settings, by the ids of the two nodes.
import type { NodeId } from './ids.ts';

/** The delay of a message, in milliseconds; one below 0 counts as 0. */
export type Delay =
  | { readonly kind: 'uniform'; readonly leastMs: number; readonly mostMs: number }
  | { readonly kind: 'normal'; readonly meanMs: number; readonly deviationMs: number };

/** What is absent is as the world has it. */
export interface LinkSetting {
  readonly delay?: Delay;
  /** The probability that a message is lost. */
  readonly loss?: number;
  /** The probability that a message arrives twice. */
  readonly duplication?: number;
  /** Whether messages arrive in the order of sending. */
  readonly isOrdered?: boolean;
}

/** Messages from one node to another one, or all messages between nodes. */
export type Direction = readonly [from: NodeId, to: NodeId] | 'all';

export interface LinkChange {
  readonly direction: Direction;
  /** Changes what it has, and leaves the rest; null undoes all earlier changes. */
  readonly setting: LinkSetting | null;
}

/**
 * A setting belongs to a pair of ids: it outlives cuts of the link and lives of the nodes. That of
 * all links also holds for links that are made later.
 */
export class LinkSettings {
  #all: LinkSetting | undefined;
  /** Each includes what is set for all links. */
  readonly #ownByDirection = new Map<string, LinkSetting>();

  /**
   * The latest change of a field counts. A direction whose own changes are undone is as all links
   * are.
   */
  change({ direction, setting }: LinkChange): void {
    if (direction === 'all') this.#changeAll(setting);
    else if (setting === null) this.#ownByDirection.delete(nameOf(...direction));
    else {
      const former = this.#ownByDirection.get(nameOf(...direction)) ?? this.#all;
      this.#ownByDirection.set(nameOf(...direction), { ...former, ...setting });
    }
  }

  /** Undefined if nothing is set for these messages. */
  of(from: NodeId, to: NodeId): LinkSetting | undefined {
    if (this.#ownByDirection.size === 0) return this.#all;
    return this.#ownByDirection.get(nameOf(from, to)) ?? this.#all;
  }

  #changeAll(setting: LinkSetting | null): void {
    if (setting === null) {
      this.#all = undefined;
      this.#ownByDirection.clear();
      return;
    }
    this.#all = { ...this.#all, ...setting };
    for (const [direction, own] of this.#ownByDirection) {
      this.#ownByDirection.set(direction, { ...own, ...setting });
    }
  }
}

function nameOf(from: NodeId, to: NodeId): string {
  return `${from} ${to}`;
}
