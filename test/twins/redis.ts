// Failing twins of Causeway's decisions about Redis.
import type { Twin } from './mutate.ts';

const IN = 'src/engines/redis';

export const REDIS_TWINS: readonly Twin[] = [
  {
    name: 'a text that is not whole yet is read',
    edits: [
      {
        file: `${IN}/resp.ts`,
        find: 'if (this.#length < whole) return undefined;',
        replace: '',
      },
    ],
    caughtBy: /in chunks of \d+ bytes/,
  },
  {
    name: 'the bytes of a text are joined with each chunk',
    edits: [
      {
        file: `${IN}/resp.ts`,
        find: 'if (this.#length < whole) return undefined;',
        replace: 'if (this.#joined().length < whole) return undefined;',
      },
    ],
    caughtBy: /bytes are copied for a reply/,
  },
  {
    name: 'a line of a reply has no limit',
    edits: [
      { file: `${IN}/resp.ts`, find: 'LINE_BYTES = 64 * 1024', replace: 'LINE_BYTES = 2 ** 40' },
    ],
    caughtBy: /is taken for a reply/,
  },
  {
    name: 'any reply counts as one of our scripts',
    edits: [
      {
        file: `${IN}/commands.ts`,
        find: 'if (Array.isArray(reply))',
        replace: 'if (reply !== null)',
      },
    ],
    caughtBy: /is taken for an answer/,
  },
  {
    name: 'the numbers of terms are not kept apart',
    edits: [
      {
        file: `${IN}/terms.ts`,
        find: 'Math.max(this.#greatest, term)',
        replace: 'Math.min(this.#greatest, term)',
      },
    ],
    caughtBy: /gets its number a second time/,
  },
  {
    name: 'every error counts as undone',
    edits: [
      { file: `${IN}/errors.ts`, find: 'REFUSALS.has(first) ?', replace: 'REFUSALS.size > 0 ?' },
    ],
    caughtBy: /"ERR internal" counts as undone/,
  },
  {
    name: 'a store claims all writes of a term that has ended',
    edits: [
      {
        file: 'src/engines/store/termVersions.ts',
        find: 'number * TERM_SHARE + writes]',
        replace: '(number + 1) * TERM_SHARE]',
      },
    ],
    caughtBy: /a store has what was lost with its primary/,
  },
  {
    name: 'writes are ordered without their term',
    edits: [
      {
        file: 'src/engines/store/termVersions.ts',
        find: 'const TERM_SHARE = 2 ** 32',
        replace: 'const TERM_SHARE = 0',
      },
      {
        file: 'src/engines/store/termVersions.ts',
        find: 'return [term * TERM_SHARE + number',
        replace: 'return [10 - number',
      },
    ],
    caughtBy: /a later write has a lesser version/,
  },
  {
    name: 'a client takes the first primary for the primary',
    edits: [
      {
        file: 'src/engines/store/primaries.ts',
        find: 'this.#term(id) > this.#term(best)',
        replace: 'this.#term(id) < this.#term(best)',
      },
    ],
    caughtBy: /an old primary is taken for the latest/,
  },
];
