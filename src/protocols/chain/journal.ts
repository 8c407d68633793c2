// What a server keeps on its disk: its logs as they grow, and which configuration they belong to.
import type { Version } from '../../clocks/version.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import type { Storage } from '../../kernel/storage.ts';
import type { Configuration } from './configuration.ts';
import type { Catchup, Entry } from './log.ts';
import type { WireApplied, WireEntry } from './messages.ts';
import type { ChainState } from './state.ts';
import { packApplied, packEntry, unpackApplied, unpackEntry } from './wire.ts';

type Installed = {
  readonly base: number;
  readonly upTo: number;
  readonly end: number;
  readonly entries: readonly WireEntry[];
  readonly applied: readonly WireApplied[];
  readonly pending: readonly WireEntry[];
};

type Line =
  | readonly ['configuration', Configuration]
  /** The writes, and how far the chain had acknowledged then. */
  | readonly ['push', NodeId, readonly WireEntry[], number]
  | readonly ['install', NodeId, Installed];

/** So many lines more than a whole state would take, and the log is written anew. */
const SPARE_LINES = 1_000;

export class Journal {
  readonly #storage: Storage;
  readonly #state: ChainState;
  readonly #onBroken: () => void;
  #isBroken = false;

  /** `onBroken` is called once, when the disk has refused a line: nothing may be accepted then. */
  constructor(storage: Storage, state: ChainState, onBroken: () => void) {
    this.#storage = storage;
    this.#state = state;
    this.#onBroken = onBroken;
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  configured(configuration: Configuration): Promise<void> {
    return this.#write(['configuration', configuration]);
  }

  pushed(owner: NodeId, entries: readonly Entry[], committed: number): Promise<void> {
    return this.#write(['push', owner, entries.map(packEntry), committed]);
  }

  installed(owner: NodeId, catchup: Catchup): Promise<void> {
    return this.#write(['install', owner, packInstalled(catchup)]);
  }

  /** Resolves when the line, and all before it, are durable. Rejects with E_STORAGE. */
  async #write(line: Line): Promise<void> {
    if (this.#isBroken) throw new CallError('E_STORAGE');
    try {
      await this.#storage.append(line as unknown as Json);
      await this.#compactIfLong();
    } catch (error) {
      if (error instanceof CallError && !this.#isBroken) {
        this.#isBroken = true;
        this.#onBroken();
      }
      throw error;
    }
  }

  async #compactIfLong(): Promise<void> {
    const { isDurable, length } = this.#storage;
    if (!isDurable || length < SPARE_LINES) return;
    const lines = wholeState(this.#state);
    if (length < SPARE_LINES + 2 * lines.length) return;
    await this.#storage.compact(lines as unknown as Json[]);
  }
}

/** Replays one line into the state of the next life. */
export function restoreLine(state: ChainState, record: Json): void {
  const line = record as unknown as Line;
  if (line[0] === 'configuration') {
    state.restore(line[1]);
    return;
  }
  const log = state.openLog(line[1]);
  if (line[0] === 'install') {
    // It was committed when this was installed, though no line before says so.
    log.commit(Math.min(line[2].base, log.last));
    state.install(log, unpackInstalled(line[2]));
  } else {
    for (const entry of line[2].map(unpackEntry)) {
      state.clock.witness(entry.version.timestamp);
      if (entry.version.timestamp > log.last) log.push(entry);
    }
  }
  log.keep(log.generation, log.last);
  if (line[0] === 'push') log.commit(Math.min(line[3], log.last));
}

/** The versions of the writes in one line, for whoever looks at a disk from outside. */
export function versionsIn(record: Json): Version[] {
  const line = record as unknown as Line;
  if (line[0] === 'configuration') return [];
  const entries = line[0] === 'push' ? line[2] : [...line[2].entries, ...line[2].pending];
  return entries.map((packed) => unpackEntry(packed).version);
}

function wholeState(state: ChainState): Line[] {
  const { configuration } = state;
  if (configuration === undefined) return [];
  const logs = Array.from(state.logs, ([owner, log]): Line => {
    const catchup = { ...log.catchupFrom(0), pending: log.pending };
    return ['install', owner, packInstalled(catchup)];
  });
  return [['configuration', configuration], ...logs];
}

function packInstalled({ base, upTo, end, entries, applied, pending }: Catchup): Installed {
  return {
    base,
    upTo,
    end,
    entries: entries.map(packEntry),
    applied: applied.map(packApplied),
    pending: pending.map(packEntry),
  };
}

function unpackInstalled({ base, upTo, end, entries, applied, pending }: Installed): Catchup {
  return {
    base,
    upTo,
    end,
    entries: entries.map(unpackEntry),
    applied: applied.map(unpackApplied),
    pending: pending.map(unpackEntry),
  };
}
