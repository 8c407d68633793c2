// A folder on a simulated disk, outside any world: an operation is over one turn after it began.

import type { Json } from '../../src/kernel/json.ts';
import { createRandomStream } from '../../src/kernel/random.ts';
import { Log } from '../../src/log/log.ts';
import type { LogError } from '../../src/log/logError.ts';
import type { LogOwner } from '../../src/log/manifest.ts';
import { SimDisk } from '../../src/sim/simDisk.ts';
import type { SimFile } from '../../src/sim/simFile.ts';

export const OWNER: LogOwner = { run: 'a run', protocol: 'causal', server: 3 };

export interface Life {
  readonly log: Log;
  /** What was restored. */
  readonly records: Json[];
  readonly warnings: string[];
  readonly failures: LogError[];
  /** The life ends, and the power fails or not. */
  end(): void;
}

export class Folder {
  readonly disk: SimDisk;
  #lives = 0;

  constructor(seed = 1) {
    this.disk = new SimDisk('folder', createRandomStream(seed, 'disk 3'));
  }

  /** The next life on this folder, its log not opened yet. */
  begin(owner: LogOwner = OWNER): Life & { open(): Promise<void> } {
    this.#lives += 1;
    let isAlive = true;
    const records: Json[] = [];
    const warnings: string[] = [];
    const failures: LogError[] = [];
    const log = new Log({
      disk: this.attach(() => isAlive),
      owner,
      life: { id: owner.server, incarnation: this.#lives },
      warn: (text) => warnings.push(text),
      onFailure: (error) => failures.push(error),
    });
    return {
      log,
      records,
      warnings,
      failures,
      open: () => log.open((record) => records.push(record)),
      end: () => {
        isAlive = false;
      },
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
    for (const name of this.disk.files.keys()) await copy.put(name, this.bytes(name));
    copy.#lives = this.#lives;
    return copy;
  }
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
