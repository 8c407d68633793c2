// The names, in the trace, of the messages that a node has received and may reply to.
import type { Json } from '../../kernel/json.ts';

/** Older ones are forgotten: their replies have no request in the trace. */
const MOST = 10_000;

export class RequestNames {
  readonly #names = new Map<string, string>();

  /** Only a message with a number can be replied to. */
  remember(from: string, msgId: Json | undefined, { message }: { readonly message: string }): void {
    if (typeof msgId !== 'number' || message === '') return;
    this.#names.set(`${from} ${msgId}`, message);
    if (this.#names.size <= MOST) return;
    for (const [oldest] of this.#names) {
      this.#names.delete(oldest);
      break;
    }
  }

  find(from: string, inReplyTo: Json | undefined): string | undefined {
    return typeof inReplyTo === 'number' ? this.#names.get(`${from} ${inReplyTo}`) : undefined;
  }
}
