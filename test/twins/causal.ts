// The failing twins of the causal protocol.
import type { Twin } from './mutate.ts';

const state = 'src/protocols/causal/state.ts';
const replica = 'src/protocols/causal/replica.ts';
const session = 'src/protocols/causal/session.ts';
const stabilizer = 'src/protocols/causal/stabilizer.ts';
const bootstrap = 'src/protocols/causal/bootstrap.ts';
const tombstoneCollection = 'src/protocols/causal/tombstoneCollection.ts';
const gossip = 'src/protocols/causal/gossip.ts';
const network = 'src/sim/network.ts';
const lamport = 'src/clocks/lamport.ts';
const version = 'src/clocks/version.ts';
const ids = 'src/kernel/ids.ts';

export const CAUSAL_TWINS: readonly Twin[] = [
  {
    name: 'the clock is not updated on receipt',
    edits: [
      {
        file: lamport,
        find: 'if (received > this.#time) this.#time = received;',
        replace: '',
      },
    ],
    caughtBy: /C1/,
  },
  {
    name: 'the client does not send its clock',
    edits: [
      {
        file: session,
        find: 'guard: this.state.guard?.toTuples() ?? null,\n      clock: this.state.clock.time,',
        replace: 'guard: this.state.guard?.toTuples() ?? null,\n      clock: 0,',
      },
    ],
    caughtBy: /C2/,
  },
  {
    name: 'the tie-break is missing',
    edits: [
      {
        file: version,
        find: `a.timestamp - b.timestamp ||
    a.origin.id - b.origin.id ||
    a.origin.incarnation - b.origin.incarnation`,
        replace: 'a.timestamp - b.timestamp',
      },
    ],
    caughtBy: /C4|G2|stabilize/,
  },
  {
    name: 'the last arrival wins',
    edits: [
      {
        file: state,
        find: 'if (held === undefined || compareVersions(entry.version, held.version) > 0) {',
        replace: 'if (entry !== undefined) {',
      },
    ],
    caughtBy: /C7|C4/,
  },
  {
    name: 'a life is taken for the former one of its id',
    edits: [
      {
        file: ids,
        find: 'return incarnation * (MAX_NODE_ID + 1) + id;',
        replace: 'return id + 0 * (incarnation + MAX_NODE_ID);',
      },
    ],
    caughtBy: /C1|C7|G2/,
  },
  {
    name: 'the broadcast starts before the children have answered',
    edits: [
      {
        file: stabilizer,
        find: 'const gathered = await this.#gather(round, order.avoid, budget);',
        replace: `const gathered = { missing: [] as NodeId[] };
    round.children = this.#gossip.peers.map((id) => ({ id, applied: new VersionVector() }));`,
      },
    ],
    caughtBy: /C4|stabilize/,
  },
  {
    name: 'a child answers before its own children have',
    edits: [
      {
        file: stabilizer,
        find: '    return round.gathered;\n',
        replace: `    round.gathered.catch(() => undefined);
    const { time: clock } = this.#state.clock;
    const applied = this.#state.applied.toTuples();
    return { joined: true, applied, reached: [this.#env.self.id], missing: [], clock };\n`,
      },
    ],
    caughtBy: /C4|stabilize/,
  },
  {
    name: 'nothing is pulled up',
    edits: [
      {
        file: stabilizer,
        find: '!this.#state.applied.dominates(child.applied) && !(',
        replace: 'round.number < 0 && !(',
      },
    ],
    caughtBy: /C4/,
  },
  {
    name: 'what was spread is not handed on',
    edits: [
      {
        file: stabilizer,
        find: 'return this.#spreadToChildren(round, budget).then(',
        replace: `const isHanding = round.number < 0;
    const none = { reached: round.children.map(({ id }) => ({ id, incarnation: 1 })), missing: [] };
    const handed = isHanding ? this.#spreadToChildren(round, budget) : Promise.resolve(none);
    return handed.then(`,
      },
    ],
    caughtBy: /C4/,
  },
  {
    name: 'a transfer is applied whatever its base',
    edits: [
      {
        file: state,
        find: 'if (!this.applied.dominates(since)) return false;',
        replace: 'if (since === undefined) return false;',
      },
    ],
    caughtBy: /C7/,
  },
  {
    name: 'the vector moves on without the entries',
    edits: [
      {
        file: gossip,
        find: 'const parts = packParts(this.#state.entriesBeyond(since));',
        replace: 'const parts = packParts(this.#state.entriesBeyond(since).slice(1));',
      },
    ],
    caughtBy: /C7/,
  },
  {
    name: 'the vector moves on without the deletions',
    edits: [
      {
        file: gossip,
        find: 'const parts = packParts(this.#state.entriesBeyond(since));',
        replace: `const lacking = this.#state.entriesBeyond(since);
    const parts = packParts(lacking.filter(({ value }) => value !== null));`,
      },
    ],
    caughtBy: /C7/,
  },
  {
    name: 'the vector does not move on',
    edits: [
      { file: state, find: '    this.applied.merge(applied);\n', replace: '    void applied;\n' },
    ],
    caughtBy: /C4|C5|C7|DifferentStores|stabilize/,
  },
  {
    name: 'the client forgets its own put',
    edits: [
      {
        file: session,
        find: '    this.state.hasSeen(key, version);',
        replace: '    void key;',
      },
    ],
    caughtBy: /RYW|MW|read-your-writes|monotonic-writes/,
  },
  {
    name: 'the client forgets what it got',
    edits: [
      {
        file: session,
        find: 'if (got !== undefined) this.state.hasSeen(key, got);\n      else ',
        replace: '',
      },
    ],
    caughtBy: /MR|WFR|causal|monotonic-reads|writes-follow-reads/,
  },
  {
    name: 'ERR_KEY before ERR_DEP',
    edits: [
      {
        file: replica,
        find: 'if (!isSeen || !state.hasSeen(readGuard(guard))) {',
        replace:
          'if (state.read(key) !== undefined && (!isSeen || !state.hasSeen(readGuard(guard)))) {',
      },
    ],
    caughtBy: /C3|RYW|causal|read-your-writes/,
  },
  {
    name: 'a later write makes up for an unseen one',
    edits: [
      {
        file: replica,
        find: 'state.applied.covers(fromVersionTuple(dependsOn));',
        replace:
          '(state.read(key)?.version.timestamp ?? 0) >= fromVersionTuple(dependsOn).timestamp;',
      },
    ],
    caughtBy: /C3|RYW|MR|read-your-writes|monotonic-reads/,
  },
  {
    name: "a causal client's put is not guarded",
    edits: [
      {
        file: state,
        find: "if (!this.hasSeen(guard)) return 'stale';",
        replace: "if (guard === undefined) return 'stale';",
      },
    ],
    caughtBy: /MW or WFR|monotonic-writes|writes-follow-reads/,
  },
  {
    name: 'a repeated request applies twice',
    edits: [
      {
        file: state,
        find: 'return this.#answered.find({ session, seq }) !== undefined;',
        replace: 'return seq < 0 && this.#answered.find({ session, seq }) !== undefined;',
      },
    ],
    caughtBy: /G7/,
  },
  {
    name: 'gossip past a cut link',
    edits: [
      {
        file: network,
        find: `    this.#linksOf(a).delete(b);
    this.#linksOf(b).delete(a);`,
        replace: '    void [a, b];',
      },
      {
        file: gossip,
        find: '    this.#peerById.delete(id);',
        replace: '    this.#peerById.delete(id);\n    this.connected(id);',
      },
    ],
    caughtBy: /across a cut|C4: a round on a healed network|stabilize: the last round reached/,
  },
  {
    name: 'a tombstone is collected before every server has it',
    edits: [
      {
        file: stabilizer,
        find: 'if (order.known.every((id) => reached.includes(id))) {',
        replace: 'if (order.known.length > 0) {',
      },
    ],
    caughtBy: /C4: server \d+ collects what server \d+ did not have/,
  },
  {
    name: 'tombstones are collected in the round that brings them',
    edits: [
      {
        file: tombstoneCollection,
        find: '? former.held',
        replace: '? held',
      },
    ],
    caughtBy: /C4: server \d+ collects what server \d+ did not have/,
  },
  {
    name: 'tombstones are collected although a server has joined since the last round',
    edits: [
      {
        file: tombstoneCollection,
        find: 'keys.every((key) => former.reached.has(key))',
        replace: 'keys.length > 0',
      },
    ],
    caughtBy: /C4: server \d+ collects what server \d+ did not have/,
  },
  {
    name: 'a transfer does not tell which tombstones were collected',
    edits: [{ file: state, find: 'this.collected.merge(collected);', replace: '' }],
    caughtBy: /C3: server \d+ does not know/,
  },
  {
    name: 'a newcomer writes before it has heard of a clock',
    edits: [{ file: bootstrap, find: 'if (!this.#hasHadPeers) this', replace: 'this' }],
    caughtBy: /C4: server \d+ is bootstrapped, with a clock below a collected tombstone/,
  },
  {
    name: 'a newcomer takes the word of another newcomer',
    edits: [{ file: bootstrap, find: 'if (answer.isBootstrapped) this', replace: 'this' }],
    caughtBy: /C4: server \d+ is bootstrapped, with a clock below a collected tombstone/,
  },
];
