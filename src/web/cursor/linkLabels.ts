// The texts beside the links of the topology's picture: what is set for their messages, and the
// direction of a one-way cut. What most links have in common stands once below the picture.
import type { LinkSetting, LinkSettings } from '../../kernel/linkSettings.ts';
import type { Places, Point } from './circle.ts';
import { across, between } from './line.ts';
import { abbreviateSetting, describeSetting } from './linkTexts.ts';
import type { Topology, TopologyLink } from './topology.ts';
import { linkState } from './topologyTexts.ts';

export interface LinkLabel {
  readonly link: TopologyLink;
  /** One for both directions, or one a direction. */
  readonly lines: readonly string[];
  /** The same in full, for those who do not see the picture. */
  readonly described: string;
}

export interface LinkLabels {
  /** `all links: delay 5 ms`; empty if nothing is set for most of them. */
  readonly usual: string;
  /** The links that have something else than most. */
  readonly labels: readonly LinkLabel[];
}

type Direction = readonly [number, number];

export function labelLinks({ links }: Topology, settings: LinkSettings | undefined): LinkLabels {
  const of = ([from, to]: Direction): LinkSetting => settings?.of(from, to) ?? {};
  const common = mostFrequent(links.flatMap(directionsOf).map(of));
  const labels = links.flatMap((link): LinkLabel[] => {
    const own = directionsOf(link).map((direction) => ({ direction, setting: of(direction) }));
    const unusual = own.filter(({ setting }) => !isSame(setting, common));
    const isOneWay = !link.isCut && link.muted.length > 0;
    if (unusual.length === 0 && !isOneWay) return [];
    const described = unusual.length === 0 ? [] : tell(own, describeSetting);
    const short = tell(unusual, (setting) => abbreviateSetting(without(setting, common)));
    const lines = [...(isOneWay ? [linkState(link)] : []), ...short];
    return [{ link, lines, described: described.join('; ') }];
  });
  const areAll = labels.every(({ described }) => described === '');
  const usual = describeSetting(common);
  const whose = areAll ? 'all links' : 'all other links';
  return { usual: usual === '' ? '' : `${whose}: ${usual}`, labels };
}

function directionsOf({ ends: [a, b] }: TopologyLink): [Direction, Direction] {
  return [
    [a, b],
    [b, a],
  ];
}

function isSame(a: LinkSetting, b: LinkSetting): boolean {
  return describeSetting(a) === describeSetting(b);
}

/** What more than half of them are; nothing if there is no such one. */
function mostFrequent(settings: readonly LinkSetting[]): LinkSetting {
  const isFrequent = (one: LinkSetting): boolean =>
    settings.filter((other) => isSame(one, other)).length > settings.length / 2;
  return settings.find(isFrequent) ?? {};
}

/** What differs from that; all of it if it only lacks something. */
function without(setting: LinkSetting, common: LinkSetting): LinkSetting {
  const differing = Object.entries(setting).filter(([field, value]) => {
    return JSON.stringify(value) !== JSON.stringify(common[field as keyof LinkSetting]);
  });
  return differing.length === 0 ? setting : Object.fromEntries(differing);
}

interface Directed {
  readonly direction: Direction;
  readonly setting: LinkSetting;
}

/** `lost 10 %` for both directions, or `0 → 1: lost 10 %` for each. */
function tell(directed: readonly Directed[], tellOne: (setting: LinkSetting) => string): string[] {
  const texts = directed.map(({ setting }) => tellOne(setting) || NOTHING);
  const [first = ''] = texts;
  if (texts.length === 2 && texts[1] === first) return [first];
  return directed.map(({ direction }, at) => `${direction.join(' \u2192 ')}: ${texts[at]}`);
}

/** Where most links have something. */
const NOTHING = 'nothing set';

/** Of a label's text, in units of the picture. */
export const LINE_HEIGHT = 11;
const CHARACTER_WIDTH = 5.4;
/** Where on the link; not in the middle first, where links of opposite servers cross. */
const SHARES = [0.42, 0.58, 0.5, 0.34, 0.66, 0.27, 0.73];
/** How far beside the link, in heights of the text. */
const BESIDE = [0, 0.8, -0.8, 1.6, -1.6];

export interface PlacedLabel extends LinkLabel {
  /** The middle of the text. */
  readonly at: Point;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly halfWidth: number;
  readonly halfHeight: number;
}

/** On its link each, or beside it, where it covers the least of nodes and of earlier labels. */
export function placeLabels(labels: readonly LinkLabel[], places: Places): PlacedLabel[] {
  const { nodeRadius, byId, box } = places;
  const taken: Box[] = [...byId.values()].map(({ x, y }) => {
    return { x, y, halfWidth: nodeRadius, halfHeight: nodeRadius };
  });
  return labels.flatMap((label): PlacedLabel[] => {
    const [a, b] = label.link.ends.map((id) => byId.get(id));
    if (a === undefined || b === undefined) return [];
    const line = between(a, b, nodeRadius);
    const halfWidth = (Math.max(...label.lines.map(({ length }) => length)) * CHARACTER_WIDTH) / 2;
    const halfHeight = (label.lines.length * LINE_HEIGHT) / 2;
    const most = { x: box.x + box.w - halfWidth, y: box.y + box.h - halfHeight };
    const boxes = BESIDE.flatMap((by) =>
      SHARES.map((share): Box => {
        const { to } = across(line, share, by * 2 * halfHeight);
        const inside = {
          x: clamp(to.x, box.x + halfWidth, most.x),
          y: clamp(to.y, box.y + halfHeight, most.y),
        };
        return { ...inside, halfWidth, halfHeight };
      }),
    );
    const costs = boxes.map((one) => taken.reduce((sum, other) => sum + overlap(one, other), 0));
    const best = boxes[costs.indexOf(Math.min(...costs))] as Box;
    taken.push(best);
    return [{ ...label, at: { x: best.x, y: best.y } }];
  });
}

function clamp(value: number, least: number, most: number): number {
  return least > most ? (least + most) / 2 : Math.min(most, Math.max(least, value));
}

/** The area that two boxes share. */
function overlap(a: Box, b: Box): number {
  const wide = a.halfWidth + b.halfWidth - Math.abs(a.x - b.x);
  const high = a.halfHeight + b.halfHeight - Math.abs(a.y - b.y);
  return Math.max(0, wide) * Math.max(0, high);
}
