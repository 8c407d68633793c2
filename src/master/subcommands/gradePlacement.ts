// The placement of nodes and keys in the handout of SimpleDynamo: on a ring by SHA-1, each key at
// the next three nodes clockwise. It shares no code with the protocol that is graded by it.
import { createHash } from 'node:crypto';
import type { NodeId } from '../../kernel/ids.ts';

/** The nodes of the real grader, which names them by the ports of their emulators. */
export const NODES: readonly NodeId[] = [5554, 5556, 5558, 5560, 5562];

const COPIES = 3;

const RING = NODES.map((id) => ({ id, place: sha1(String(id)) })).sort((a, b) =>
  a.place < b.place ? -1 : 1,
);

/** The nodes that a key belongs to, its owner first. */
export function holdersOf(key: string): NodeId[] {
  const place = sha1(key);
  const owner = Math.max(
    0,
    RING.findIndex((node) => node.place >= place),
  );
  return Array.from({ length: COPIES }, (_, step) => {
    return (RING[(owner + step) % RING.length] as { id: NodeId }).id;
  });
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
