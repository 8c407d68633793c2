// A new run on the disks of a run that has ended; one disk may be damaged. The servers come back in
// any order, sometimes after a new server.
import { EnvironmentError } from '../../src/kernel/cluster.ts';
import { type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import { LOG } from '../../src/log/recovery.ts';
import type { DiskImage, SimDisk } from '../../src/sim/simDisk.ts';
import type { Testbed } from './testbed.ts';

export const DAMAGES = ['none', 'lost folder', 'emptied log', 'flipped end', 'older copy'] as const;
export type Damage = (typeof DAMAGES)[number];

/** Copies of the servers' folders, taken at some earlier time. */
export class Backups {
  readonly #copies = new Map<SimDisk, DiskImage[]>();

  take({ cluster, servers }: Testbed): void {
    for (const disk of servers.map((id) => cluster.disk(id))) {
      this.#copies.set(disk, [...(this.#copies.get(disk) ?? []), disk.copy()]);
    }
  }

  pick(disk: SimDisk, random: RandomStream): DiskImage | undefined {
    const copies = this.#copies.get(disk) ?? [];
    return copies[randomBelow(random, Math.max(1, copies.length))];
  }
}

/**
 * All servers die at once, when every chain is whole: so every acknowledged write is on three
 * disks, or on all if there are fewer. One disk is damaged; then all servers come back. Gives the
 * name of the damage, or undefined if the chains were not whole.
 */
export async function beginNewRun(
  testbed: Testbed,
  backups: Backups,
  random: RandomStream,
): Promise<Damage | undefined> {
  await testbed.heal();
  const reached = await testbed.stabilize(5_000);
  const { servers } = testbed;
  if (reached?.length !== servers.length || servers.length < 2) return undefined;
  await Promise.all(servers.map((id) => testbed.kill(id)));
  const victim = servers[randomBelow(random, servers.length)] as number;
  const damage = DAMAGES[randomBelow(random, DAMAGES.length)] as Damage;
  const disk = testbed.cluster.disk(victim);
  disk.replace(damaged(disk, damage, backups.pick(disk, random)));
  for (const id of shuffled(servers, random)) {
    await testbed.joinServer(id).catch(async (error: unknown) => {
      if (!(error instanceof EnvironmentError)) throw error;
      // What may not be believed is refused, and moved away.
      disk.replace(new Map());
      await testbed.joinServer(id);
    });
  }
  // Two that join at once do not know of each other, and a server may have been refused.
  for (const a of servers) for (const b of servers) if (a < b) await testbed.link(a, b);
  return damage;
}

function damaged(disk: SimDisk, damage: Damage, older: DiskImage | undefined): DiskImage {
  const image = disk.copy();
  const log = image.get(LOG) ?? new Uint8Array(0);
  if (damage === 'lost folder') return new Map();
  if (damage === 'emptied log') return new Map([...image, [LOG, new Uint8Array(0)]]);
  if (damage === 'older copy') return older ?? image;
  if (damage === 'none' || log.length === 0) return image;
  const flipped = log.slice();
  flipped[flipped.length - 1] = (flipped.at(-1) as number) ^ 1;
  return new Map([...image, [LOG, flipped]]);
}

function shuffled<T>(items: readonly T[], random: RandomStream): T[] {
  const order = items.map((item) => ({ item, random: random() }));
  return order.sort((a, b) => a.random - b.random).map(({ item }) => item);
}
