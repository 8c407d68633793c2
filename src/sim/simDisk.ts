// A simulated disk. Its operations take time, and fail on request. In a crash it loses all or a
// part of what was not synced.
import { type RandomStream, randomBelow } from '../kernel/random.ts';
import { type Disk, DiskError, type DiskFile } from '../log/disk.ts';
import { SimFile } from './simFile.ts';

/**
 * How long one operation takes, in milliseconds: evenly distributed, except for a few slow ones;
 * and the share of operations that fail while a server lives on the disk. Shares from 0 to 1.
 */
export interface DiskPlan {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** The share of operations that take much longer, and the maximum of their delay. */
  readonly tail: number;
  readonly tailDelayMs: number;
  /** The share of the operations needing space that find the disk full. */
  readonly full: number;
  /** The share of operations that fail. */
  readonly failure: number;
  /** Each record counts as this many, so that short logs are compacted too. */
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
  /** ENOSPC affects only operations that need space: the next such operation fails instead. */
  readonly code: 'EIO' | 'ENOSPC';
  readonly at: number;
  readonly lasts: boolean;
}

/** How often each kind of fault occurred on a disk. */
export interface DiskTroubles {
  readonly full: number;
  readonly failed: number;
  /** Operations that took much longer, as the plan demands. */
  readonly slow: number;
}

/** How a life uses the disk: by events of the world. None of them comes after the life's end. */
export interface DiskUser {
  readonly isAlive: boolean;
  /** True while the log is being opened: no random faults occur then. */
  readonly isOpening: boolean;
  /** Runs a task of the disk after `ms` milliseconds. */
  after(ms: number, task: () => void): void;
  /** Runs a task of the life. */
  run(task: () => void): void;
}

export type DiskImage = ReadonlyMap<string, Uint8Array>;

type Naming = (files: Map<string, SimFile>) => void;

/** The effect of an operation when it begins, when it is complete, and when it fails. */
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

  /** Sets the fault from now on, or removes it. */
  setFault(fault?: DiskFault): void {
    this.#fault = fault;
    this.#operations = 0;
  }

  /** The contents that a file would have if the power failed now. */
  durableFile(name: string): SimFile | undefined {
    return this.#durableFiles.get(name);
  }

  /** The files as a reader sees them. */
  get files(): ReadonlyMap<string, SimFile> {
    return this.#files;
  }

  /** The files as a reader sees them, by name. */
  copy(): DiskImage {
    return new Map([...this.#files].map(([name, file]) => [name, file.read(0, file.size)]));
  }

  /** Replaces the folder by durable files. No life may be using it. */
  replace(image: DiskImage): void {
    this.#files = new Map([...image].map(([name, bytes]) => [name, SimFile.of(bytes)]));
    this.#durableFiles = new Map(this.#files);
    this.#unsynced = [];
  }

  /**
   * A life ends. Either the process was killed, and the machine keeps all data that it was given;
   * or the power failed, and only the disk's contents are left.
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
   * The disk for one life. Random faults begin after the first sync of a life whose log is open: a
   * server that cannot even begin would end the whole run.
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
