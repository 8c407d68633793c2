// The failing twins of compare-and-set, for random scripts.
import type { RandomTwin } from './mutate.ts';

const chain = 'src/protocols/chain';
const sharded = 'src/protocols/sharded';

export const COMPARE_AND_SET_TWINS: readonly RandomTwin[] = [
  {
    name: 'a primary writes without comparing',
    protocol: 'sharded',
    seed: 17,
    edits: [
      {
        file: `${sharded}/operations.ts`,
        find: 'return held === expected\n',
        replace: 'return held !== null && expected !== undefined\n',
      },
    ],
    caughtBy: /S6/,
  },
  {
    name: 'a copy of a compare-and-set applies once more at a primary',
    protocol: 'sharded',
    seed: 21,
    edits: [
      {
        file: `${sharded}/state.ts`,
        find: 'if (known !== undefined) return { position, reply: known };',
        replace:
          "if (known !== undefined && request.kind !== 'cas') " +
          'return { position, reply: known };',
      },
    ],
    caughtBy: /S6/,
  },
  {
    name: 'a primary that was replaced says what a compare-and-set finds',
    protocol: 'sharded',
    seed: 216,
    edits: [
      {
        file: `${sharded}/requests.ts`,
        find: 'let accepted = this.#accept(request);',
        replace:
          'const slot = this.#state.slotOf(request.key);\n' +
          '    const found = this.#state.log?.shards.read(slot, request.key)?.value;\n' +
          "    if (request.kind === 'cas' && found !== request.expected)\n" +
          "      return { outcome: 'unequal', value: null, version: null };\n" +
          '    let accepted = this.#accept(request);',
      },
    ],
    caughtBy: /linearizable|G7/,
  },
  {
    name: 'a head writes without comparing',
    protocol: 'chain',
    seed: 1,
    edits: [
      {
        file: `${chain}/state.ts`,
        find: 'value !== expected;',
        replace: 'value === null;',
      },
    ],
    caughtBy: /H8/,
  },
  {
    name: 'a head compares with what is acknowledged, and not with what is on its way',
    protocol: 'chain',
    seed: 1,
    edits: [
      {
        file: `${chain}/log.ts`,
        find: 'return this.#pending.findLast(isWrite) ?? this.read(key);',
        replace: 'return [this.read(key)].find((one) => one && isWrite(one));',
      },
    ],
    caughtBy: /H8/,
  },
  {
    name: 'a copy of a compare-and-set applies once more at a head',
    protocol: 'chain',
    seed: 4,
    edits: [
      {
        file: `${chain}/state.ts`,
        find: 'if (known !== undefined) return { position, ...known };',
        replace:
          'if (known !== undefined && request.expected === undefined) ' +
          'return { position, ...known };',
      },
    ],
    caughtBy: /H7/,
  },
  {
    name: 'a head that was replaced says what a compare-and-set finds',
    protocol: 'chain',
    seed: 1,
    edits: [
      {
        file: `${chain}/replica.ts`,
        find: 'await this.#whenCommitted(position, version.timestamp);',
        replace: 'if (!isNoop) await this.#whenCommitted(position, version.timestamp);',
      },
    ],
    caughtBy: /H3|linearizable/,
  },
  {
    name: 'a server of weak writes without comparing',
    protocol: 'weak',
    seed: 1,
    edits: [
      {
        file: 'src/protocols/weak/state.ts',
        find: 'found?.value === expected ?',
        replace: 'found !== undefined && expected !== undefined ?',
      },
    ],
    caughtBy: /K5/,
  },
];
