// The failing twins of the weak protocol, and of the rounds for stores that travel whole, for
// random scripts.
import type { RandomTwin } from './mutate.ts';

const state = 'src/protocols/weak/state.ts';
const replica = 'src/protocols/weak/replica.ts';
const session = 'src/protocols/weak/session.ts';
const rounds = 'src/replication/rounds.ts';
const table = 'src/replication/sessionTable.ts';
const protocol = 'weak';

export const WEAK_TWINS: readonly RandomTwin[] = [
  {
    name: 'a server does not take up the times of what it receives',
    protocol,
    seed: 4,
    edits: [{ file: state, find: 'this.clock.witness(timestamp);', replace: 'void timestamp;' }],
    caughtBy: /K1/,
  },
  {
    name: 'a push has the latest write only, and the vector of all',
    protocol,
    seed: 7,
    edits: [
      {
        file: replica,
        find: "this.state.breaks === 'causal' ? [latest] : entries",
        replace: 'entries.length >= 0 ? [latest] : entries',
      },
    ],
    caughtBy: /K2/,
  },
  {
    name: 'the last arrival wins',
    protocol,
    seed: 7,
    edits: [
      {
        file: state,
        find: 'held === undefined || this.#isLater(entry.version, held.version)',
        replace:
          'held === undefined || this.#isLater(entry.version, held.version) || held !== entry',
      },
    ],
    caughtBy: /K2/,
  },
  {
    name: 'a copy of a put applies once more',
    protocol,
    seed: 3,
    edits: [{ file: table, find: '    this.remember(request, outcome);\n', replace: '' }],
    caughtBy: /G7|causal/,
  },
  {
    name: 'a session does not keep what it has read',
    protocol,
    seed: 49,
    edits: [
      {
        file: session,
        find: 'this.#hasRead(fromVersionTuple(version));',
        replace: 'this.#hasRead({ ...fromVersionTuple(version), timestamp: 0 });',
      },
    ],
    caughtBy: /monotonic-reads|writes-follow-reads/,
  },
  {
    name: 'a session does not keep what it has written',
    protocol,
    seed: 8,
    edits: [{ file: session, find: '  seen.hasWritten(put.version);\n', replace: '' }],
    caughtBy: /read-your-writes|monotonic-writes/,
  },
  {
    name: 'the root counts a child without its store',
    protocol,
    seed: 8,
    edits: [{ file: rounds, find: '      this.#member.merge(answer.store);\n', replace: '' }],
    caughtBy: /K4/,
  },
  {
    name: 'a child does not spread the result to its own children',
    protocol,
    seed: 8,
    edits: [
      {
        file: rounds,
        find: 'this.#current.spread = this.#spread(this.#current, budget);',
        replace:
          'const children = [...this.#current.children];\n' +
          '      const self = this.#env.self.id;\n' +
          '      const done = { reached: [self, ...children], missing: [] };\n' +
          '      this.#current.spread = budget ? Promise.resolve(done) : done;',
      },
    ],
    caughtBy: /K4/,
  },
];
