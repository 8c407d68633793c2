// What the inspections of a moment say of where keys are: preference lists, hints, chains, groups.
import type { NodeId } from '../../kernel/ids.ts';
import type { InspectedHint, InspectedToken, Inspection } from '../../kernel/inspection.ts';
import type { Json } from '../../kernel/json.ts';
import type { Options } from '../../kernel/protocol.ts';
import { TokenPlacement } from '../../replication/placement.ts';
import { tokenOfKey } from '../../replication/ring.ts';
import type { Look } from '../view.ts';
import { Holders, ringIn, ringOf } from './holders.ts';

export interface HeldHint extends InspectedHint {
  readonly holder: NodeId;
}

export interface ShownChain {
  readonly arc: NodeId;
  readonly members: readonly NodeId[];
  /** A server after the tail that does not serve yet. */
  readonly joiner: NodeId | null;
}

export interface ShownGroup {
  readonly group: number;
  readonly primary: NodeId | null;
  readonly secondaries: readonly NodeId[];
  readonly shards: number | undefined;
}

export interface ShownPlacement {
  readonly ring: readonly InspectedToken[];
  readonly hints: readonly HeldHint[];
  readonly chains: readonly ShownChain[];
  readonly groups: readonly ShownGroup[];
  /** Shards are on their way between groups. */
  readonly isMoving: boolean;
  readonly suspicions: readonly { readonly by: NodeId; readonly suspected: readonly NodeId[] }[];
}

/** Where two servers differ, the service counts and, without it, the latest configuration. */
export function placementAt({ servers, service }: Look): ShownPlacement {
  const states = servers.flatMap(({ state }) => (state === null ? [] : [state]));
  const held = servers.flatMap(({ id, state }) => {
    return (state?.hints ?? []).map((hint) => ({ ...hint, holder: id }));
  });
  const suspicions = servers.flatMap(({ id, state }) => {
    const suspected = state?.suspected ?? [];
    return suspected.length === 0 ? [] : [{ by: id, suspected }];
  });
  return {
    ring: ringIn(states),
    hints: held,
    chains: chainsOf(service?.chains === undefined ? states : [service]),
    groups: groupsOf(states, service),
    isMoving: service?.isMoving === true,
    suspicions,
  };
}

/** The servers that a key belongs to, the most preferred first; undefined if that is not told. */
export function preferenceOf(
  key: string,
  look: Look,
  options: Options,
): readonly NodeId[] | undefined {
  const states = look.servers.flatMap(({ state }) => (state === null ? [] : [state]));
  const told = listsIn(states).find((list) => list.key === key);
  if (told !== undefined) return told.servers;
  const tokens = ringIn(states);
  const ring = ringOf(tokens);
  const { chains } = placementAt(look);
  if (ring !== undefined) {
    if (chains.length > 0) {
      const owner = ring.ownerAt(tokenOfKey(key));
      return chains.find(({ arc }) => arc === owner)?.members;
    }
    return ring.walkFrom(tokenOfKey(key)).slice(0, Number(options.n ?? tokens.length));
  }
  if (tokens.length > 0) return preferenceByTokens(key, tokens, options);
  return new Holders(look).of(key);
}

/** With tokens of equal size, where keys are whole numbers. */
function preferenceByTokens(
  key: string,
  tokens: readonly InspectedToken[],
  { q, n }: Options,
): readonly NodeId[] | undefined {
  const keysPerToken = Number(q);
  if (!/^\d+$/.test(key) || Number(key) >= keysPerToken * tokens.length) return undefined;
  const owners = tokens.map(({ server }) => server);
  const placement = new TokenPlacement(owners, keysPerToken);
  return placement.preferenceOf(key).slice(0, Number(n ?? owners.length));
}

function listsIn(
  states: readonly Inspection[],
): readonly { readonly key: string; readonly servers: readonly NodeId[] }[] {
  return states.flatMap(({ lists }) => (Array.isArray(lists) ? (lists as never[]) : []));
}

/** One chain for each arc, of the latest configuration that tells of it. */
function chainsOf(states: readonly Inspection[]): ShownChain[] {
  const latest = new Map<NodeId, { readonly epoch: number; readonly chain: ShownChain }>();
  for (const { chains = [], epoch } of states) {
    for (const one of chains) {
      const known = latest.get(one.arc);
      const number = numberOr(epoch, 0);
      if (known !== undefined && known.epoch >= number) continue;
      const { arc, members, joiner } = one as typeof one & { readonly joiner?: Json };
      const chain = { arc, members, joiner: typeof joiner === 'number' ? joiner : null };
      latest.set(arc, { epoch: number, chain });
    }
  }
  return [...latest.values()].map(({ chain }) => chain).sort((a, b) => a.arc - b.arc);
}

function groupsOf(states: readonly Inspection[], service: Inspection | null): ShownGroup[] {
  const byNumber = [...states].sort(
    (a, b) => numberOr(b.configuration, 0) - numberOr(a.configuration, 0),
  );
  const groups = service?.groups ?? byNumber[0]?.groups ?? [];
  const shards = Array.isArray(service?.shards) ? service.shards : [];
  return groups.map((one) => {
    const told = shards.find((share) => isShare(share) && share.group === one.group);
    return { ...one, shards: isShare(told) ? told.shards : undefined };
  });
}

function isShare(field: Json | undefined): field is { group: number; shards: number } {
  return typeof field === 'object' && field !== null && 'group' in field && 'shards' in field;
}

function numberOr(field: Json | undefined, other: number): number {
  return typeof field === 'number' ? field : other;
}
