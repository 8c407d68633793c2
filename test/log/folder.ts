// A folder on a simulated disk, without a world: each operation completes one turn after it began.

import type { Json } from '../../src/kernel/json.ts';
import { createRandomStream } from '../../src/kernel/random.ts';
import type { DiskFile } from '../../src/log/disk.ts';
import { Log } from '../../src/log/log.ts';
import type { LogError } from '../../src/log/logError.ts';
import type { LogOwner } from '../../src/log/manifest.ts';
import { readFrames } from '../../src/log/reading.ts';
import { SimDisk } from '../../src/sim/simDisk.ts';
import type { SimFile } from '../../src/sim/simFile.ts';

export const OWNER: LogOwner = { run: 'a run', protocol: 'causal', server: 3 };

export interface Life {
  readonly log: Log;
  /** What was restored. */
  readonly records: Json[];
  readonly warnings: string[];
  readonly failures: LogError[];
  /** Resolves when the life has ended: told to, by its disk's failure, or at its operation. */
  readonly ended: Promise<void>;
  end(): void;
}

export class Folder {
  readonly disk: SimDisk;
  #lives = 0;

  constructor(seed = 1) {
    this.disk = new SimDisk('folder', createRandomStream(seed, 'disk 3'));
  }

  /**
   * The next life on this folder, its log not opened yet. It ends when the disk is given its
   * `lastOperation`-th operation from now, which may be half done.
   */
  begin(owner: LogOwner = OWNER, lastOperation = Infinity): Life & { open(): Promise<void> } {
    this.#lives += 1;
    let isAlive = true;
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = () => {
        isAlive = false;
        resolve();
      };
    });
    const already = this.disk.operations;
    const hasCome = (): boolean => this.disk.operations - already >= lastOperation;
    const records: Json[] = [];
    const warnings: string[] = [];
    const failures: LogError[] = [];
    const log = new Log({
      disk: this.attach(() => {
        if (isAlive && hasCome()) end();
        return isAlive;
      }),
      owner,
      life: { id: owner.server, incarnation: this.#lives },
      warn: (text) => warnings.push(text),
      onFailure: (error) => {
        failures.push(error);
        end();
      },
    });
    return {
      log,
      records,
      warnings,
      failures,
      open: () => log.open((record) => records.push(record)),
      ended,
      end,
    };
  }

  async open(owner: LogOwner = OWNER): Promise<Life> {
    const life = this.begin(owner);
    await life.open();
    return life;
  }

  attach(isAlive: () => boolean = () => true) {
    return this.disk.attach({
      get isAlive() {
        return isAlive();
      },
      isOpening: false,
      after: (_ms, task) => void setImmediate(task),
      run: (task) => task(),
    });
  }

  /** The bytes of a file as a reader sees them. */
  bytes(name: string): Buffer {
    const file = this.disk.files.get(name) as SimFile;
    return Buffer.from(file.read(0, file.size));
  }

  /** Puts a file there, as a stranger would. */
  async put(name: string, bytes: Uint8Array): Promise<void> {
    const disk = this.attach();
    if (this.disk.files.has(name)) await disk.remove(name);
    const file = await disk.create(name);
    await file.write(0, bytes);
    await file.sync();
    await disk.syncFolder();
  }

  async remove(name: string): Promise<void> {
    const disk = this.attach();
    await disk.remove(name);
    await disk.syncFolder();
  }

  /** Another folder with the same files, as they are on the disk. */
  async copy(seed = 1): Promise<Folder> {
    const copy = new Folder(seed);
    copy.#lives = this.#lives;
    for (const name of this.disk.files.keys()) await copy.put(name, this.bytes(name));
    return copy;
  }
}

/** Bytes as a file that can only be read. */
export function fileOf(content: Uint8Array): DiskFile {
  const refuse = (): never => {
    throw new Error('only for reading');
  };
  return {
    size: content.length,
    read: async (position, length) => content.subarray(position, position + length),
    write: refuse,
    sync: refuse,
    truncate: refuse,
    close: refuse,
  };
}

/** Where the last whole frame begins. */
export async function lastFrameOf(bytes: Uint8Array): Promise<number> {
  let last = 0;
  for await (const { offset } of readFrames(fileOf(bytes), 'a copy')) last = offset;
  return last;
}

/** The code and the text of what the promise rejects with, or 'nothing'. */
export async function whyNot(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'nothing';
  } catch (error) {
    const { code, message } = error as LogError;
    return `${code} ${message}`;
  }
}
