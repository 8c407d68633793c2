// What a script fixes, whatever its servers answer: the keys that a server certainly has, or can
// have, and whether a server may lack what a client depends on. It knows no versions.
import type { NodeId } from '../../kernel/ids.ts';
import { type Parts, type Show, textsOf } from './steps.ts';

/** Where the write is that a client last put or got for a key. */
interface Dependency {
  /** Servers that have it, or a later one. */
  readonly certain: Set<NodeId>;
  /** One of these had it at first; empty if that one may have died since. */
  first: ReadonlySet<NodeId>;
}

/** Keys that a server has for certain, and the values that it can have, by their keys. */
interface Holding {
  readonly sure: Set<string>;
  readonly possible: Map<string, Set<string>>;
}

export class Certainty {
  readonly #holdings = new Map<NodeId, Holding>();
  #parts: Parts = [];
  /** Puts that one of several servers has taken. */
  #unsure: { readonly key: string; readonly servers: readonly NodeId[] }[] = [];
  readonly #dependencies = new Map<NodeId, Map<string, Dependency>>();

  /** A new life may find what the former one had, on its disk. */
  begin(server: NodeId): void {
    const possible = this.#holdings.get(server)?.possible ?? new Map();
    this.#holdings.set(server, { sure: new Set(), possible });
  }

  end(server: NodeId): void {
    this.#holdings.get(server)?.sure.clear();
    this.#unsure = this.#unsure.filter(({ servers }) => !servers.includes(server));
    for (const dependency of this.#allDependencies()) {
      dependency.certain.delete(server);
      if (dependency.first.has(server)) dependency.first = new Set();
    }
  }

  /** From now on everything may travel inside these parts. */
  connect(parts: Parts): void {
    this.#parts = parts;
    for (const part of parts) {
      const all = part.flatMap((server) => [...this.#holding(server).possible]);
      for (const [key, values] of all) {
        for (const server of part) this.#allow(server, key, values);
      }
    }
  }

  put(client: NodeId, key: string, value: string, servers: readonly NodeId[]): void {
    for (const part of this.#parts) {
      if (!servers.some((server) => part.includes(server))) continue;
      for (const server of part) this.#allow(server, key, textsOf(value));
    }
    if (servers.length > 1) this.#unsure.push({ key, servers });
    for (const server of onlyOne(servers)) this.#holding(server).sure.add(key);
    const certain = new Set(onlyOne(servers));
    this.#dependenciesOf(client).set(key, { certain, first: new Set(servers) });
  }

  /** The get may have returned a value. */
  get(client: NodeId, key: string, servers: readonly NodeId[]): void {
    const former = this.#dependenciesOf(client).get(key);
    const isStill = (server: NodeId): boolean => former?.certain.has(server) ?? true;
    const certain = new Set(onlyOne(servers).filter(isStill));
    const first = former?.first.size === 0 ? [] : [...(former?.first ?? []), ...servers];
    this.#dependenciesOf(client).set(key, { certain, first: new Set(first) });
  }

  stabilize(parts: Parts): void {
    for (const part of parts) {
      const keys = new Set([
        ...part.flatMap((server) => [...this.#holding(server).sure]),
        ...this.#unsure
          .filter(({ servers }) => servers.every((server) => part.includes(server)))
          .map(({ key }) => key),
      ]);
      for (const server of part) for (const key of keys) this.#holding(server).sure.add(key);
      for (const { certain, first } of this.#allDependencies()) {
        const isInside = first.size > 0 && [...first].every((server) => part.includes(server));
        if (!isInside && !part.some((server) => certain.has(server))) continue;
        for (const server of part) certain.add(server);
      }
    }
  }

  contentOf(server: NodeId): Pick<Show, 'sure' | 'possible'> {
    const { sure, possible } = this.#holding(server);
    const copy = [...possible].map(([key, values]) => [key, new Set(values)] as const);
    return { sure: new Set(sure), possible: new Map(copy) };
  }

  /** Whether one of these servers may lack what the client depends on for another key. */
  mayLackOther(client: NodeId, key: string, servers: readonly NodeId[]): boolean {
    return [...this.#dependenciesOf(client)].some(
      ([other, { certain }]) => other !== key && servers.some((server) => !certain.has(server)),
    );
  }

  #allow(server: NodeId, key: string, values: Iterable<string>): void {
    const { possible } = this.#holding(server);
    const known = possible.get(key) ?? new Set();
    possible.set(key, known);
    for (const value of values) known.add(value);
  }

  #holding(server: NodeId): Holding {
    const known = this.#holdings.get(server);
    if (known !== undefined) return known;
    const holding = { sure: new Set<string>(), possible: new Map<string, Set<string>>() };
    this.#holdings.set(server, holding);
    return holding;
  }

  #dependenciesOf(client: NodeId): Map<string, Dependency> {
    const known = this.#dependencies.get(client);
    if (known !== undefined) return known;
    const dependencies = new Map<string, Dependency>();
    this.#dependencies.set(client, dependencies);
    return dependencies;
  }

  #allDependencies(): Dependency[] {
    return [...this.#dependencies.values()].flatMap((byKey) => [...byKey.values()]);
  }
}

function onlyOne(servers: readonly NodeId[]): readonly NodeId[] {
  return servers.length === 1 ? servers : [];
}
