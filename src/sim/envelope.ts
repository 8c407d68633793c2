// The messages between simulated nodes.
import type { Life, NodeId, Peer } from '../kernel/ids.ts';
import { copyJson, type Json } from '../kernel/json.ts';
import type { Ending } from './ending.ts';
import { Scheduled } from './heap.ts';
import type { Link } from './network.ts';

/** One message on its way: a request, or the answer to one. */
export interface Envelope {
  readonly from: Life & Peer;
  readonly to: NodeId;
  /** The link over which it was sent. */
  readonly link: Link;
  readonly method: string;
  /** The sender's own count of its messages. */
  readonly number: number;
  /** Its id in the trace; empty without a trace. */
  readonly message: string;
  readonly lamport: number;
  readonly content: Request | Reply;
}

/** One copy of a message on its way; its due time is its arrival. */
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
  /** The index of the caller's open call. */
  readonly slot: number;
}

export interface Reply {
  readonly answers: Asked;
  readonly ending: Ending;
}

/**
 * The part of a request that its reply needs. A reference to the request would keep it in memory.
 */
export interface Asked {
  readonly number: number;
  readonly message: string;
  readonly slot: number;
}

/** Two copies of one message share no data, so that a receiver may change each. */
export function copyContent(content: Envelope['content']): Envelope['content'] {
  if ('params' in content) return { ...content, params: copyJson(content.params) };
  const { answers, ending } = content;
  return { answers, ending: 'result' in ending ? { result: copyJson(ending.result) } : ending };
}

/** The id in the trace of a life's message with that number. */
export function nameOf({ id, incarnation }: Life, number: number): string {
  return `${id}.${incarnation}#${number}`;
}
