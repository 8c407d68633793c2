// The drawing of the topology: servers as circles, clients as squares, links by their state, and
// messages on their way.
import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { TraceEvent } from '../../../kernel/trace.ts';
import { type Places, placeNodes } from '../../cursor/circle.ts';
import type { FaultTarget } from '../../cursor/faults.ts';
import { type Flight, flightsAt } from '../../cursor/flights.ts';
import { along, between } from '../../cursor/line.ts';
import type { Topology } from '../../cursor/topology.ts';
import { describeNode, linkState } from '../../cursor/topologyTexts.ts';
import { LinkMark, NodeMark } from './marks.tsx';

export type OnOpen = (target: FaultTarget, opener: SVGGElement) => void;

interface Props {
  readonly events: readonly TraceEvent[];
  readonly cursor: number;
  readonly topology: Topology;
  /** Absent if nothing can be done. */
  readonly onOpen?: OnOpen;
}

/** SVG has no elements of its own for these roles. */
const GROUP = { role: 'group' } as const;
const IMAGE = { role: 'img' } as const;
const BUTTON = { role: 'button', 'aria-haspopup': 'menu' } as const;

const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowUp: -1,
  ArrowRight: 1,
  ArrowDown: 1,
};

export function Picture({ events, cursor, topology, onOpen }: Props) {
  const places = usePlaces(events);
  const svg = useRef<SVGSVGElement>(null);
  const { x, y, w, h } = places.box;
  const move = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step === undefined || svg.current === null) return;
    event.preventDefault();
    event.stopPropagation();
    const marks = [...svg.current.querySelectorAll<SVGGElement>('[role="button"]')];
    const at = marks.indexOf(document.activeElement as never);
    marks[(at + step + marks.length) % marks.length]?.focus();
  };
  // Nodes come first in the order of the keys, and are drawn last, over the links.
  return (
    <svg
      ref={svg}
      class="topology-picture"
      viewBox={`${x} ${y} ${w} ${h}`}
      style={{ '--w': `${w}` }}
      {...GROUP}
      aria-label={summaryOf(topology)}
      onKeyDown={move}
    >
      {topology.links.map((link) => (
        <Mark
          key={`link ${link.ends.join(' ')}`}
          name={`link ${link.ends.join(' to ')}, ${linkState(link)}`}
          target={{ kind: 'pair', ends: link.ends }}
          isFirst={false}
          onOpen={onOpen}
        >
          <LinkMark link={link} places={places} />
        </Mark>
      ))}
      <Flights flights={flightsAt(events, cursor)} places={places} />
      {topology.nodes.map((node, place) => (
        <Mark
          key={`node ${node.id}`}
          name={describeNode(node)}
          target={{ kind: 'node', id: node.id }}
          isFirst={place === 0}
          onOpen={onOpen}
        >
          <NodeMark node={node} places={places} />
        </Mark>
      ))}
    </svg>
  );
}

function usePlaces(events: readonly TraceEvent[]): Places {
  const given = useSignal(events);
  given.value = events;
  return useComputed(() => placeNodes(given.value)).value;
}

interface MarkProps {
  readonly name: string;
  readonly target: FaultTarget;
  /** The one that the tab key goes to. */
  readonly isFirst: boolean;
  readonly onOpen: OnOpen | undefined;
  readonly children: JSX.Element;
}

function Mark({ name, target, isFirst, onOpen, children }: MarkProps) {
  if (onOpen === undefined) {
    return (
      <g {...IMAGE} aria-label={name}>
        {children}
      </g>
    );
  }
  const button = {
    ...BUTTON,
    tabIndex: isFirst ? 0 : -1,
    onClick: ({ currentTarget }: { readonly currentTarget: SVGGElement }) =>
      onOpen(target, currentTarget),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      event.stopPropagation();
      onOpen(target, event.currentTarget as SVGGElement);
    },
  };
  return (
    <g class="topology-mark" {...button} aria-label={name}>
      {children}
    </g>
  );
}

function Flights({ flights, places }: { readonly flights: Flight[]; readonly places: Places }) {
  if (flights.length === 0) return null;
  return (
    <g {...IMAGE} aria-label={`${flights.length} messages on their way`}>
      {flights.map(({ message, method, from, to, isReply, share }) => {
        const [a, b] = [places.byId.get(from), places.byId.get(to)];
        if (a === undefined || b === undefined) return null;
        const { x, y } = along(between(a, b, places.nodeRadius), share);
        return (
          <circle
            key={message}
            class={isReply ? 'topology-reply' : 'topology-request'}
            cx={x}
            cy={y}
            r="3.2"
          >
            <title>{`${method} ${isReply ? 'reply ' : ''}${from} \u2192 ${to}`}</title>
          </circle>
        );
      })}
    </g>
  );
}

function summaryOf({ nodes, links }: Topology): string {
  const count = (role: string): number => nodes.filter((node) => node.role === role).length;
  const impaired = links.filter(({ isCut, muted }) => isCut || muted.length > 0).length;
  const whole = `${links.length - impaired} whole links, ${impaired} impaired`;
  return `${count('server')} servers, ${count('client')} clients, ${whole}`;
}
