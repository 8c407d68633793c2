// The failing twins of the chain protocol.
import type { Twin } from './mutate.ts';

const log = 'src/protocols/chain/log.ts';
const state = 'src/protocols/chain/state.ts';
const member = 'src/protocols/chain/member.ts';
const reader = 'src/protocols/chain/reader.ts';
const downstream = 'src/protocols/chain/downstream.ts';
const roster = 'src/protocols/chain/roster.ts';

export const CHAIN_TWINS: readonly Twin[] = [
  {
    name: 'the head acknowledges by itself',
    edits: [
      {
        file: state,
        find: 'if (!log.isSynced || (successor !== undefined && isSuccessorCounted)) return false;',
        replace:
          'if (!log.isSynced || (successor !== undefined && !isSuccessorCounted)) return false;',
      },
    ],
    caughtBy: /H2|H3/,
  },
  {
    name: 'a server answers before its disk has what it says',
    edits: [
      {
        file: member,
        find: '    await write(place.log);\n    keep();',
        replace: '    keep();\n    void write(place.log);',
      },
    ],
    caughtBy: /H3|H5/,
  },
  {
    name: 'an old tail answers, because it does not ask whether it still is one',
    edits: [
      {
        file: reader,
        find: 'const confirmed = await this.#confirm(epoch);',
        replace: 'const confirmed = epoch < 0 ? await this.#confirm(epoch) : epoch;',
      },
    ],
    caughtBy: /H1/,
  },
  {
    name: 'a request that is made again applies again',
    edits: [
      {
        file: log,
        find: 'if (latest === undefined || latest.seq < seq) return undefined;',
        replace: 'if (latest === undefined || latest.seq <= seq) return undefined;',
      },
    ],
    caughtBy: /H7/,
  },
  {
    name: 'what was applied is not handed on with the store',
    edits: [
      {
        file: log,
        find: 'applied: applied.sort((a, b) => compareVersions(a.version, b.version)),',
        replace: 'applied: applied.slice(0, 0),',
      },
    ],
    caughtBy: /H7/,
  },
  {
    name: 'whoever is in a chain takes itself to be in sync',
    edits: [
      {
        file: state,
        find: 'if (predecessor === undefined) log.isSynced = true;',
        replace: 'log.isSynced = true;',
      },
    ],
    caughtBy: /H2|H3|H5/,
  },
  {
    name: 'a message of another epoch is taken',
    edits: [
      {
        file: state,
        find: 'if (epoch === this.epoch) return;',
        replace: 'if (epoch >= 0) return;',
      },
    ],
    caughtBy: /H\d|liveness/,
  },
  {
    name: 'what was not acknowledged is not sent again to a new successor',
    edits: [
      { file: log, find: 'pending: this.pendingAfter(this.committed),', replace: 'pending: [],' },
      {
        file: downstream,
        find: '        this.#learn(answer);\n        return;',
        replace:
          '        this.#learn({ ...answer, last: Math.max(0, log.durable) });\n        return;',
      },
    ],
    caughtBy: /H\d|liveness/,
  },
  {
    name: 'what was sent is taken for received, and a gap is not noticed',
    edits: [
      {
        file: downstream,
        find: "    const answer = await this.#call('append', { base, entries });",
        replace: `    this.#peerLast = Math.max(peerLast, ...entries.map((entry) => entry[2]));
    const answer = await this.#call('append', { base, entries });`,
      },
      {
        file: log,
        find: "if (base > this.last) return 'gap';",
        replace: "if (base < 0) return 'gap';",
      },
    ],
    caughtBy: /H2|H3/,
  },
  {
    name: 'with reads=any a member shows a write that the tail may not have',
    edits: [
      {
        file: reader,
        find: 'const entry = isClean ?',
        replace:
          'const [newest] = place.log.pendingOf(key).slice(-1);\n' +
          '    const entry = newest !== undefined ? newest : isClean ?',
      },
    ],
    caughtBy: /H1/,
  },
  {
    name: 'with reads=any a member does not ask about writes on their way',
    edits: [
      {
        file: reader,
        find: 'place.isTail || place.log.pendingOf(key).length === 0;',
        replace: 'place.isTail || place.log.pendingOf(key).length >= 0;',
      },
    ],
    caughtBy: /H1|H5/,
  },
  {
    name: 'a chain that died out goes on with whoever comes back, disk or not',
    edits: [
      {
        file: roster,
        find: 'else if (recovered !== null) this.#revive(life.id);',
        replace: 'else this.#revive(life.id);',
      },
    ],
    caughtBy: /H5/,
  },
];
