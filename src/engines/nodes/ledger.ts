// What clients have asked in the run, and what they were told. Numbers of requests are never used
// twice, so a reply to an earlier life of a client cannot be taken for one to its next.
// Synchronous.
import type { Answer } from '../../kernel/control.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { effectOf, type Request, toAnswer } from './answers.ts';
import { type Body, replyNumber } from './wire.ts';

/** Older ones are forgotten: a second answer that contradicts them is not noticed. */
const MOST_TOLD = 10_000;

interface Told {
  readonly request: Request;
  readonly hasEffect: boolean;
}

export class Ledger {
  readonly #lastByClient = new Map<NodeId, number>();
  readonly #told = new Map<string, Told>();

  /** The number of a new request, from 1 for each client. */
  next(client: NodeId): number {
    const number = (this.#lastByClient.get(client) ?? 0) + 1;
    this.#lastByClient.set(client, number);
    return number;
  }

  /** Whether it has ever asked anything. */
  knows(client: NodeId): boolean {
    return this.#lastByClient.has(client);
  }

  /** Whether any life of the client has made a request with this number. */
  hasAsked(client: NodeId, number: unknown): boolean {
    const last = this.#lastByClient.get(client) ?? 0;
    return Number.isInteger(number) && Number(number) >= 1 && Number(number) <= last;
  }

  /** The client takes this answer, and no other one any more. */
  tell(client: NodeId, number: number, request: Request, answer: Answer): void {
    const hasEffect = effectOf(request, answer);
    if (hasEffect === undefined) return;
    this.#told.set(`${client} ${number}`, { request, hasEffect });
    if (this.#told.size <= MOST_TOLD) return;
    for (const [oldest] of this.#told) {
      this.#told.delete(oldest);
      break;
    }
  }

  /** Whether a reply says of the request's effect the opposite of what the client was told. */
  isContradicted(client: NodeId, server: NodeId, reply: Body): boolean {
    const told = this.#told.get(`${client} ${replyNumber(reply)}`);
    if (told === undefined) return false;
    const hasEffect = effectOf(told.request, toAnswer(told.request, server, reply));
    return hasEffect === !told.hasEffect;
  }
}
