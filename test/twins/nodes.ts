// Failing twins of the pieces of the engine `nodes`.
import type { Twin } from './mutate.ts';

const IN = 'src/engines/nodes';
const LINKS = 'src/engines/world/linkTable.ts';

export const NODES_TWINS: readonly Twin[] = [
  {
    name: 'a read of seq-kv may go back behind what its node has seen',
    edits: [
      {
        file: `${IN}/services.ts`,
        find: 'Math.max(seen.get(from) ?? 0, changes',
        replace: 'Math.max(0, changes',
      },
    ],
    caughtBy: /seq-kv is not sequential/,
  },
  {
    name: 'seq-kv always shows the latest change',
    edits: [
      {
        file: `${IN}/services.ts`,
        find: 'const at = isRead ?',
        replace: 'const at = isRead && changes < 0 ?',
      },
    ],
    caughtBy: /seq-kv is never stale/,
  },
  {
    name: 'the replicas of lww-kv are one',
    edits: [
      { file: `${IN}/services.ts`, find: 'const REPLICAS = 3', replace: 'const REPLICAS = 1' },
    ],
    caughtBy: /lww-kv never loses/,
  },
  {
    name: 'a compare-and-set of a service does not compare',
    edits: [
      {
        file: `${IN}/services.ts`,
        find: '!isNew && !isEqual(cell.value, from)',
        replace: '!isNew && !isEqual(cell.value, cell.value)',
      },
    ],
    caughtBy: /unequal value succeeds/,
  },
  {
    name: 'a message on its way survives the cut of its link',
    edits: [
      {
        file: `${IN}/network.ts`,
        find: 'if (obstacle === undefined) continue;',
        replace: 'if (obstacle !== null) continue;',
      },
    ],
    caughtBy: /after a cut arrives: late/,
  },
  {
    name: 'a message on its way survives a failure of its receiver',
    edits: [
      {
        file: `${IN}/network.ts`,
        find: 'super.setFailed(id, isFailed);\n    this.#loseObstructed();',
        replace: 'super.setFailed(id, isFailed);',
      },
    ],
    caughtBy: /after a failed server arrives: late/,
  },
  {
    name: 'each message has a timer of its own',
    edits: [
      {
        file: `${IN}/network.ts`,
        find: 'departures.add(dueMs, () => {',
        replace: 'new Departures(this.#setup).add(dueMs, () => {',
      },
    ],
    caughtBy: /out of order/,
  },
  {
    name: "a client's request may arrive twice",
    edits: [
      {
        file: `${IN}/network.ts`,
        find: 'message.isOnce ? { duplication: 0 } : {}',
        replace: '{}',
      },
    ],
    caughtBy: /copies that arrive: 2,2/,
  },
  {
    name: 'an answer may be taken back in silence',
    edits: [
      {
        file: `${IN}/ledger.ts`,
        find: 'return hasEffect === !told.hasEffect;',
        replace: 'return hasEffect === undefined;',
      },
    ],
    caughtBy: /contradicts or does not/,
  },
  {
    name: 'objects are compared as they are written',
    edits: [
      {
        file: `${IN}/services.ts`,
        find: 'return canonical(a) === canonical(b);',
        replace: 'return JSON.stringify(a) === JSON.stringify(b);',
      },
    ],
    caughtBy: /order of fields/,
  },
  {
    name: 'a one-way cut works both ways',
    edits: [
      {
        file: LINKS,
        find: 'return link.mutedFrom.has(from) ?',
        replace: 'return link.mutedFrom.size > 0 ?',
      },
    ],
    caughtBy: /after a one-way cut arrives/,
  },
  {
    name: 'a large whole number travels as a number',
    edits: [{ file: `${IN}/wire.ts`, find: '&& Number.isSafeInteger(Number(text))', replace: '' }],
    caughtBy: /"9007199254740993" comes back as 9007199254740992/,
  },
  {
    name: 'a crash of the node counts as not done',
    edits: [
      {
        file: `${IN}/errors.ts`,
        find: 'ERR_NODE_CRASH: error(false',
        replace: 'ERR_NODE_CRASH: error(true',
      },
    ],
    caughtBy: /"code":13} to a write means fail/,
  },
  {
    name: 'an unknown error counts as not done',
    edits: [
      {
        file: `${IN}/errors.ts`,
        find: 'ERR_NODE_ERROR: error(false',
        replace: 'ERR_NODE_ERROR: error(true',
      },
    ],
    caughtBy: /"code":5} to a write means fail/,
  },
  {
    name: 'a message is written anew on its way',
    edits: [
      {
        file: `${IN}/wire.ts`,
        find: 'body: body as Body, text }',
        replace: 'body: body as Body, text: JSON.stringify(value) }',
      },
    ],
    caughtBy: /a message is changed on its way/,
  },
];
