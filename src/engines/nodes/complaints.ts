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

  add(kind: Complaint, what: string): void {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count === 1) this.#warn(`${this.#name}: ${KINDS[kind].first(what)}`);
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
