// The failing twins of the quorum protocol's other settings: sloppy, vector, hints of stand-ins.
import type { RandomTwin } from './mutate.ts';

const folder = 'src/protocols/quorum';
const protocol = 'quorum';

export const DYNAMO_TWINS: readonly RandomTwin[] = [
  {
    name: 'a later write at a stand-in ends what is owed before',
    protocol,
    seed: 176,
    edits: [
      {
        file: 'src/replication/hints.ts',
        find: 'byKey.set(write.key, [...others, write]);',
        replace: 'byKey.set(write.key, others.length < 0 ? [] : [write]);',
      },
    ],
    caughtBy: /Q5|Q1/,
  },
  {
    name: 'a sibling is dropped',
    protocol,
    seed: 5,
    edits: [
      {
        file: `${folder}/write.ts`,
        find: 'if (others.length === 0) return [write];',
        replace: 'return [write];',
      },
    ],
    caughtBy: /Q[1-7]/,
  },
  {
    name: 'of two versions without a common entry the one examined last wins',
    protocol,
    seed: 5,
    edits: [
      {
        file: `${folder}/write.ts`,
        find: 'compareVersions(version, other) >= 0 : context.covers(other);',
        replace:
          'compareVersions(version, other) >= 0 : context.covers(other) || ' +
          '!context.toTuples().some(([id]) => id === other.origin.id);',
      },
    ],
    caughtBy: /Q[1-7]/,
  },
  {
    name: 'a put returns siblings that its session has not read',
    protocol,
    seed: 5,
    edits: [
      {
        file: `${folder}/writer.ts`,
        find: 'context: write.context?.toTuples() ?? null,',
        replace:
          'context: write.context && [write, ...this.#state.store.find(key)]' +
          '.reduce((all, { context }) => all.union(context), write.context).toTuples(),',
      },
    ],
    caughtBy: /Q[37]/,
  },
  {
    name: 'a session forgets its context',
    protocol,
    seed: 5,
    edits: [
      {
        file: `${folder}/session.ts`,
        find: 'const context = this.#contextByKey.get(key) ?? null;',
        replace: 'const context = null;',
      },
    ],
    caughtBy: /Q7/,
  },
  {
    name: 'a context has all that its server gave the key before',
    protocol,
    seed: 5,
    edits: [
      {
        file: `${folder}/contexts.ts`,
        find: 'const after = this.#givenByKey.get(key) ?? this.#floor;',
        replace: 'const after = 0;',
      },
    ],
    caughtBy: /Q7/,
  },
  {
    name: 'a stand-in confirms before its hint is durable',
    protocol,
    seed: 9,
    edits: [
      {
        file: `${folder}/journal.ts`,
        find: "await this.commit({ kind: 'hints', owners: [owner], writes: [packWrite(write)] })",
        replace:
          "this.commit({ kind: 'hints', owners: [owner], writes: [packWrite(write)] })" +
          '.catch(() => undefined)',
      },
    ],
    caughtBy: /Q1|Q5/,
  },
  {
    name: 'a coordinator that stands in takes its own hint for paid',
    protocol,
    seed: 32,
    edits: [
      {
        file: `${folder}/writer.ts`,
        find: '(keeper === owner || keeper !== this.#state.self.id)',
        replace: '(keeper === owner || keeper !== -1)',
      },
    ],
    caughtBy: /Q1/,
  },
  {
    name: 'tombstones go while an older hint is left',
    protocol,
    seed: 13,
    edits: [
      {
        file: `${folder}/stabilizer.ts`,
        find: 'isQuiet: isDone && hints.size === 0, owed,',
        replace: 'isQuiet: isDone, owed: [],',
      },
      {
        file: `${folder}/stabilizer.ts`,
        find: 'const owners = routes.filter((route) => hints.has(lastOf(route)));',
        replace: 'const owners = routes.filter(() => hints.size < 0);',
      },
    ],
    caughtBy: /Q6/,
  },
];
