// The configuration service of the quorum protocol: answers servers, and warns of those without a
// place. The roster makes every decision.
import type { Options } from '../../kernel/protocol.ts';
import type { Service, ServiceEnv } from '../../kernel/service.ts';
import type { QuorumMessages } from './messages.ts';
import { readSettings } from './options.ts';
import { describeRing } from './ring.ts';
import { Roster } from './roster.ts';

export function createQuorumService(
  env: ServiceEnv<QuorumMessages>,
  options: Options,
): Service<QuorumMessages> {
  const roster = new Roster(readSettings(options), env.earlier, env.generation);
  return {
    state: roster,
    handlers: {
      join: (from, params) => {
        const { awaited, ...joined } = roster.join(from, params);
        if (roster.isNewStranger(from.id)) env.warn(tellStranger(from.id, roster));
        if (roster.hasOtherSettings()) env.warn(tellSettings(roster));
        return { ...joined, awaited: [...awaited] };
      },
      advance: (from, { ring }) => {
        if (roster.advance(from, ring)) env.note('grow', { server: from.id });
        return { ring: roster.ring ?? null };
      },
      forget: (_from, { floor, lives }) => ({ isAgreed: roster.forget(floor, lives) }),
    },
    inspect: () => {
      const { ring, floor, awaited } = roster;
      const fixed = ring && { ...ring, members: ring.members.map(([id]) => id) };
      return { floor, awaited: [...awaited], fixed: fixed ?? null };
    },
    ended: (life) => roster.ended(life),
  };
}

function tellSettings({ ring }: Roster): string {
  const kept = ring && describeRing(ring);
  return `the servers have a ring from an earlier run: ${kept} count, not the options of this run`;
}

function tellStranger(id: number, { ring }: Roster): string {
  const members = ring?.members.map(([member]) => member).join(', ');
  return (
    `server ${id} has no place on the ring, which was fixed at the first request (servers ` +
    `${members}) and cannot grow with partitioner=${ring?.partitioner}: it only passes requests on`
  );
}
