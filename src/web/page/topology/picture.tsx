// The drawing of the topology: servers as circles, clients as squares, links by their state, and
// messages on their way.
import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { LinkSettings } from '../../../kernel/linkSettings.ts';
import type { TraceEvent } from '../../../kernel/trace.ts';
import { type Places, placeNodes, type Room } from '../../cursor/circle.ts';
import type { FaultTarget } from '../../cursor/faults.ts';
import { type Flight, flightsAt } from '../../cursor/flights.ts';
import { along, between } from '../../cursor/line.ts';
import { labelLinks, placeLabels } from '../../cursor/linkLabels.ts';
import type { Topology, TopologyLink } from '../../cursor/topology.ts';
import { describeNode, linkState } from '../../cursor/topologyTexts.ts';
import { LabelMark, LinkMark, NodeMark } from './marks.tsx';

export type OnOpen = (target: FaultTarget, opener: SVGGElement) => void;

interface Props {
  readonly events: readonly TraceEvent[];
  readonly cursor: number;
  readonly topology: Topology;
  /** What is set for the messages of links. */
  readonly settings: LinkSettings | undefined;
  /** Absent if nothing can be done. */
  readonly onOpen?: OnOpen;
}

/** The names of the links say it too. */
const HIDDEN = { 'aria-hidden': true } as const;
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

export function Picture({ events, cursor, topology, settings, onOpen }: Props) {
  const { frame, places } = usePlaces(events);
  const svg = useRef<SVGSVGElement>(null);
  const { x, y, w, h } = places.box;
  const { usual, labels } = labelLinks(topology, settings);
  const nameOf = (link: TopologyLink): string => {
    const label = labels.find((one) => one.link === link);
    const parts = [`link ${link.ends.join(' to ')}`, linkState(link), label?.described];
    return parts.filter(Boolean).join(', ');
  };
  // Nodes come first in the order of the keys, and are drawn last, over the links.
  return (
    <figure class="topology-figure">
      <div class="topology-frame" ref={frame}>
        <svg
          ref={svg}
          class="topology-picture"
          viewBox={`${x} ${y} ${w} ${h}`}
          {...GROUP}
          aria-label={summaryOf(topology)}
          onKeyDown={(event) => moveFocus(event, svg.current)}
        >
          {topology.links.map((link) => (
            <Mark
              key={`link ${link.ends.join(' ')}`}
              name={nameOf(link)}
              target={{ kind: 'pair', ends: link.ends }}
              isFirst={false}
              onOpen={onOpen}
            >
              <LinkMark link={link} name={nameOf(link)} places={places} />
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
          <g {...HIDDEN}>
            {placeLabels(labels, places).map((label) => (
              <LabelMark key={label.link.ends.join(' ')} label={label} />
            ))}
          </g>
        </svg>
      </div>
      {usual !== '' && <figcaption>{usual}</figcaption>}
    </figure>
  );
}

function moveFocus(event: KeyboardEvent, svg: SVGSVGElement | null): void {
  const step = STEPS[event.key];
  if (step === undefined || svg === null) return;
  event.preventDefault();
  event.stopPropagation();
  const marks = [...svg.querySelectorAll<SVGGElement>('[role="button"]')];
  const at = marks.indexOf(document.activeElement as never);
  marks[(at + step + marks.length) % marks.length]?.focus();
}

/** Before the page knows how large the picture is. */
const USUAL_ROOM: Room = { w: 300, h: 240 };

/** The places in the room that the frame has in the page. */
function usePlaces(events: readonly TraceEvent[]) {
  const frame = useRef<HTMLDivElement>(null);
  const room = useSignal(USUAL_ROOM);
  const given = useSignal(events);
  given.value = events;
  useEffect(() => {
    if (frame.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      if (width > 0 && height > 0) room.value = { w: Math.round(width), h: Math.round(height) };
    });
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, [room]);
  const places = useComputed((): Places => placeNodes(given.value, room.value));
  return { frame, places: places.value };
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
    // In SVG the name of an attribute is taken as it is written: `tabIndex` is none.
    tabindex: isFirst ? 0 : -1,
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
