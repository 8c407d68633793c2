// The failing twins of the causal protocol's use of its log.
import type { Edit, Twin } from './mutate.ts';

const journal = 'src/protocols/causal/journal.ts';
const records = 'src/protocols/causal/records.ts';
const stabilizer = 'src/protocols/causal/stabilizer.ts';

/** So that logs are compacted within an exercise. */
export const COMPACT_OFTEN: Edit = {
  file: journal,
  find: 'const LEAST_RECORDS = 10_000;',
  replace: 'const LEAST_RECORDS = 5;',
};

export const CAUSAL_LOG_TWINS: readonly Twin[] = [
  {
    name: 'a change takes effect before it is durable',
    edits: [
      {
        file: journal,
        find: `      await this.#storage.append(record);
      return change();`,
        replace: `      const appended = this.#storage.append(record);
      const result = change();
      await appended;
      return result;`,
      },
    ],
    caughtBy: /C6/,
  },
  {
    name: 'what peers send is not kept',
    edits: [
      {
        file: journal,
        find: "return this.#commit({ kind: 'merge', ...merge }, () => applyMerge(state, merge));",
        replace: 'return Promise.resolve().then(() => applyMerge(state, merge));',
      },
    ],
    caughtBy: /C6/,
  },
  {
    name: 'a heard clock is not kept',
    edits: [
      {
        file: journal,
        find: 'if (!this.isDurable) {\n      state',
        replace: 'if (clock > 0) {\n      state',
      },
    ],
    caughtBy: /C6/,
  },
  {
    name: 'the clock is not restored',
    edits: [
      {
        file: records,
        find: 'clock: (state, { clock }) => state.clock.witness(clock),',
        replace: 'clock: (state, { clock }) => state.clock.check(clock),',
      },
    ],
    caughtBy: /C1|C6/,
  },
  {
    name: 'a restored write belongs to the life that restores it',
    edits: [
      {
        file: records,
        find: 'const origin = { id: state.self.id, incarnation };',
        replace: 'const origin = incarnation > 0 ? state.self : { id: 0, incarnation };',
      },
    ],
    caughtBy: /C6|C7|G2|lost/,
  },
  {
    name: 'a compaction misses what is under way',
    edits: [
      COMPACT_OFTEN,
      {
        file: journal,
        find: '[...snapshotOf(this.state), ...this.#pending.records]',
        replace: '[...snapshotOf(this.state)]',
      },
    ],
    caughtBy: /C6|lost/,
  },
  {
    name: 'a round is answered without what is on its way to the disk',
    edits: [{ file: stabilizer, find: '    await this.#journal.caughtUp();\n', replace: '' }],
    caughtBy: /C4: server [0-9] (answers|lacks)/,
  },
  {
    name: 'a round waits for transfers of peers, and not for writes of sessions',
    edits: [
      {
        file: 'src/protocols/causal/pending.ts',
        find: "if (record.kind === 'write' || record.kind === 'merge')",
        replace: "if (record.kind === 'merge')",
      },
    ],
    caughtBy: /C4: server [0-9] (answers|lacks)/,
  },
  {
    name: 'what a server brings to a round is fixed before it has what it waits for',
    edits: [
      {
        file: stabilizer,
        find: `    await this.#journal.caughtUp();
    this.#rounds.confirm(round);
    round.contribution = this.#state.applied.copy();`,
        replace: `    const early = this.#state.applied.copy();
    await this.#journal.caughtUp();
    this.#rounds.confirm(round);
    round.contribution = early;`,
      },
    ],
    caughtBy: /C4: server [0-9] (answers|lacks)/,
  },
  {
    name: 'deletions are forgotten although servers may come back',
    edits: [{ file: stabilizer, find: '    if (this.#journal.isDurable) return;\n', replace: '' }],
    caughtBy: /C4|C7|older than|lost/,
  },
];
