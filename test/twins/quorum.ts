// The failing twins of the quorum protocol, for random scripts.
import type { RandomTwin } from './mutate.ts';

const folder = 'src/protocols/quorum';
const protocol = 'quorum';

export const QUORUM_TWINS: readonly RandomTwin[] = [
  {
    name: 'a replica confirms a write before it is durable',
    protocol,
    seed: 9,
    edits: [
      {
        file: `${folder}/journal.ts`,
        find:
          'await this.keepAll([write]);\n    else this.observeKept([write]);\n' +
          '    return store.has(write);',
        replace:
          'this.keepAll([write]).catch(() => undefined);\n' +
          '    this.#observe?.({ kind: "kept", write });\n    return true;',
      },
    ],
    caughtBy: /Q1/,
  },
  {
    name: 'a hint counts towards W',
    protocol,
    seed: 6,
    edits: [
      {
        file: `${folder}/pendingWrite.ts`,
        find: 'const confirmed = new Set(this.#confirmed.values());',
        replace:
          'const open = [...this.#open.values()];\n' +
          '    const confirmed = new Set(this.lists.flat().filter((id) => !open.includes(id)));',
      },
    ],
    caughtBy: /Q1/,
  },
  {
    name: 'a write is acknowledged one confirmation too early',
    protocol,
    seed: 4,
    edits: [
      {
        file: `${folder}/pendingWrite.ts`,
        find: 'countIn(list) + others >= this.needed',
        replace: 'countIn(list) + others >= Math.max(1, this.needed - 1)',
      },
    ],
    caughtBy: /Q1/,
  },
  {
    name: 'a write is acknowledged without hints',
    protocol,
    seed: 1,
    edits: [
      {
        file: `${folder}/writer.ts`,
        find: 'owners: [...owners] });\n      if (isReplica)',
        replace: 'owners: [] });\n      if (isReplica)',
      },
    ],
    caughtBy: /Q5/,
  },
  {
    name: 'a hint goes when it is sent',
    protocol,
    seed: 5,
    edits: [
      {
        file: `${folder}/handOff.ts`,
        find: "          await this.#peers.callVia(route, 'transfer', params, timeoutMs);\n",
        replace:
          '          await this.confirm(owner, part);\n' +
          "          await this.#peers.callVia(route, 'transfer', params, timeoutMs);\n",
      },
    ],
    caughtBy: /Q5/,
  },
  {
    name: 'what is received is stored blindly',
    protocol,
    seed: 5,
    edits: [
      {
        file: `${folder}/store.ts`,
        find: 'if (newest === known) return;\n    this.#set(write.key, newest);',
        replace: 'this.#set(write.key, [write]);',
      },
    ],
    caughtBy: /Q[1-7]|read-your-writes|MissingWrite/,
  },
  {
    name: 'read repair gives a write a new version',
    protocol,
    seed: 16,
    edits: [
      {
        file: `${folder}/reader.ts`,
        find: '      .map(({ replica, write }) =>\n',
        replace:
          '      .map(({ replica, write: { key, value, context } }) => {\n' +
          '        const timestamp = this.#state.clock.tick();\n' +
          '        const version = { timestamp, origin: this.#state.self };\n' +
          '        return { replica, write: { key, value, version, context } };\n' +
          '      }).map(({ replica, write }) =>\n',
      },
    ],
    caughtBy: /Q3/,
  },
  {
    name: 'a put whose copies exist is refused for certain',
    protocol,
    seed: 6,
    edits: [
      {
        file: `${folder}/writer.ts`,
        find: 'if (isUndone) throw',
        replace: "if (pending.decision !== 'met') throw",
      },
    ],
    caughtBy: /Q4/,
  },
  {
    name: 'a put is repeated through another coordinator',
    protocol,
    seed: 19,
    edits: [
      {
        file: `${folder}/session.ts`,
        find: "isFinal: ({ code }) => code !== 'ERR_NOT_CONNECTED',",
        replace: 'isFinal: () => false,',
      },
    ],
    caughtBy: /G7/,
  },
  {
    name: 'copies of a put that was passed on apply each',
    protocol,
    seed: 3,
    edits: [
      {
        file: `${folder}/coordinator.ts`,
        find: 'params.clock);\n    return this.#once(params, () => this.#put(params));',
        replace: 'params.clock);\n    return this.#put(params);',
      },
    ],
    caughtBy: /G7/,
  },
  {
    name: "a coordinator does not hear its session's clock",
    protocol,
    seed: 32,
    edits: [
      {
        file: `${folder}/coordinator.ts`,
        find:
          'this.#state.clock.witness(params.clock);\n' +
          "    await this.#askDoubtful('write', params);",
        replace: "await this.#askDoubtful('write', params);",
      },
    ],
    caughtBy: /Q9/,
  },
  {
    name: 'tombstones go although a member is dead',
    protocol,
    seed: 9,
    edits: [
      {
        file: `${folder}/stabilizer.ts`,
        find: 'if (ring?.members.every((id) => equal.has(id)) !== true ||',
        replace: 'if (ring === undefined ||',
      },
      {
        file: `${folder}/roster.ts`,
        find: 'if (isWhole !== true || this.ring?.newcomer !== undefined) return false;',
        replace: 'if (isWhole === undefined) return false;',
      },
    ],
    caughtBy: /Q\d+|MissingWrite|LostWrite|DifferentStores|read-your-writes/,
  },
  {
    name: 'a server that starts hears nothing of the floor',
    protocol,
    seed: 17,
    edits: [
      {
        file: `${folder}/roster.ts`,
        find: 'return { ring: this.ring ?? null, awaited, floor: this.floor };',
        replace: 'return { ring: this.ring ?? null, awaited, floor: 0 };',
      },
    ],
    caughtBy: /Q10/,
  },
  {
    name: 'replicas exchange with one other alone',
    protocol,
    seed: 112,
    edits: [
      {
        file: `${folder}/stabilizer.ts`,
        find: 'routes.filter((route) => isMine(lastOf(route)))',
        replace: 'routes.slice(0, 1).filter((route) => isMine(lastOf(route)))',
      },
    ],
    caughtBy: /Q6|DifferentStores|MissingWrite/,
  },
  {
    name: 'a read counts the replicas that answer first',
    protocol,
    seed: 599,
    edits: [
      {
        file: `${folder}/pendingRead.ts`,
        find: 'const counted = this.#asked.slice(0, this.needed);',
        replace: 'const counted = [...this.#answers.keys()].slice(0, this.needed - 1);',
      },
    ],
    caughtBy: /Q2|read-your-writes/,
  },
  {
    name: 'a newcomer counts before it has its range',
    protocol,
    seed: 186,
    edits: [
      {
        file: `${folder}/state.ts`,
        find: 'if (ring.newcomer === this.self.id) return false;',
        replace: 'if (ring.newcomer === this.self.id) return true;',
      },
    ],
    caughtBy: /Q[1-7]|read-your-writes|MissingWrite|LostWrite/,
  },
  {
    name: 'tokens of one server count as several replicas',
    protocol,
    seed: 2,
    edits: [
      {
        file: 'src/replication/ring.ts',
        find: 'walk = [...new Set(clockwise.map(({ owner }) => owner))];',
        replace: 'walk = clockwise.map(({ owner }) => owner);',
      },
    ],
    caughtBy: /Q1/,
  },
  {
    name: 'a request is passed to a server that is believed dead',
    protocol,
    seed: 4,
    edits: [
      {
        file: `${folder}/state.ts`,
        find: 'const healthy = ring.preferenceOf(key).filter((id) => this.isAlive(id));',
        replace: 'const healthy = ring.preferenceOf(key);',
      },
      {
        file: `${folder}/coordinator.ts`,
        find: 'if (!isBelieved) continue;',
        replace: '',
      },
    ],
    caughtBy: /Q11/,
  },
];
