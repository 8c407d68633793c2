// What is done to servers with logs: the whole cluster loses power, disks are full or fail. Whoever
// died comes back on the disk that it had.
import type { NodeId } from '../../src/kernel/ids.ts';
import { type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import type { Cast } from './cast.ts';
import { type Deed, LOG_DEEDS } from './plans.ts';

const ROUND_BUDGET_MS = 5_000;

export type LogDeed = (typeof LOG_DEEDS)[number];

export function isLogDeed(deed: Deed): deed is LogDeed {
  return (LOG_DEEDS as readonly Deed[]).includes(deed);
}

export async function doLogDeed(
  deed: LogDeed,
  cast: Cast,
  server: NodeId,
  random: RandomStream,
): Promise<void> {
  if (deed === 'blackout') return blackOut(cast, random);
  if (deed === 'absence') return leaveOut(cast, server, random);
  const disk = cast.cluster.disk(server);
  const fault = { at: 1 + randomBelow(random, 20), lasts: random() < 0.5 };
  disk.setFault({ code: deed === 'full disk' ? 'ENOSPC' : 'EIO', ...fault });
  await cast.cluster.sleep(Math.floor(random() * 500));
  await revive(cast);
}

/** A server is away while the others converge again and again, and comes back from before. */
async function leaveOut(cast: Cast, server: NodeId, random: RandomStream): Promise<void> {
  if (cast.servers.length === 1) return;
  await cast.kill(server);
  for (let round = 0; round < 3; round += 1) {
    await cast.cluster.sleep(Math.floor(random() * 100));
    await cast.stabilize(ROUND_BUDGET_MS);
  }
  await cast.joinServer(server);
}

/** Every server dies at once, in the middle of whatever it does, and all come back. */
export async function blackOut(cast: Cast, random: RandomStream): Promise<void> {
  const clients = [...cast.roleById].filter(([, role]) => role === 'client').map(([id]) => id);
  const { servers } = cast;
  await Promise.all(servers.map((id) => cast.kill(id)));
  await cast.cluster.sleep(Math.floor(random() * 100));
  for (const id of [...servers, ...cast.lost]) await cast.joinServer(id);
  for (const client of clients) {
    await cast.link(client, cast.servers[randomBelow(random, servers.length)] as NodeId);
  }
}

/** Brings back whoever died of its disk, which is well again. */
export async function revive(cast: Cast): Promise<void> {
  for (const id of [...cast.lost]) await cast.joinServer(id);
}
