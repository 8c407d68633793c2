// The links of a store whose members talk over TCP: they can be cut and slow, but lose and repeat
// nothing while they stand.
import type { NodeId } from '../../kernel/ids.ts';
import type { LinkSetting } from '../../kernel/linkSettings.ts';
import { LinkTable } from '../world/linkTable.ts';

const AS_TCP: LinkSetting = { loss: 0, duplication: 0, isOrdered: true };

export class SlowLinks extends LinkTable {
  /** How long what is sent now is on its way; it never passes what was sent before. */
  delayMs(from: NodeId, to: NodeId): number {
    return this.delays(from, to, AS_TCP)[0] ?? 0;
  }
}

/** Why such a link cannot have a setting, or undefined. */
export function refuseLinkOverTcp({ loss = 0, duplication = 0 }: LinkSetting): string | undefined {
  if (loss === 0 && duplication === 0) return undefined;
  return 'its members talk over TCP, which loses and repeats nothing: cut the link, or delay it';
}
