// What the oracle says of an output.

/** The rules of the assignment, each as a reader of a report needs it. */
export const RULES = {
  lines:
    'Each get prints one line `key:answer`, each printStore a line `key:value` for each key of ' +
    'the server, in the order of the commands, and nothing else is printed.',
  values: 'An answer is a value that was put for this key before.',
  connections: 'A value reaches a server only over connections that were open since its put.',
  'read-your-writes': 'A client that has put a value for a key never gets an older one.',
  'monotonic-reads': 'A client that has got a value for a key never gets an older one.',
  stabilize:
    'After stabilize all servers that are connected to each other have the same value for a ' +
    'key, the last one that any of them had.',
  'newest-write':
    'A server keeps what it has: it never goes back to an older value, or to none, and a put at ' +
    'a server replaces the value that the server had.',
  'err-dep':
    'A get answers ERR_DEP only if the server lacks a write that the client has put or got.',
  'one-order': 'All servers agree which of the values of a key is the last.',
} as const;

export type RuleName = keyof typeof RULES;

export interface Refusal {
  readonly outcome: 'refused';
  readonly rule: RuleName;
  /** The line of the script whose answer cannot be. */
  readonly line: number;
  readonly command: string;
  /** The line of the output; undefined if a line is missing. */
  readonly printed: { readonly number: number; readonly text: string } | undefined;
  /** Answers that would have been permitted; empty if they cannot be listed. */
  readonly expected: readonly string[];
  /** What is wrong, in a sentence. */
  readonly why: string;
}

export type Judgement =
  | { readonly outcome: 'permitted' }
  | Refusal
  /** Too many runs are possible to try them all: a person has to look. */
  | { readonly outcome: 'undecided'; readonly why: string };
