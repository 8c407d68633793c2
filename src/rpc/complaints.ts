// What a node says on stderr of messages that its protocol's table does not allow. Between nodes of
// one protocol that is a mistake in its code, which the caller's outcome alone does not show.
import type { UnfitMessage } from '../kernel/errors.ts';
import { nameOfNode, type Peer } from '../kernel/ids.ts';

/** A peer may be anything: so many are told, then no more. */
const MOST = 20;

/** Each complaint is told once for each method. */
export class Complaints {
  readonly #told = new Set<string>();
  readonly #own: string;
  readonly #say: (text: string) => void;

  constructor(own: Peer, say: (text: string) => void) {
    this.#own = nameOfNode(own);
    this.#say = say;
  }

  /** This node has refused a peer's request. */
  ofRequest(peer: Peer, method: string, { message }: UnfitMessage): void {
    const text = `${this.#own} refused '${method}' of ${nameOfNode(peer)}: ${message}`;
    this.#add(`request ${method}`, text);
  }

  /** This node cannot use an answer; without a peer, the configuration service gave it. */
  ofAnswer(peer: Peer | undefined, method: string, { detail }: UnfitMessage): void {
    const from = peer === undefined ? 'the service' : nameOfNode(peer);
    this.#add(`answer ${method}`, `${from} answered '${method}' of ${this.#own} with ${detail}`);
  }

  #add(kind: string, text: string): void {
    if (this.#told.size >= MOST || this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#say(text);
  }
}
