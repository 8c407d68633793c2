// What travels between simulated nodes.
import type { Life, NodeId, Peer } from '../kernel/ids.ts';
import { copyJson, type Json } from '../kernel/json.ts';
import type { Ending } from './ending.ts';
import { Scheduled } from './heap.ts';

/** One message on its way: a request, or the answer to one. */
export interface Envelope {
  readonly from: Life & Peer;
  readonly to: NodeId;
  /** The link that it was sent over. */
  readonly link: number;
  readonly method: string;
  /** The sender's own count of its messages. */
  readonly number: number;
  readonly lamport: number;
  readonly content: Request | Reply;
}

/** One copy of a message on its way: due when it arrives. */
export class Delivery extends Scheduled {
  readonly #envelope: Envelope;
  readonly #arrive: (envelope: Envelope) => void;

  constructor(envelope: Envelope, arrive: (envelope: Envelope) => void) {
    super();
    this.#envelope = envelope;
    this.#arrive = arrive;
  }

  run(): void {
    this.#arrive(this.#envelope);
  }
}

export interface Request {
  readonly params: Json;
  /** Where the caller keeps the call open. */
  readonly slot: number;
}

export interface Reply {
  readonly answers: Asked;
  readonly ending: Ending;
}

/** What a reply has to know of its request: not the whole, which would stay alive with it. */
export interface Asked {
  readonly from: Life;
  readonly number: number;
  readonly slot: number;
}

/** Two copies of one message share nothing, so that a receiver may do with each what it likes. */
export function copyContent(content: Envelope['content']): Envelope['content'] {
  if ('params' in content) return { ...content, params: copyJson(content.params) };
  const { answers, ending } = content;
  return { answers, ending: 'result' in ending ? { result: copyJson(ending.result) } : ending };
}

/** A message's id in the trace. */
export function nameOf({ from, number }: Pick<Asked, 'from' | 'number'>): string {
  return `${from.id}.${from.incarnation}#${number}`;
}
