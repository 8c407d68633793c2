// The logs of a simulated world's servers: the same log code as on a real disk, over simulated
// disks.
import { EnvironmentError } from '../kernel/cluster.ts';
import type { RecoveredWrite } from '../kernel/history.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Witnessed } from '../kernel/invariants.ts';
import type { Json } from '../kernel/json.ts';
import { createRandomStream } from '../kernel/random.ts';
import type { Storage } from '../kernel/storage.ts';
import { Log } from '../log/log.ts';
import { LogError } from '../log/logError.ts';
import { LOG } from '../log/recovery.ts';
import { createDurableReader } from './durableRecords.ts';
import type { Scheduler } from './scheduler.ts';
import type { SimData } from './simData.ts';
import { type DiskImage, type DiskPlan, SimDisk } from './simDisk.ts';
import type { SimNode } from './simNode.ts';

export interface SimLogsSetup {
  readonly scheduler: Scheduler;
  readonly seed: number;
  readonly protocol: string;
  /** The run's name in every manifest. */
  readonly run: string;
  /** The data that an earlier run has left, if there was one. */
  readonly data: SimData | undefined;
  readonly disks: DiskPlan;
  readonly warn: (text: string) => void;
  /** The disk of a live node may have lost what it confirmed. */
  readonly onFailure: (node: SimNode) => void;
}

/** The invariants' view of a server's log. */
export type LogLook = Required<Pick<Witnessed, 'durable' | 'pending'>>;

export class SimLogs {
  readonly #setup: SimLogsSetup;
  readonly #diskById = new Map<NodeId, SimDisk>();
  readonly #lookById = new Map<NodeId, LogLook>();
  /** The records that the log of the latest life was given and has not confirmed, in order. */
  readonly #pendingById = new Map<NodeId, Set<{ readonly record: Json }>>();
  #compactions = 0;
  /** The greatest incarnation of any life so far, a client's or a server's. */
  lives: number;
  #disks: DiskPlan;

  constructor(setup: SimLogsSetup) {
    this.#setup = setup;
    this.#disks = setup.disks;
    this.lives = setup.data?.lives ?? 0;
    for (const [id, image] of setup.data?.imageById ?? []) this.disk(id).replace(image);
  }

  get compactions(): number {
    return this.#compactions;
  }

  /** Sets the plan of every server's disk from now on. */
  setPlan(plan: DiskPlan): void {
    this.#disks = plan;
    for (const disk of this.#diskById.values()) disk.plan = plan;
  }

  /**
   * A server's disk. Each has a random stream of its own, so that other streams keep their numbers.
   */
  disk(id: NodeId): SimDisk {
    let disk = this.#diskById.get(id);
    if (disk === undefined) {
      const random = createRandomStream(this.#setup.seed, `disk ${id}`);
      disk = new SimDisk(`server-${id}`, random, this.#disks);
      this.#diskById.set(id, disk);
    }
    return disk;
  }

  /** The servers that have begun a log, according to their disks. */
  get begun(): NodeId[] {
    return [...this.#diskById].flatMap(([id, disk]) =>
      disk.durableFile(LOG) === undefined ? [] : [id],
    );
  }

  /** Undefined for a server that never had a log. */
  look(id: NodeId): LogLook | undefined {
    return this.#lookById.get(id);
  }

  copyDisks(): Map<NodeId, DiskImage> {
    return new Map(Array.from(this.#diskById, ([id, disk]) => [id, disk.copy()]));
  }

  /** The log of a new life, not opened yet. */
  create(node: SimNode): Log {
    const { scheduler, run, protocol, warn, onFailure } = this.#setup;
    const { id, incarnation } = node;
    const disk = this.disk(id);
    if (!this.#lookById.has(id)) {
      const durable = createDurableReader(disk);
      const pending = (): Json[] => Array.from(this.#pendingById.get(id) ?? [], (x) => x.record);
      this.#lookById.set(id, { durable, pending });
    }
    return new Log({
      disk: disk.attach({
        get isAlive() {
          return node.isAlive;
        },
        get isOpening() {
          return !node.hasBegun;
        },
        after: (ms, task) => void scheduler.after(ms, task),
        run: (task) => node.run('disk', task),
      }),
      owner: { run, protocol, server: id },
      life: { id, incarnation },
      warn: (text) => warn(`server ${id}: ${text}`),
      onFailure: ({ code, message }) => {
        warn(`server ${id}: ${code}: ${message}`);
        onFailure(node);
      },
    });
  }

  /**
   * The log as a replica sees it: appends that one sync made durable resolve one by one, each as an
   * event of its own, so that invariants see every state in between.
   */
  inTurns(log: Log, node: SimNode): Storage {
    const disk = this.disk(node.id);
    const pending = new Set<{ readonly record: Json }>();
    this.#pendingById.set(node.id, pending);
    const turn = (): Promise<void> =>
      new Promise((resolve) => {
        this.#setup.scheduler.after(0, () => node.run('disk', resolve));
      });
    return {
      isDurable: true,
      get length() {
        return log.length * disk.plan.recordWeight;
      },
      append: (record) => {
        const given = { record };
        pending.add(given);
        return log
          .append(record)
          .then(turn)
          .finally(() => pending.delete(given));
      },
      compact: async (records) => {
        await log.compact(records);
        this.#compactions += 1;
        await turn();
      },
    };
  }

  /** A life has ended: its disk loses what a crash may lose. */
  ended(id: NodeId): void {
    this.#diskById.get(id)?.crash();
  }
}

/**
 * Begins a life on the data of an earlier one, and returns what it recovered. Rejects with an
 * EnvironmentError if the data is unusable.
 */
export async function beginFrom(log: Log, simNode: SimNode): Promise<RecoveredWrite[]> {
  const { node } = simNode;
  simNode.hasBegun = false;
  try {
    await log.open((record) => node.restore(record));
  } catch (error) {
    if (error instanceof LogError) throw new EnvironmentError(error.code, error.message);
    throw error;
  }
  const recovered = node.recovered();
  simNode.hasBegun = true;
  node.begin();
  return recovered;
}
