// The geometry of a ring of tokens: each token ends an arc, which its server owns.
import type { NodeId } from '../../kernel/ids.ts';
import type { InspectedToken } from '../../kernel/inspection.ts';
import { tokenOfKey } from '../../replication/ring.ts';

export interface RingArc {
  readonly server: NodeId;
  readonly token: string;
  /** Parts of the circle, clockwise from the top; `from` is negative if the arc spans the top. */
  readonly from: number;
  readonly to: number;
}

const HEX_DIGITS = 8;
const HASHED = /^[0-9a-f]{8}$/;

/** By ascending token. */
export function arcsOf(tokens: readonly InspectedToken[]): RingArc[] {
  const ends = tokens.map(({ token }, place) => positionOf(token, place, tokens));
  return tokens.map(({ server, token }, place) => {
    const to = ends[place] as number;
    const before = ends[place - 1] ?? (ends.at(-1) as number) - 1;
    return { server, token, from: before, to };
  });
}

/** Where the key is on a ring of hashed tokens. */
export function positionOfKey(key: string): number {
  return hashPosition(tokenOfKey(key));
}

export function isHashed(tokens: readonly InspectedToken[]): boolean {
  return tokens.length > 0 && tokens.every(({ token }) => HASHED.test(token));
}

/** Tokens that are no hashes end parts of equal size. */
function positionOf(token: string, place: number, tokens: readonly InspectedToken[]): number {
  return isHashed(tokens) ? hashPosition(token) : (place + 1) / tokens.length;
}

function hashPosition(token: string): number {
  return Number.parseInt(token.slice(0, HEX_DIGITS), 16) / 16 ** HEX_DIGITS;
}

/** The point at a part of a circle around the origin. */
export function pointOnRing(part: number, radius: number): { x: number; y: number } {
  const angle = part * 2 * Math.PI - Math.PI / 2;
  return { x: round(radius * Math.cos(angle)), y: round(radius * Math.sin(angle)) };
}

/** An SVG path along the arc. */
export function arcPath({ from, to }: Pick<RingArc, 'from' | 'to'>, radius: number): string {
  // A path from a point to itself draws nothing: a whole circle is two halves.
  if (to - from >= 1) return halves([from, from + 0.5, from + 1], radius);
  const [start, end] = [pointOnRing(from, radius), pointOnRing(to, radius)];
  const isLarge = to - from > 0.5 ? 1 : 0;
  return `M${start.x} ${start.y}A${radius} ${radius} 0 ${isLarge} 1 ${end.x} ${end.y}`;
}

function halves(parts: readonly [number, number, number], radius: number): string {
  const [a, b, c] = parts.map((part) => pointOnRing(part, radius));
  const to = (point: { x: number; y: number } | undefined) =>
    `A${radius} ${radius} 0 0 1 ${point?.x} ${point?.y}`;
  return `M${a?.x} ${a?.y}${to(b)}${to(c)}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Inside the ring: the servers at equal distances, in the order of their first tokens. */
export function serverPoints(
  tokens: readonly InspectedToken[],
  radius: number,
): ReadonlyMap<NodeId, { readonly x: number; readonly y: number }> {
  const ids = [...new Set(tokens.map(({ server }) => server))];
  const first = arcsOf(tokens)[0];
  const begin = first === undefined ? 0 : first.to;
  return new Map(ids.map((id, place) => [id, pointOnRing(begin + place / ids.length, radius)]));
}
