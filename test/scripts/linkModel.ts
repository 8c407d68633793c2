// A small model of the live servers and their links, computed from a script's text alone. It shares
// no code with the program, so it can tell independently which servers have to agree.

/** What the model believed when a `stabilize` was over. */
export interface Checkpoint {
  /** Lines of the variant: the `printStore` of each live server, after that `stabilize`. */
  readonly serverByLine: ReadonlyMap<number, number>;
  /** The live servers, by what is connected. */
  readonly partitions: readonly (readonly number[])[];
  /** Which life of each live server that was, counted from 1. */
  readonly lifeByServer: ReadonlyMap<number, number>;
}

/** A script in which every `stabilize` is followed by the stores of all live servers. */
export interface Variant {
  readonly text: string;
  readonly checkpoints: readonly Checkpoint[];
}

export function showStoresAfterStabilize(script: string): Variant {
  const model = new LinkModel();
  const lines: string[] = [];
  const checkpoints: Checkpoint[] = [];
  for (const line of script.split('\n')) {
    lines.push(line);
    const [command = '', ...words] = line.trim().split(/[ \t]+/);
    model.follow(command, words);
    if (command !== 'stabilize') continue;
    const serverByLine = new Map<number, number>();
    for (const server of model.servers) {
      lines.push(`printStore ${server}`);
      serverByLine.set(lines.length, server);
    }
    const partitions = model.partitions();
    checkpoints.push({ serverByLine, partitions, lifeByServer: model.livesOf(model.servers) });
  }
  return { text: `${lines.join('\n')}\n`, checkpoints };
}

/** Commands after which the servers of one partition need not all be reached. */
const NOT_FOLLOWED = new Set(['concurrently', 'pauseServer', 'resumeServer']);

export class LinkModel {
  readonly #roleById = new Map<number, 'server' | 'client'>();
  readonly #livesById = new Map<number, number>();
  readonly #links = new Set<string>();
  /** Links that `heal` would bring back. */
  readonly #cut = new Set<string>();

  /** Live servers in ascending order. */
  get servers(): number[] {
    return [...this.#roleById.keys()]
      .filter((id) => this.#roleById.get(id) === 'server')
      .sort((a, b) => a - b);
  }

  /** Takes one line over. A line that the program refuses changes nothing here either. */
  follow(command: string, words: readonly string[]): void {
    const isOneWay = command === 'breakConnection' && words[2] === 'oneway';
    if (NOT_FOLLOWED.has(command) || isOneWay) {
      throw new Error(`the model cannot follow '${command} ${words.join(' ')}'`);
    }
    const [a = Number.NaN, b = Number.NaN] = words.map(Number);
    if (command === 'joinServer') this.#joinServer(a);
    else if (command === 'joinClient') this.#joinClient(a, b);
    else if (command === 'killServer') this.#kill(a);
    else if (command === 'createConnection') this.#connect(a, b);
    else if (command === 'breakConnection' && words.length === 2) this.#break(a, b);
    else if (command === 'partition') this.#partition(words);
    else if (command === 'heal') this.#heal();
  }

  /** Connected live servers, each group and all groups in ascending order. */
  partitions(): number[][] {
    const groups: number[][] = [];
    const seen = new Set<number>();
    for (const server of this.servers) {
      if (seen.has(server)) continue;
      const group = [server];
      seen.add(server);
      for (const member of group) {
        for (const other of this.servers) {
          if (seen.has(other) || !this.#links.has(linkOf(member, other))) continue;
          seen.add(other);
          group.push(other);
        }
      }
      groups.push(group.sort((a, b) => a - b));
    }
    return groups;
  }

  livesOf(ids: readonly number[]): ReadonlyMap<number, number> {
    return new Map(ids.map((id) => [id, this.#livesById.get(id) ?? 0]));
  }

  #begin(id: number, role: 'server' | 'client'): void {
    this.#roleById.set(id, role);
    this.#livesById.set(id, (this.#livesById.get(id) ?? 0) + 1);
  }

  #joinServer(id: number): void {
    if (this.#roleById.has(id)) return;
    const others = this.servers;
    this.#begin(id, 'server');
    for (const other of others) this.#links.add(linkOf(id, other));
  }

  #joinClient(id: number, server: number): void {
    if (this.#roleById.get(id) === 'server' || this.#roleById.get(server) !== 'server') return;
    if (!this.#roleById.has(id)) this.#begin(id, 'client');
    this.#connect(id, server);
  }

  #kill(id: number): void {
    if (this.#roleById.get(id) !== 'server') return;
    this.#roleById.delete(id);
    for (const links of [this.#links, this.#cut]) {
      for (const link of links) if (link.split(' ').includes(String(id))) links.delete(link);
    }
  }

  #connect(a: number, b: number): void {
    const roles = [this.#roleById.get(a), this.#roleById.get(b)];
    if (a === b || roles.includes(undefined) || !roles.includes('server')) return;
    this.#links.add(linkOf(a, b));
    this.#cut.delete(linkOf(a, b));
  }

  #break(a: number, b: number): void {
    if (this.#links.delete(linkOf(a, b))) this.#cut.add(linkOf(a, b));
  }

  #partition(words: readonly string[]): void {
    const groups = words.join(' ').split('|');
    for (const [index, group] of groups.entries()) {
      for (const other of groups.slice(index + 1)) {
        for (const a of idsOf(group)) for (const b of idsOf(other)) this.#break(a, b);
      }
    }
  }

  #heal(): void {
    for (const link of this.#cut) this.#links.add(link);
    this.#cut.clear();
  }
}

function linkOf(a: number, b: number): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

function idsOf(text: string): number[] {
  return text
    .trim()
    .split(/[ \t]+/)
    .map(Number);
}
