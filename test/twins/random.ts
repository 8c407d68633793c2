// Failing twins that random scripts must find: mistakes that whole batches of scripts once missed,
// and those that disks at different speeds allow in a chain.
// `seed` is one of the first 2,000 seeds, whose script finds the mistake.

import { COMPARE_AND_SET_TWINS } from './compareAndSet.ts';
import { DYNAMO_TWINS } from './dynamo.ts';
import type { RandomTwin } from './mutate.ts';
import { QUORUM_TWINS } from './quorum.ts';
import { SHARDED_TWINS } from './sharded.ts';
import { WEAK_TWINS } from './weak.ts';

const replica = 'src/protocols/chain/replica.ts';
const roster = 'src/protocols/chain/roster.ts';
const chainState = 'src/protocols/chain/state.ts';
const streams = 'src/protocols/chain/streams.ts';
const reads = 'src/protocols/chain/reads.ts';
const records = 'src/protocols/chain/records.ts';
const gossip = 'src/protocols/causal/gossip.ts';
const state = 'src/protocols/causal/state.ts';

export const RANDOM_TWINS: readonly RandomTwin[] = [
  {
    name: 'the tail of a chain acknowledges what only its own disk has',
    protocol: 'chain',
    seed: 33,
    edits: [
      {
        file: chainState,
        find: 'log.commit(durableUpTo(log, up))',
        replace: 'log.commit(log.durable)',
      },
    ],
    caughtBy: /H3/,
  },
  {
    name: "the middle of a chain says its own disk's end for all before it",
    protocol: 'chain',
    seed: 33,
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
    name: 'the head of a chain takes back what it has sent when its disk refuses it',
    protocol: 'chain',
    seed: 835,
    edits: [
      {
        file: chainState,
        find: 'if (position.down !== undefined || !this.isCurrent(position)) return false;',
        replace: '',
      },
    ],
    caughtBy: /H2|linearizable/,
  },
  {
    name: 'the tail reads without asking whether its epoch is over',
    protocol: 'chain',
    seed: 146,
    edits: [
      {
        file: replica,
        find: 'const confirmation = await this.#confirmed(pending, key);',
        replace:
          'const said = { epoch, question: pending.question };\n' +
          '    const confirmation = epoch < 0 ? await this.#confirmed(pending, key) : said;',
      },
    ],
    caughtBy: /linearizable/,
  },
  {
    name: 'the service confirms the epoch before the current one, too',
    protocol: 'chain',
    seed: 649,
    edits: [
      {
        file: roster,
        find: 'return epoch === this.epoch || this.epoch === 0 ?',
        replace: 'return epoch + 1 >= this.epoch || this.epoch === 0 ?',
      },
    ],
    caughtBy: /linearizable/,
  },
  {
    name: 'with reads=any a member answers for a key with a write on its way',
    protocol: 'chain',
    seed: 554,
    edits: [
      {
        file: reads,
        find: 'isTail || log.pendingOf(key).length === 0;',
        replace: 'isTail || log.pendingOf(key).length >= 0;',
      },
    ],
    caughtBy: /linearizable|H5/,
  },
  {
    name: 'a compaction misses which requests were answered',
    protocol: 'chain',
    seed: 1146,
    edits: [
      {
        file: records,
        find: 'end: log.last, pending: log.pending };',
        replace: 'end: log.last, pending: log.pending, applied: [] };',
      },
    ],
    caughtBy: /H7|G7/,
  },
  {
    name: 'gossip takes what it sends for received',
    protocol: 'causal',
    seed: 77,
    edits: [
      {
        file: gossip,
        find: '    const transfer = peer.transfers;\n',
        replace:
          '    const transfer = peer.transfers;\n    peer.known = this.#state.applied.copy();\n',
      },
    ],
    caughtBy: /DifferentStores|OlderThanBefore/,
  },
  {
    name: 'gossip takes a refused transfer for received',
    protocol: 'causal',
    seed: 5,
    edits: [
      {
        file: gossip,
        find: 'transfer = this.#next(peer, transfer, answer.accepted);',
        replace:
          'if (!answer.accepted) peer.known = this.#state.applied.copy();\n' +
          '        transfer = this.#next(peer, transfer, answer.accepted);',
      },
    ],
    caughtBy: /DifferentStores/,
  },
  {
    name: 'a collection forgets every deletion',
    protocol: 'causal',
    seed: 119,
    edits: [
      {
        file: state,
        find: 'if (!upTo.covers(entry.version)) continue;',
        replace: '',
      },
    ],
    caughtBy: /C4|C7|DifferentStores/,
  },
  ...COMPARE_AND_SET_TWINS,
  ...QUORUM_TWINS,
  ...DYNAMO_TWINS,
  ...SHARDED_TWINS,
  ...WEAK_TWINS,
];
