import { describe, expect, it } from 'vitest';
import type { Invariants } from '../../../src/kernel/invariants.ts';
import type { Configuration } from '../../../src/protocols/sharded/configuration.ts';
import type { Entry, InstallEntry } from '../../../src/protocols/sharded/entry.ts';
import type { Fact } from '../../../src/protocols/sharded/facts.ts';
import { createShardedInvariants } from '../../../src/protocols/sharded/invariants.ts';
import type { Request } from '../../../src/protocols/sharded/operations.ts';
import { ShardedState } from '../../../src/protocols/sharded/state.ts';
import { configuration, group, lifeOf, piece, put, request, settings } from './builders.ts';

/** A server without a disk. What it does is checked at `ends`, as one event. */
class Server {
  readonly state: ShardedState;
  readonly #invariants: Invariants;
  #facts: Fact[] = [];

  constructor(invariants: Invariants, id: number, given: { incarnation?: number; sync?: string }) {
    const { incarnation = 1, sync = 'all' } = given;
    this.#invariants = invariants;
    this.state = new ShardedState(lifeOf(id, incarnation), settings({ sync }));
  }

  adopts(next: Configuration): this {
    this.state.adopt(next);
    this.state.kept(next.number);
    return this;
  }

  accepts(one: Request): this {
    const accepted = this.state.accept(one);
    if (accepted === 'frozen') throw new Error('frozen');
    this.#facts.push({ kind: 'accepted', configuration: this.#configuration, request: one });
    return this;
  }

  /** As the primary: an entry that no client has asked for. */
  pushes(entry: Entry): this {
    this.state.witness(entry);
    this.state.log?.push(entry);
    return this;
  }

  /** As a secondary: entries that follow on `base` in the primary's log. */
  takes(base: number, entries: readonly Entry[]): this {
    const { position } = this.state;
    if (position === undefined) throw new Error('no position');
    this.state.append(position, base, entries, true);
    return this;
  }

  /** Answers that it has the log of that primary up to there. */
  confirms(primary: Server, upTo: number): this {
    const { position } = primary.state;
    const down = position?.downs.find(({ peer }) => peer.id === this.state.self.id);
    const params = { base: upTo, cuts: true, entries: [], committed: 0 };
    down?.answered({ method: 'append', params }, { status: 'ok' });
    return this;
  }

  applies(): this {
    const { log, position } = this.state;
    if (log === undefined || position === undefined) throw new Error('no position');
    log.keep(log.generation, log.last);
    for (const { index, entry, reply } of this.state.advance()) {
      const fact = { configuration: this.#configuration, position, index, entry, reply };
      this.#facts.push({ kind: 'applied', ...fact });
    }
    return this;
  }

  ends(): void {
    const facts = this.#facts;
    this.#facts = [];
    this.#invariants.changed({ life: this.state.self, role: 'server', state: this.state }, facts);
  }

  dies(): void {
    this.#invariants.ended?.(this.state.self);
  }

  get #configuration(): Configuration {
    const { configuration: own } = this.state;
    if (own === undefined) throw new Error('no configuration');
    return own;
  }
}

function world(sync = 'all') {
  const invariants = createShardedInvariants();
  const server = (id: number, incarnation = 1) => new Server(invariants, id, { incarnation, sync });
  const client = (next: Configuration) =>
    invariants.changed({ life: lifeOf(100), role: 'client', state: { configuration: next } }, []);
  return { server, client };
}

describe('S2: a shard without an owner', () => {
  const alone = [group(1, [0])];
  const owners = [null, null, null, null];
  const opening = configuration(2, alone, { owners, move: { id: 2, owners: [1, 1, 1, 1] } });
  const opened = configuration(3, alone);

  it('may get its first request in the event in which its owner learns of it', () => {
    const server = world().server(0);
    server.adopts(opening).ends();
    server
      .adopts(opened)
      .accepts(request(1, 'put', { value: 'v' }))
      .applies();
    expect(() => server.ends()).not.toThrow();
  });

  it('begins without what its owner had of it', () => {
    const server = world().server(0);
    server.adopts(opening).pushes(put(1, 1)).applies().ends();
    server
      .adopts(opened)
      .accepts(request(2, 'put', { value: 'v' }))
      .applies();
    expect(() => server.ends()).toThrow('S2: slot 0 begins anew in group 1, and server 0 has');
  });

  it('keeps what it has got when a node learns late of its owner', () => {
    const { server: create, client } = world();
    const server = create(0);
    server.adopts(opening).ends();
    server.adopts(configuration(4, alone)).ends();
    server
      .accepts(request(1, 'put', { value: 'v' }))
      .applies()
      .ends();
    client(opened);
    server.accepts(request(2, 'appendLeft', { value: 'w' })).applies();
    expect(() => server.ends()).not.toThrow();
  });
});

describe('S2: shards that come to a group', () => {
  const pair = [group(1, [0]), group(2, [1])];
  const moving = configuration(2, pair, { move: { id: 2, owners: [1, 1, 1, 2] } });
  const came: InstallEntry = {
    ...{ kind: 'install', epoch: 1, move: 2, from: 1, isLast: true },
    pieces: [piece(3)],
  };

  function begin() {
    const { server } = world();
    const [giver, getter] = [server(0), server(1)];
    giver.adopts(configuration(1, pair)).ends();
    return { giver, getter };
  }

  it('are those that the other group had', () => {
    const { giver, getter } = begin();
    giver
      .accepts(request(1, 'put', { key: '3', value: 'v' }))
      .applies()
      .ends();
    giver.adopts(moving).ends();
    getter.adopts(moving).pushes(came).applies();
    expect(() => getter.ends()).toThrow('S2: slot 3 comes to group 2 without the value of 3');
  });

  it('may be older than those of their owner when the move was undone', () => {
    const { giver, getter } = begin();
    giver.adopts(moving).ends();
    getter.adopts(moving).pushes(came).ends();
    giver.adopts(configuration(3, pair)).ends();
    giver
      .accepts(request(1, 'put', { key: '3', value: 'v' }))
      .applies()
      .ends();
    getter.applies();
    expect(() => getter.ends()).not.toThrow();
  });
});

describe('S5: a secondary that has not heard of a new epoch', () => {
  const before = configuration(1, [group(1, [0, 1, 2])]);
  const after = configuration(2, [group(1, [2], { epoch: 2, joiners: [[0, 1]], members: [0, 2] })]);
  const write = put(1, 1);

  /** The primary of the first epoch is made equal to the next one, which has nothing. */
  function begin({ hasPushed }: { readonly hasPushed: boolean }): Server {
    const { server } = world('1');
    const [primary, secondary, next] = [server(0), server(1), server(2)];
    primary.adopts(before);
    if (hasPushed) primary.pushes(write);
    primary.ends();
    secondary.adopts(before).ends();
    next.adopts(before).ends();
    next.adopts(after).ends();
    primary.adopts(after).ends();
    primary.state.log?.truncate(0);
    primary.ends();
    return secondary.takes(0, [write]).applies();
  }

  it('may have what its primary has lost since', () => {
    const secondary = begin({ hasPushed: true });
    expect(() => secondary.ends()).not.toThrow();
  });

  it('has nothing that its primary never had', () => {
    const secondary = begin({ hasPushed: false });
    expect(() => secondary.ends()).toThrow('S5: server 1 has applied what its primary does not');
  });
});

describe('S5: a primary that has not heard of a new epoch', () => {
  const before = configuration(1, [group(1, [0, 1, 2])]);
  const after = configuration(2, [group(1, [2], { epoch: 2, joiners: [[1, 1]], members: [1, 2] })]);
  const write = put(1, 1);

  /** The secondary has confirmed the entry, and is made equal to the next primary without it. */
  function begin({ hasTaken }: { readonly hasTaken: boolean }): Server {
    const { server } = world('1');
    const [primary, secondary] = [server(0), server(1)];
    primary.adopts(before).pushes(write).ends();
    secondary.adopts(before);
    if (hasTaken) secondary.takes(0, [write]);
    secondary.state.log?.keep(secondary.state.log.generation, hasTaken ? 1 : 0);
    secondary.ends();
    secondary.confirms(primary, 1).adopts(after);
    secondary.state.log?.truncate(0);
    secondary.ends();
    return primary.applies();
  }

  it('may apply what a secondary had in its epoch', () => {
    const primary = begin({ hasTaken: true });
    expect(() => primary.ends()).not.toThrow();
  });

  it('applies nothing that no secondary ever had', () => {
    const primary = begin({ hasTaken: false });
    expect(() => primary.ends()).toThrow('S5: server 0 applies entry 1 of group 1, which 1 of 3');
  });
});

describe('S5: the next primary', () => {
  const before = configuration(1, [group(1, [0, 1, 2])]);
  const after = configuration(2, [group(1, [1, 2], { epoch: 2, members: [0, 1, 2] })]);
  const write = put(1, 1);

  /** Only one secondary has the last entry of the primary, and the other one leads. */
  function begin() {
    const { server } = world('1');
    const [primary, next, ahead] = [server(0), server(1), server(2)];
    primary.adopts(before).pushes(write).ends();
    next.adopts(before).ends();
    ahead.adopts(before).takes(0, [write]).ends();
    primary.dies();
    return { next, ahead };
  }

  it('has no shorter log than another server that lives', () => {
    const { next } = begin();
    next.adopts(after);
    expect(() => next.ends()).toThrow('S5: server 1 leads, and server 2 has a longer log');
  });

  it('may have a shorter one than a server whose death is not known yet', () => {
    const { next, ahead } = begin();
    ahead.dies();
    next.adopts(after);
    expect(() => next.ends()).not.toThrow();
  });
});

describe('S5: a secondary that has died', () => {
  const both = configuration(1, [group(1, [0, 1])]);
  const returning = configuration(2, [group(1, [0], { joiners: [[1, 2]], members: [0, 1] })]);
  const write = put(1, 1);

  function begin() {
    const { server } = world('1');
    const [primary, secondary] = [server(0), server(1)];
    primary.adopts(both).pushes(write).ends();
    secondary.adopts(both).ends();
    secondary.dies();
    return { primary, returned: server(1, 2).adopts(returning) };
  }

  it('has what its next life has, by a configuration from before its death', () => {
    const { primary, returned } = begin();
    returned.takes(0, [write]).confirms(primary, 1).ends();
    primary.applies();
    expect(() => primary.ends()).not.toThrow();
  });

  it('has nothing if its next life has nothing', () => {
    const { primary, returned } = begin();
    returned.confirms(primary, 1).ends();
    primary.applies();
    expect(() => primary.ends()).toThrow('S5: server 0 applies entry 1 of group 1, which 1 of 2');
  });
});
