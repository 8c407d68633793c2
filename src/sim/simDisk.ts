// A forgetful disk: it takes time, loses in a crash what was not synced, or keeps a part of it, and
// fails when it is told to.
import { type RandomStream, randomBelow } from '../kernel/random.ts';
import { type Disk, DiskError, type DiskFile } from '../log/disk.ts';
import { SimFile } from './simFile.ts';

/**
 * How long one operation takes, in milliseconds, evenly spread but for a slow few; and how many go
 * wrong while a server lives on the disk. Shares from 0 to 1.
 */
export interface DiskPlan {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** How many operations take much longer, and how long at most. */
  readonly tail: number;
  readonly tailDelayMs: number;
  /** How many of those that need room find none. */
  readonly full: number;
  /** How many fail. */
  readonly failure: number;
  /** As how many each record counts, so that short logs too are compacted. */
  readonly recordWeight: number;
}

/** A disk like that of an ordinary machine. */
export const USUAL_DISK: DiskPlan = {
  minDelayMs: 0.125,
  maxDelayMs: 1,
  tail: 0,
  tailDelayMs: 0,
  full: 0,
  failure: 0,
  recordWeight: 1,
};

/** The operations from the `at`-th on, counted from 1, fail: one of them, or all. */
export interface DiskFault {
  /** No room concerns only what needs some: the next such operation fails instead. */
  readonly code: 'EIO' | 'ENOSPC';
  readonly at: number;
  readonly lasts: boolean;
}

/** How often something went wrong on a disk. */
export interface DiskTroubles {
  readonly full: number;
  readonly failed: number;
  /** Operations that took much longer, as the plan has it. */
  readonly slow: number;
}

/** How a life uses the disk: as events of the world, of which none come after the life's end. */
export interface DiskUser {
  readonly isAlive: boolean;
  /** While the log is being opened: nothing goes wrong by chance then. */
  readonly isOpening: boolean;
  /** Runs a task of the disk's own in so many milliseconds. */
  after(ms: number, task: () => void): void;
  /** Runs a task of the life. */
  run(task: () => void): void;
}

export type DiskImage = ReadonlyMap<string, Uint8Array>;

type Naming = (files: Map<string, SimFile>) => void;

/** What an operation does when it is begun, when it is over, and when it fails. */
interface Operation<T> {
  readonly needsRoom?: boolean;
  readonly isSync?: boolean;
  readonly begin?: () => void;
  readonly end: () => T;
  readonly fail?: (code: DiskFault['code']) => void;
}

/** One server's folder; it outlives the server's lives. */
export class SimDisk {
  plan: DiskPlan;
  readonly path: string;
  readonly #random: RandomStream;
  #files = new Map<string, SimFile>();
  #durableFiles = new Map<string, SimFile>();
  #unsynced: Naming[] = [];
  #fault: DiskFault | undefined;
  #operations = 0;
  readonly #troubles = { full: 0, failed: 0, slow: 0 };

  constructor(path: string, random: RandomStream, plan: DiskPlan = USUAL_DISK) {
    this.path = path;
    this.#random = random;
    this.plan = plan;
  }

  /** How many operations were begun since the last fault was set. */
  get operations(): number {
    return this.#operations;
  }

  get troubles(): DiskTroubles {
    return this.#troubles;
  }

  /** From now on, or never again. */
  setFault(fault?: DiskFault): void {
    this.#fault = fault;
    this.#operations = 0;
  }

  /** The file that the folder would have under a name if the power failed now. */
  durableFile(name: string): SimFile | undefined {
    return this.#durableFiles.get(name);
  }

  /** The files as a reader sees them. */
  get files(): ReadonlyMap<string, SimFile> {
    return this.#files;
  }

  /** What a reader finds, by name. */
  copy(): DiskImage {
    return new Map([...this.#files].map(([name, file]) => [name, file.read(0, file.size)]));
  }

  /** The folder is another one from now on, and durable. Nobody may be using it. */
  replace(image: DiskImage): void {
    this.#files = new Map([...image].map(([name, bytes]) => [name, SimFile.of(bytes)]));
    this.#durableFiles = new Map(this.#files);
    this.#unsynced = [];
  }

  /**
   * A life ends: the process was killed, and the machine goes on with all that it was told; or the
   * power failed, and the disk is all that is left.
   */
  crash(): void {
    if (this.#random() < 0.5) return;
    this.failPower();
  }

  failPower(): void {
    const kept = randomBelow(this.#random, this.#unsynced.length + 1);
    for (const change of this.#unsynced.slice(0, kept)) change(this.#durableFiles);
    this.#unsynced = [];
    const all = new Set([...this.#files.values(), ...this.#durableFiles.values()]);
    for (const file of all) file.crash(this.#random);
    this.#files = new Map(this.#durableFiles);
  }

  /**
   * The disk for one life. What goes wrong by chance does so behind the first sync of a life whose
   * log is open: a server that cannot even begin is another matter, and ends the whole run.
   */
  attach(user: DiskUser): Disk {
    let hasSynced = false;
    const operate = <T>(operation: Operation<T>): Promise<T> => {
      const code = this.#nextFault(operation.needsRoom, hasSynced);
      hasSynced ||= operation.isSync === true && !user.isOpening;
      return this.#operate(user, operation, code);
    };
    return {
      path: this.path,
      list: () => operate({ end: () => [...this.#files.keys()] }),
      open: (name) =>
        operate({ end: () => openFile(this.#find(name), operate, () => this.#random()) }),
      create: (name) => {
        const file = new SimFile();
        return operate({
          needsRoom: true,
          end: () => {
            if (this.#files.has(name)) throw new DiskError('EEXIST', `${this.path}/${name}`);
            this.#name((files) => files.set(name, file));
            return openFile(file, operate, () => this.#random());
          },
        });
      },
      rename: (from, to) => operate({ needsRoom: true, end: () => this.#rename(from, to) }),
      remove: (name) =>
        operate({
          end: () => {
            this.#find(name);
            this.#name((files) => files.delete(name));
          },
        }),
      syncFolder: () => {
        const count = this.#unsynced.length;
        const end = (): void => {
          for (const change of this.#unsynced.splice(0, count)) change(this.#durableFiles);
        };
        return operate({ end });
      },
    };
  }

  #rename(from: string, to: string): void {
    const file = this.#find(from);
    this.#name((files) => {
      files.delete(from);
      files.set(to, file);
    });
  }

  #find(name: string): SimFile {
    const file = this.#files.get(name);
    if (file === undefined) throw new DiskError('ENOENT', `${this.path}/${name}: not there`);
    return file;
  }

  #name(change: Naming): void {
    change(this.#files);
    this.#unsynced.push(change);
  }

  #operate<T>(
    user: DiskUser,
    operation: Operation<T>,
    code: DiskFault['code'] | undefined,
  ): Promise<T> {
    if (code === undefined) operation.begin?.();
    else this.#fail(operation, code);
    return new Promise((resolve, reject) => {
      user.after(this.#delay(), () => {
        if (!user.isAlive) return;
        try {
          if (code !== undefined) throw new DiskError(code, `${this.path}: ${code}`);
          const result = operation.end();
          user.run(() => resolve(result));
        } catch (error) {
          user.run(() => reject(error));
        }
      });
    });
  }

  #fail<T>(operation: Operation<T>, code: DiskFault['code']): void {
    this.#troubles[code === 'EIO' ? 'failed' : 'full'] += 1;
    operation.fail?.(code);
  }

  #nextFault(needsRoom = false, mayFailByChance = false): DiskFault['code'] | undefined {
    this.#operations += 1;
    const fault = this.#fault;
    const isOrdered = fault !== undefined && this.#operations >= fault.at;
    if (isOrdered && (fault.code === 'EIO' || needsRoom)) {
      if (!fault.lasts) this.#fault = undefined;
      return fault.code;
    }
    if (!mayFailByChance) return undefined;
    if (this.#chance(this.plan.failure)) return 'EIO';
    return needsRoom && this.#chance(this.plan.full) ? 'ENOSPC' : undefined;
  }

  #chance(share: number): boolean {
    return share > 0 && this.#random() < share;
  }

  /** In eighths of a millisecond, as all times are. */
  #delay(): number {
    const { minDelayMs, maxDelayMs, tail, tailDelayMs } = this.plan;
    const isSlow = this.#chance(tail);
    if (isSlow) this.#troubles.slow += 1;
    const most = isSlow ? tailDelayMs : maxDelayMs;
    const delay = minDelayMs + this.#random() * Math.max(0, most - minDelayMs);
    return Math.round(delay * 8) / 8;
  }
}

function openFile(
  file: SimFile,
  operate: <T>(operation: Operation<T>) => Promise<T>,
  random: RandomStream,
): DiskFile {
  return {
    get size() {
      return file.size;
    },
    read: (position, length) => operate({ end: () => file.read(position, length) }),
    write: (position, bytes) =>
      operate({
        needsRoom: true,
        // It may be half done when the power fails, so it is begun at once.
        begin: () => file.write(position, bytes),
        end: () => undefined,
        fail: () => file.write(position, bytes.subarray(0, randomBelow(random, bytes.length))),
      }),
    sync: () => {
      const count = file.pending;
      return operate({ isSync: true, end: () => file.sync(count), fail: () => file.forget() });
    },
    truncate: (size) => operate({ end: () => file.truncate(size) }),
    close: () => operate({ end: () => undefined }),
  };
}
