// A small correct store for the assignment, in one process: servers, clients and links in memory.
// What the assignment leaves open is an option, and each known mistake is one too.

/** The options of a design that the assignment permits. */
export const PERMITTED = {
  /** Which of two concurrent puts with equal times is the last. */
  isLast: (a, b) => a.server > b.server,
  /** When servers tell each other of a put: never, at once, or by chance. */
  gossip: 'never',
  /** Of several servers a client asks one by chance. */
  random: () => 0,
  /** For a key that the server lacks and the client depends on. */
  lacking: 'ERR_DEP',
  /** Whether a client depends on all of its keys at once. */
  isWholeSession: false,
  /** Whether a store is printed in the reverse order of keys. */
  isReversed: false,
};

export class Store {
  constructor(options = {}, mistake = '') {
    this.options = { ...PERMITTED, ...options };
    this.mistake = mistake;
    this.servers = new Map();
    this.clients = new Map();
    this.links = new Set();
    this.puts = 0;
  }

  /** Returns the lines that the command prints. */
  do(line) {
    const [name, ...words] = line.trim().split(/\s+/);
    const printed = this[name](...words) ?? [];
    if (this.options.gossip !== 'never') this.gossip();
    return printed;
  }

  joinServer(id) {
    for (const other of this.servers.keys()) this.links.add(linkName(id, other));
    this.servers.set(id, { id, clock: 0, entries: new Map() });
  }

  killServer(id) {
    this.servers.delete(id);
    for (const link of this.links) if (link.split(' ').includes(id)) this.links.delete(link);
  }

  joinClient(id, server) {
    if (!this.clients.has(id)) this.clients.set(id, { id, clock: 0, seen: new Map() });
    this.links.add(linkName(id, server));
  }

  breakConnection(a, b) {
    if (this.mistake === 'unbroken' && this.servers.has(a) && this.servers.has(b)) return;
    this.links.delete(linkName(a, b));
  }

  createConnection(a, b) {
    this.links.add(linkName(a, b));
  }

  put(id, key, ...words) {
    const client = this.clients.get(id);
    const server = this.serverOf(id);
    if (server === undefined) return;
    this.puts += 1;
    if (this.mistake === 'loses-writes' && this.puts % 3 === 0) return;
    const own = this.mistake === 'no-client-clock' ? 0 : client.clock;
    const time = Math.max(own, server.clock) + 1;
    server.clock = client.clock = time;
    const entry = { time, server: Number(server.id), value: words.join(' ') };
    server.entries.set(key, entry);
    client.seen.set(key, entry);
  }

  get(id, key) {
    const client = this.clients.get(id);
    const server = this.serverOf(id);
    if (server === undefined) return [`${key}:ERR_UNREACHABLE`];
    const entry = server.entries.get(key);
    const error = this.errorOf(client, server, key, entry);
    if (error !== undefined) return [`${key}:${error}`];
    client.clock = Math.max(client.clock, server.clock);
    if (this.mistake !== 'forgets-gets') client.seen.set(key, entry);
    return [`${key}:${entry.value}`];
  }

  errorOf(client, server, key, entry) {
    const keys = this.options.isWholeSession ? [...client.seen.keys()] : [key];
    const isBehind = keys.some((one) => {
      const seen = client.seen.get(one);
      return seen !== undefined && this.isOlder(server.entries.get(one), seen);
    });
    if (this.mistake === 'always-behind' && client.seen.has(key)) return 'ERR_DEP';
    if (this.mistake === 'stale') return entry === undefined ? 'ERR_KEY' : undefined;
    if (entry === undefined) return isBehind ? this.options.lacking : 'ERR_KEY';
    return isBehind ? 'ERR_DEP' : undefined;
  }

  printStore(id) {
    const lines = [...this.servers.get(id).entries].map(([key, { value }]) => `${key}:${value}`);
    lines.sort();
    return this.options.isReversed ? lines.reverse() : lines;
  }

  /** Merges until nothing changes; the mistake `one-hop` stops after one step. */
  stabilize() {
    if (this.mistake === 'no-stabilize') return;
    const befores = [...this.servers.values()].map(({ id, entries }) => [id, new Map(entries)]);
    if (this.mistake === 'one-hop') {
      for (const [from, entries] of befores) {
        for (const to of this.neighboursOf(from)) this.merge(to, entries);
      }
      return;
    }
    for (let changed = true; changed; ) {
      changed = false;
      for (const { id, entries } of this.servers.values()) {
        for (const to of this.neighboursOf(id)) changed = this.merge(to, entries) || changed;
      }
    }
    if (this.mistake === 'own-wins') {
      for (const [id, entries] of befores) {
        for (const [key, entry] of entries) this.servers.get(id).entries.set(key, entry);
      }
    }
  }

  gossip() {
    const isNow = () => this.options.gossip === 'eager' || this.options.random() < 0.3;
    for (const { id, entries } of this.servers.values()) {
      for (const to of this.neighboursOf(id)) {
        const some = [...entries].filter(() => isNow());
        this.merge(to, new Map(some));
      }
    }
  }

  merge(to, entries) {
    let changed = false;
    for (const [key, entry] of entries) {
      to.clock = Math.max(to.clock, entry.time);
      if (!this.isOlder(to.entries.get(key), entry)) continue;
      to.entries.set(key, entry);
      changed = true;
    }
    return changed;
  }

  isOlder(a, b) {
    if (a === undefined) return true;
    if (a.time !== b.time) return a.time < b.time;
    return a.server !== b.server && this.options.isLast(b, a);
  }

  serverOf(client) {
    const near = this.neighboursOf(client);
    return near[Math.floor(this.options.random() * near.length)];
  }

  neighboursOf(id) {
    return [...this.servers.values()].filter((server) => this.links.has(linkName(id, server.id)));
  }
}

function linkName(a, b) {
  return [a, b].sort((x, y) => x - y).join(' ');
}
