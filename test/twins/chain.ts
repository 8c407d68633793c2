// The failing twins of the chain protocol.
import type { Twin } from './mutate.ts';

const log = 'src/protocols/chain/log.ts';
const state = 'src/protocols/chain/state.ts';
const replica = 'src/protocols/chain/replica.ts';
const reads = 'src/protocols/chain/reads.ts';
const streams = 'src/protocols/chain/streams.ts';
const confirmations = 'src/replication/confirmations.ts';
const sessionTable = 'src/replication/sessionTable.ts';
const recovery = 'src/protocols/chain/recovery.ts';
const records = 'src/protocols/chain/records.ts';
const roster = 'src/protocols/chain/roster.ts';

export const CHAIN_TWINS: readonly Twin[] = [
  {
    name: 'the tail acknowledges what only its own disk has',
    edits: [
      { file: state, find: 'log.commit(durableUpTo(log, up))', replace: 'log.commit(log.durable)' },
    ],
    caughtBy: /H3/,
  },
  {
    name: "a middle says its own disk's end for all before it",
    edits: [
      {
        file: streams,
        find: 'const upTo = Math.min(durableUpTo(log, up), ',
        replace: 'const upTo = Math.min(Math.max(0, log.durable), ',
      },
    ],
    caughtBy: /H3/,
  },
  {
    name: 'the head acknowledges by itself',
    edits: [
      {
        file: state,
        find: 'if (!log.isSynced || down?.isCounted === true) return undefined;',
        replace: 'if (!log.isSynced || down?.isCounted === false) return undefined;',
      },
    ],
    caughtBy: /H2|H3/,
  },
  {
    name: 'a server answers before its disk has what it says',
    edits: [
      {
        file: replica,
        find: '    await this.#keep(record);\n    this.state.kept([mark]);',
        replace: '    this.state.kept([mark]);\n    void this.#keep(record);',
      },
    ],
    caughtBy: /H3|H5/,
  },
  {
    name: 'an old tail answers, because it does not ask whether it still is one',
    edits: [
      {
        file: replica,
        find: 'const confirmation = await this.#confirmed(pending, key);',
        replace:
          'const said = { epoch, question: pending.question };\n' +
          '    const confirmation = epoch < 0 ? await this.#confirmed(pending, key) : said;',
      },
    ],
    caughtBy: /H1/,
  },
  {
    name: 'a request that is made again applies again',
    edits: [
      {
        file: sessionTable,
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
    name: 'every member of a chain takes itself to be in sync',
    edits: [
      {
        file: state,
        find: 'if (predecessor !== undefined) continue;',
        replace: '',
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
    // Nor does a server that is told so learn that its epoch is over.
    caughtBy: /H2|H5|liveness/,
  },
  {
    name: 'what was not acknowledged is not sent again to a new successor',
    edits: [
      { file: log, find: 'pending: this.pendingAfter(this.committed),', replace: 'pending: [],' },
      {
        file: streams,
        find: '      this.#sending = undefined;\n      return this.#learn(last, committed);',
        replace:
          '      this.#sending = undefined;\n' +
          '      return this.#learn(Math.max(last, this.#log.last), committed);',
      },
    ],
    caughtBy: /H2|H3/,
  },
  {
    name: 'what was sent is taken for received, and a gap is not noticed',
    edits: [
      {
        file: streams,
        find: '  failed(): void {\n    this.#sending = undefined;',
        replace:
          '  failed(): void {\n    this.#sending = undefined;\n' +
          '    if (this.#peerLast !== undefined) this.#peerLast = this.#log.last;',
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
        file: reads,
        find: 'return isClean ?',
        replace:
          'const [newest] = log.pendingOf(key).slice(-1);\n' +
          '    return newest !== undefined ? { entry: newest } : isClean ?',
      },
    ],
    caughtBy: /H1|G1/,
  },
  {
    name: 'with reads=any a member does not ask about writes on their way',
    edits: [
      {
        file: reads,
        find: 'isTail || log.pendingOf(key).length === 0;',
        replace: 'isTail || log.pendingOf(key).length >= 0;',
      },
    ],
    caughtBy: /H1|H5/,
  },
  {
    name: 'a chain that died out goes on with any server that comes back, disk or not',
    edits: [
      {
        file: roster,
        find: 'else if (recovered !== null) this.#revive(life.id, recovered);',
        replace: `else {
      const logs = this.ring.ids.map((owner) => ({ owner, last: 0, committed: 0 }));
      this.#revive(life.id, recovered ?? { configuration: this.configuration(), logs });
    }`,
      },
    ],
    caughtBy: /H5/,
  },
  {
    name: 'a head serves before the disk has its configuration',
    edits: [
      {
        file: state,
        find: 'log.isSynced = false;',
        replace: 'log.isSynced = order[0] === this.self.id;',
      },
      {
        file: state,
        find: '!lacksPositions && this.#hasBegun && ',
        replace: '!lacksPositions && ',
      },
    ],
    caughtBy: /H1|H5/,
  },
  {
    name: 'a new run begins with the server that comes first',
    edits: [
      {
        file: recovery,
        find: 'return [...new Set([...earlier, ...owners])]',
        replace: 'return [...new Set(earlier.length < 0 ? earlier : owners)]',
      },
    ],
    caughtBy: /H1|H5|liveness/,
  },
  {
    name: 'in a new run a former member of a chain goes on, though its disk has lost something',
    edits: [
      {
        file: recovery,
        find: 'current.filter((id) => ends.get(id)?.last === longest)',
        replace: 'there.filter((id) => longest >= 0 || ends.has(id))',
      },
    ],
    caughtBy: /H5/,
  },
  {
    name: 'where the log of a catch-up ends is not heard of by the clock',
    edits: [
      {
        file: state,
        find: 'this.clock.witness(Math.max(catchup.upTo, catchup.end));',
        replace: 'this.clock.witness(catchup.upTo);',
      },
    ],
    caughtBy: /H2/,
  },
  {
    name: 'everything is read from the arcs that there were at first',
    edits: [
      {
        file: replica,
        find: 'if (this.state.arcs.length !== count) throw',
        replace: 'if (this.state.arcs.length < count) throw',
      },
    ],
    caughtBy: /dump/,
  },
  {
    name: 'a read is confirmed by a question that was asked before it came',
    edits: [
      {
        file: confirmations,
        find: 'this.#wanted = this.#asked + 1;',
        replace: 'this.#wanted = Math.max(1, this.#isUnderWay ? this.#asked : this.#asked + 1);',
      },
    ],
    caughtBy: /H4/,
  },
  {
    name: 'a compaction misses what is on its way',
    edits: [{ file: records, find: 'pending: log.pending };', replace: 'pending: [] };' }],
    caughtBy: /H3|H5/,
  },
];
