// Faults for servers with logs: the whole cluster loses power, disks are full or fail. A dead
// server comes back with the disk that it had.
import type { NodeId } from '../../src/kernel/ids.ts';
import { type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import { type Action, LOG_ACTIONS } from './plans.ts';
import type { Testbed } from './testbed.ts';

const ROUND_BUDGET_MS = 5_000;

export type LogAction = (typeof LOG_ACTIONS)[number];

export function isLogAction(action: Action): action is LogAction {
  return (LOG_ACTIONS as readonly Action[]).includes(action);
}

export async function doLogAction(
  action: LogAction,
  testbed: Testbed,
  server: NodeId,
  random: RandomStream,
): Promise<void> {
  if (action === 'blackout') return blackOut(testbed, random);
  if (action === 'absence') return leaveOut(testbed, server, random);
  const disk = testbed.cluster.disk(server);
  const fault = { at: 1 + randomBelow(random, 20), lasts: random() < 0.5 };
  disk.setFault({ code: action === 'full disk' ? 'ENOSPC' : 'EIO', ...fault });
  await testbed.cluster.sleep(Math.floor(random() * 500));
  await revive(testbed);
}

/** A server is away while the others converge again and again, and comes back from before. */
async function leaveOut(testbed: Testbed, server: NodeId, random: RandomStream): Promise<void> {
  if (testbed.servers.length === 1) return;
  await testbed.kill(server);
  for (let round = 0; round < 3; round += 1) {
    await testbed.cluster.sleep(Math.floor(random() * 100));
    await testbed.stabilize(ROUND_BUDGET_MS);
  }
  await testbed.joinServer(server);
}

/** Every server dies at once, in the middle of its work, and all come back. */
export async function blackOut(testbed: Testbed, random: RandomStream): Promise<void> {
  const clients = [...testbed.roleById].filter(([, role]) => role === 'client').map(([id]) => id);
  const { servers } = testbed;
  await Promise.all(servers.map((id) => testbed.kill(id)));
  await testbed.cluster.sleep(Math.floor(random() * 100));
  for (const id of [...servers, ...testbed.lost]) await testbed.joinServer(id);
  for (const client of clients) {
    await testbed.link(client, testbed.servers[randomBelow(random, servers.length)] as NodeId);
  }
}

/** Restarts the servers that died of a disk fault. Their disks work again. */
export async function revive(testbed: Testbed): Promise<void> {
  for (const id of [...testbed.lost]) await testbed.joinServer(id);
}
