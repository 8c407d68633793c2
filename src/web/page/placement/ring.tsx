// The ring of tokens: each arc belongs to the server of the token at its clockwise end. The servers
// are inside, with an arrow for the hints that one keeps for another.
import type { InspectedToken } from '../../../kernel/inspection.ts';
import { arrowHead, between } from '../../cursor/line.ts';
import type { HeldHint } from '../../cursor/placement.ts';
import {
  arcPath,
  arcsOf,
  isHashed,
  pointOnRing,
  positionOfKey,
  type RingArc,
  serverPoints,
} from '../../cursor/ringPicture.ts';

const RING = 100;
const INNER = 60;
const NODE = 13;
/** The least part of the circle in which a label has room. */
const LABEL_ROOM = 0.022;
/** Colours, and patterns of dashes, in placement.css. */
const STYLES = 12;

interface Props {
  readonly tokens: readonly InspectedToken[];
  readonly hints: readonly HeldHint[];
  readonly keyText: string;
  readonly preference: readonly number[];
}

export function RingDrawing({ tokens, hints, keyText, preference }: Props) {
  const points = serverPoints(tokens, innerRadius(tokens));
  const ids = [...points.keys()].sort((a, b) => a - b);
  const styleOf = (id: number): number => ids.indexOf(id) % STYLES;
  const label = `Ring of ${ids.length} servers with ${tokens.length} tokens`;
  return (
    <svg class="placement-ring" viewBox="-130 -130 260 260" role="img" aria-label={label}>
      {arcsOf(tokens).map((arc) => (
        <Arc key={arc.token} arc={arc} style={styleOf(arc.server)} />
      ))}
      {isHashed(tokens) && <KeyMark keyText={keyText} />}
      {pairsOf(hints).map(([holder, owner]) => {
        const [from, to] = [points.get(holder), points.get(owner)];
        if (from === undefined || to === undefined) return null;
        const line = between(from, to, NODE + 1);
        return (
          <g key={`${holder} ${owner}`} class="placement-hint">
            <line x1={line.from.x} y1={line.from.y} x2={line.to.x} y2={line.to.y} />
            <polygon points={arrowHead(line, 9)} />
            <title>{`${holder} keeps hints for ${owner}`}</title>
          </g>
        );
      })}
      {[...points].map(([id, { x, y }]) => {
        const rank = preference.indexOf(id);
        return (
          <g
            key={id}
            class={`placement-server placement-style-${styleOf(id)}`}
            transform={`translate(${x} ${y})`}
          >
            {rank !== -1 && <circle class="placement-chosen" r={NODE + 4} />}
            <circle r={NODE} />
            <text y="0.36em">{id}</text>
            {rank !== -1 && (
              <text class="placement-rank" x={NODE + 2} y={-NODE + 2}>
                {rank + 1}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

/** One server alone is in the middle. */
function innerRadius(tokens: readonly InspectedToken[]): number {
  return new Set(tokens.map(({ server }) => server)).size === 1 ? 0 : INNER;
}

function Arc({ arc, style }: { readonly arc: RingArc; readonly style: number }) {
  const size = arc.to - arc.from;
  const middle = pointOnRing(arc.from + size / 2, RING + 18);
  const [from, to] = [pointOnRing(arc.to, RING - 9), pointOnRing(arc.to, RING + 9)];
  return (
    <g class={`placement-arc placement-style-${style}`}>
      <path d={arcPath(arc, RING)} />
      <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
      {size >= LABEL_ROOM && (
        <text x={middle.x} y={middle.y} dy="0.36em">
          {arc.server}
        </text>
      )}
      <title>{`server ${arc.server}, up to token ${arc.token}`}</title>
    </g>
  );
}

function KeyMark({ keyText }: { readonly keyText: string }) {
  const part = positionOfKey(keyText);
  const [tip, base] = [pointOnRing(part, RING - 9), pointOnRing(part, RING - 24)];
  return (
    <g class="placement-keymark">
      <polygon points={arrowHead({ from: base, to: tip }, 9)} />
      <line x1={base.x} y1={base.y} x2={tip.x} y2={tip.y} />
    </g>
  );
}

/** Each pair of holder and owner once. */
function pairsOf(hints: readonly HeldHint[]): (readonly [number, number])[] {
  const pairs = hints.map(({ holder, owner }) => [`${holder} ${owner}`, [holder, owner]] as const);
  return [...new Map<string, readonly [number, number]>(pairs).values()];
}
