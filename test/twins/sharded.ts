// The failing twins of the sharded protocol, for random scripts.
import type { RandomTwin } from './mutate.ts';

const folder = 'src/protocols/sharded';
const protocol = 'sharded';

export const SHARDED_TWINS: readonly RandomTwin[] = [
  {
    name: 'the old owner accepts while its shard moves',
    protocol,
    seed: 76,
    edits: [
      {
        file: `${folder}/configuration.ts`,
        find: 'return move !== null && move.owners[slot] !== owners[slot];',
        replace: 'return move !== null && owners[slot] === undefined;',
      },
    ],
    caughtBy: /S1/,
  },
  {
    name: 'a move leaves the table of requests behind',
    protocol,
    seed: 9,
    edits: [
      {
        file: `${folder}/receiver.ts`,
        find: 'params.pieces.map(unpackPiece);',
        replace: 'params.pieces.map(unpackPiece).map((piece) => ({ ...piece, sessions: [] }));',
      },
    ],
    caughtBy: /S2/,
  },
  {
    name: 'the secondary with the shortest log is promoted',
    protocol,
    seed: 31,
    edits: [
      {
        file: `${folder}/group.ts`,
        find: 'b.lastEpoch - a.lastEpoch || b.last - a.last || a.id - b.id',
        replace: 'a.lastEpoch - b.lastEpoch || a.last - b.last || a.id - b.id',
      },
    ],
    caughtBy: /S[45]/,
  },
  {
    name: 'a server that does not serve is promoted',
    protocol,
    seed: 277,
    edits: [
      {
        file: `${folder}/elections.ts`,
        find: 'group.serving.map((life) => this.#stand(life))',
        replace: '[...group.serving, ...group.joiners].map((life) => this.#stand(life))',
      },
      {
        file: `${folder}/group.ts`,
        find: 'this.#serving.some((life) => life.id === id);',
        replace: 'this.has({ id, incarnation: this.#lifeOf(id) });',
      },
      {
        file: `${folder}/group.ts`,
        find: 'this.#serving = this.#serving.filter(({ id }) => answered.has(id));',
        replace:
          'this.#serving = [...this.#serving, ...this.#joiners].filter(({ id }) => ' +
          'answered.has(id));\n    this.#joiners = [];',
      },
      {
        file: `${folder}/group.ts`,
        find: '  get joiners(): readonly Life[] {',
        replace:
          '  #lifeOf(id: NodeId): number {\n' +
          '    const all = [...this.#serving, ...this.#joiners];\n' +
          '    return all.find((life) => life.id === id)?.incarnation ?? 0;\n  }\n\n' +
          '  get joiners(): readonly Life[] {',
      },
    ],
    caughtBy: /S[2-5]|linearizable/,
  },
  {
    name: 'a copy of a pop applies once more',
    protocol,
    seed: 12,
    edits: [
      {
        file: `${folder}/state.ts`,
        find: 'if (known !== undefined) return { position, reply: known };',
        replace:
          "if (known !== undefined && !request.kind.startsWith('pop')) " +
          'return { position, reply: known };',
      },
    ],
    caughtBy: /S6/,
  },
  {
    name: 'a server takes up an earlier configuration',
    protocol,
    seed: 1,
    edits: [
      {
        file: `${folder}/state.ts`,
        find: 'if (configuration.number <= this.number) return false;',
        replace: 'if (configuration.number === this.number) return false;',
      },
    ],
    caughtBy: /S7/,
  },
  {
    name: 'a move that is interrupted switches the owners',
    protocol,
    seed: 6,
    edits: [
      {
        file: `${folder}/moves.ts`,
        find: 'this.#change(() => this.#roster.undo());',
        replace: 'this.#change(() => this.#roster.switch());',
      },
    ],
    caughtBy: /S2/,
  },
  {
    name: 'a group that gives shards drops them before the move has ended',
    protocol,
    seed: 6,
    edits: [
      {
        file: `${folder}/moving.ts`,
        find: '(slot) => configuration.owners[slot] !== log.group && !due.has(slot),',
        replace:
          '(slot) => (configuration.move ?? configuration).owners[slot] !== log.group && ' +
          '!due.has(slot),',
      },
    ],
    caughtBy: /S2/,
  },
  {
    name: 'a move ends before the secondaries have the shards',
    protocol,
    seed: 32,
    edits: [
      {
        file: `${folder}/receiver.ts`,
        find: "whenApplied(position, intake.index);\n    return { status: isLast ? 'whole'",
        replace: "whenApplied(position, 0);\n    return { status: isLast ? 'whole'",
      },
    ],
    caughtBy: /S2/,
  },
  {
    name: 'a primary that was replaced still acknowledges',
    protocol,
    seed: 31,
    edits: [
      {
        file: `${folder}/requests.ts`,
        find: 'if (!this.#state.isCurrent(position)) throw over();',
        replace: '',
      },
    ],
    caughtBy: /S5/,
  },
  {
    name: 'with sync=NUMBER a primary acknowledges without confirming its epoch',
    protocol,
    seed: 77,
    edits: [
      {
        file: `${folder}/requests.ts`,
        find: 'await this.#member.refresh();\n      if (!this',
        replace: 'if (!this',
      },
    ],
    caughtBy: /S5/,
  },
  {
    name: 'a server answers before it serves',
    protocol,
    seed: 90,
    edits: [
      {
        file: `${folder}/state.ts`,
        find: 'if (owner?.id !== position.log.group || !position.isServing) throw',
        replace: 'if (owner?.id !== position.log.group) throw',
      },
      {
        file: `${folder}/position.ts`,
        find: 'return this.isServing && (this.isPrimary',
        replace: 'return (this.isPrimary',
      },
    ],
    caughtBy: /S1/,
  },
  {
    name: 'the sample keeps a server that has left the group',
    protocol,
    seed: 236,
    edits: [
      {
        file: `${folder}/sample.ts`,
        find: 'this.#current.filter((id) => secondaries.includes(id));',
        replace: 'this.#current;',
      },
      {
        file: `${folder}/position.ts`,
        find: 'peer.id === id)?.confirmed ?? 0;',
        replace: 'peer.id === id)?.confirmed ?? log.last;',
      },
    ],
    caughtBy: /S5/,
  },
  {
    name: 'a secondary counts as in step before its log agrees',
    protocol,
    seed: 31,
    edits: [
      {
        file: `${folder}/position.ts`,
        find: 'isSynced = false;',
        replace: 'isSynced = true;',
      },
    ],
    caughtBy: /S5/,
  },
  {
    name: 'a join moves more shards than it needs',
    protocol,
    seed: 23,
    edits: [
      {
        file: `${folder}/placement.ts`,
        find: "if (kind === 'hash') return balance(owners, groups);",
        replace:
          "if (kind === 'hash') return owners.map((_, slot) => " +
          'groups[slot % groups.length] as GroupId);',
      },
    ],
    caughtBy: /S1/,
  },
  {
    name: 'a secondary answers for a key with a write on its way',
    protocol,
    seed: 216,
    edits: [
      {
        file: `${folder}/state.ts`,
        find: 'return asks && log.isDirty(slot, key) ?',
        replace: 'return asks && log.isDirty(-1, key) && slot < 0 ?',
      },
    ],
    caughtBy: /S4/,
  },
  {
    name: 'a secondary confirms entries before they are durable',
    protocol,
    seed: 17,
    edits: [
      {
        file: `${folder}/replica.ts`,
        find: 'await this.#member.whenDurable(position, base + entries.length);',
        replace:
          'this.#member.whenDurable(position, base + entries.length).catch(() => undefined);',
      },
    ],
    caughtBy: /S[45]/,
  },
  {
    name: 'a primary sends entries before they are durable',
    protocol,
    seed: 33,
    edits: [
      {
        file: `${folder}/downstream.ts`,
        find: 'Math.min(this.due, this.#log.durable)',
        replace: 'Math.min(this.due, this.#log.last)',
      },
    ],
    caughtBy: /S3/,
  },
  {
    name: 'a joiner counts before it has the whole log',
    protocol,
    seed: 110,
    edits: [
      {
        file: `${folder}/position.ts`,
        find: 'if (upTo === undefined || !down.has(upTo)) return false;',
        replace: 'if (upTo === -1) return false;',
      },
    ],
    caughtBy: /S[245]/,
  },
  {
    name: 'a server reads without confirming its configuration',
    protocol,
    seed: 5,
    edits: [
      {
        file: `${folder}/requests.ts`,
        find: 'await this.#member.refresh();\n      const position',
        replace: 'const position',
      },
    ],
    caughtBy: /S4/,
  },
  {
    name: 'a primary that returns keeps what its successor did not have',
    protocol,
    seed: 379,
    edits: [
      {
        file: `${folder}/state.ts`,
        find: 'log.truncate(Math.max(log.applied, base + entries.length));',
        replace: '',
      },
    ],
    caughtBy: /S[35]/,
  },
];
