// What is wrong with the messages of one program: told at its first occurrence, counted after it.

const KINDS = {
  noMessage: {
    first: (what: string) =>
      `a line on its stdout is no message: ${what} (stdout is for messages, logs belong on stderr)`,
    all: 'lines on its stdout that are no messages',
  },
  wrongSender: {
    first: (what: string) => `it sent a message in the name of ${JSON.stringify(what)}`,
    all: 'messages in the name of others',
  },
  noReceiver: {
    first: (what: string) => `it sent a message to ${JSON.stringify(what)}, which there is not`,
    all: 'messages to nobody',
  },
  notAsked: {
    first: (what: string) => `it sent client ${what} a reply to nothing that was asked`,
    all: 'replies to nothing that was asked',
  },
  contradiction: {
    first: (what: string) =>
      `it answered a request of client ${what} twice: once that it has an effect, once that it ` +
      'has none. The first answer counts, so the verdict may be wrong',
    all: 'answers that contradict earlier ones',
  },
  noReference: {
    first: (what: string) =>
      `it answered the master without the number of the request in in_reply_to: ${what}`,
    all: 'answers to the master without a number in in_reply_to',
  },
  overflow: {
    first: (what: string) => `it does not read its stdin: messages from ${what} on are lost`,
    all: 'messages that it did not read',
  },
} as const;

export type Complaint = keyof typeof KINDS;

export class Complaints {
  readonly #name: string;
  readonly #warn: (text: string) => void;
  readonly #counts = new Map<Complaint, number>();

  constructor(name: string, warn: (text: string) => void) {
    this.#name = name;
    this.#warn = warn;
  }

  /** A text that takes time to make is made only if it is told. */
  add(kind: Complaint, what: string | (() => string)): void {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count > 1) return;
    const text = typeof what === 'string' ? what : what();
    this.#warn(`${this.#name}: ${KINDS[kind].first(text)}`);
  }

  /** By kind: how many; empty if nothing is wrong. */
  get counts(): { readonly [kind: string]: number } {
    return Object.fromEntries(this.#counts);
  }

  /** What has happened more than once, in phrases. */
  summary(): string[] {
    const often = [...this.#counts].filter(([, count]) => count > 1);
    return often.map(([kind, count]) => `${count} ${KINDS[kind].all}`);
  }
}
