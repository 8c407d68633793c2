// The inquiries of the configuration service: about suspected servers, and about servers that wait
// to join. Pure: the shell asks servers which others they reach, and passes their answers.
import type { NodeId } from '../kernel/ids.ts';
import { findCutOff } from './reachability.ts';

/** The servers of the current configuration. Each protocol decides their positions itself. */
export interface Roster {
  readonly epoch: number;
  /** The servers that are known to live. */
  readonly live: readonly NodeId[];
  /** The servers in the configuration, without the joiner. */
  readonly serving: readonly NodeId[];
  readonly joiner: NodeId | undefined;
  /** Removes living servers wherever that is safe. */
  leaveOut(ids: readonly NodeId[]): unknown;
  /** Makes a server the joiner. False, with nothing changed, if it cannot join now. */
  beginJoin(id: NodeId): boolean;
}

/** By server: which others it reached; undefined if it did not answer. */
export type ReachAnswers = ReadonlyMap<NodeId, readonly NodeId[] | undefined>;

export class Inquiry {
  readonly #suspects = new Set<NodeId>();
  /** Servers that wait to join. */
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

  /** The servers that wait to join now. */
  get waiting(): NodeId[] {
    return [...this.#waiting];
  }

  /** Takes the suspects. Gives also the servers that are to be asked about each other. */
  takeSuspects({ serving, joiner }: Roster): { suspects: NodeId[]; asked: readonly NodeId[] } {
    const suspects = [...this.#suspects];
    this.#suspects.clear();
    const asked = joiner === undefined ? serving : [...new Set([...serving, joiner])];
    return { suspects, asked };
  }

  /**
   * The servers to be removed, by the answers. Answers from an earlier epoch decide nothing: the
   * suspects that still serve become suspects again.
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

  /** Takes one of the waiting servers. Gives the servers that it has to reach. */
  takeWaiting(id: NodeId, { serving }: Roster): NodeId[] {
    this.#waiting.delete(id);
    return serving.filter((server) => server !== id);
  }

  /**
   * The decision on a waiting server, by its answer: `again` if the epoch has ended meanwhile,
   * `join` if it reaches all others, else `later`: it will ask again.
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
