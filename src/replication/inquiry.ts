// What the configuration service looks into: servers that are suspected, and servers that wait to
// be taken in. Pure: the shell asks servers whom they reach, and says what they answered.
import type { NodeId } from '../kernel/ids.ts';
import { findCutOff } from './reachability.ts';

/** Who is in the current configuration; each protocol decides itself who is where in it. */
export interface Roster {
  readonly epoch: number;
  /** The servers that live as far as is known. */
  readonly live: readonly NodeId[];
  /** Those that are in the configuration, the joiner apart. */
  readonly serving: readonly NodeId[];
  readonly joiner: NodeId | undefined;
  /** Leaves living servers out, wherever that is safe. */
  leaveOut(ids: readonly NodeId[]): unknown;
  /** Begins to take in a server. False, with nothing changed, where that cannot be done now. */
  beginJoin(id: NodeId): boolean;
}

/** Which servers each of them reached; undefined for one that did not answer. */
export type ReachAnswers = ReadonlyMap<NodeId, readonly NodeId[] | undefined>;

export class Inquiry {
  readonly #suspects = new Set<NodeId>();
  /** Servers that wait to be taken in. */
  readonly #waiting = new Set<NodeId>();

  suspect(id: NodeId): void {
    this.#suspects.add(id);
  }

  wait(id: NodeId): void {
    this.#waiting.add(id);
  }

  get hasSuspects(): boolean {
    return this.#suspects.size > 0;
  }

  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Those who wait now. */
  get waiting(): NodeId[] {
    return [...this.#waiting];
  }

  /** Takes the suspects, and says which servers are to be asked about each other. */
  takeSuspects({ serving, joiner }: Roster): { suspects: NodeId[]; asked: readonly NodeId[] } {
    const suspects = [...this.#suspects];
    this.#suspects.clear();
    const asked = joiner === undefined ? serving : [...new Set([...serving, joiner])];
    return { suspects, asked };
  }

  /**
   * The servers to be left out by the answers. Those that were given in an epoch that is over say
   * nothing: who is still suspected, and serves, is looked into again.
   */
  judge(
    roster: Roster,
    epoch: number,
    suspects: readonly NodeId[],
    answers: ReachAnswers,
  ): NodeId[] {
    if (roster.epoch === epoch) return findCutOff(answers, suspects);
    for (const id of suspects) if (roster.serving.includes(id)) this.#suspects.add(id);
    return [];
  }

  /** Takes one of those who wait, and says which servers it has to reach. */
  takeWaiting(id: NodeId, { serving }: Roster): NodeId[] {
    this.#waiting.delete(id);
    return serving.filter((server) => server !== id);
  }

  /**
   * What becomes of a server that waits, by its answer: `again` where the epoch is over since,
   * `join` where it reaches all others, else `later`, when it asks again.
   */
  judgeWaiting(
    roster: Roster,
    epoch: number,
    id: NodeId,
    others: readonly NodeId[],
    reached: readonly NodeId[] | undefined,
  ): 'again' | 'join' | 'later' {
    if (roster.epoch === epoch) {
      return others.every((server) => reached?.includes(server)) ? 'join' : 'later';
    }
    this.#waiting.add(id);
    return 'again';
  }
}
