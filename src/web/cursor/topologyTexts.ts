// The states of nodes and links as texts.
import type { Topology, TopologyLink, TopologyNode } from './topology.ts';

/** `dead`, or `paused, failed`; empty for a node that runs as it should. */
export function nodeState({ isAlive, isPaused, isFailed, isCutOff }: TopologyNode): string {
  if (!isAlive) return 'dead';
  const states = [isPaused && 'paused', isFailed && 'failed', isCutOff && 'no service'];
  return states.filter(Boolean).join(', ');
}

/** `server 2, paused, life 3`: with what the picture shows in this order. */
export function describeNode(node: TopologyNode): string {
  const life = node.incarnation === 1 ? '' : `life ${node.incarnation}`;
  return [`${node.role} ${node.id}`, nodeState(node), life].filter(Boolean).join(', ');
}

/** `whole`, `cut`, or `only 0 → 1`: the direction in which messages still travel. */
export function linkState({ ends: [a, b], isCut, muted }: TopologyLink): string {
  if (isCut) return 'cut';
  if (muted.length === 0) return 'whole';
  if (muted.length === 2) return 'mute both ways';
  return muted[0] === a ? `only ${b} \u2192 ${a}` : `only ${a} \u2192 ${b}`;
}

export interface Remark {
  readonly term: string;
  readonly text: string;
}

/** What is not as usual. Empty if all is well. */
export function remarksOn({ links, nodes }: Topology): Remark[] {
  const nameOf = ({ ends }: TopologyLink): string => ends.join('\u2013');
  const cut = links.filter(({ isCut }) => isCut).map(nameOf);
  const oneWay = links.filter(({ isCut, muted }) => !isCut && muted.length > 0);
  const cutOff = nodes.filter(({ isCutOff }) => isCutOff).map(({ id }) => String(id));
  const remarks = [
    { term: 'cut', text: cut.join(', ') },
    { term: 'one way', text: oneWay.map(linkState).join(', ') },
    { term: 'without the service', text: cutOff.join(', ') },
  ];
  return remarks.filter(({ text }) => text !== '');
}
