// How series differ: by colour, by the shape of their marks, and by the dashes of their lines.
import { type Element, element } from './element.ts';

/** So many series differ in everything; more of them begin again. */
export const LOOKS = 6;

const DASHES = ['', '7 3', '2 3', '9 3 2 3', '5 2 5 2', '1 2'] as const;
const SIZE = 3.6;

/** The class that gives a series its colour, which is `currentColor` in it. */
export function classOf(look: number): string {
  return `plot-series-${look % LOOKS}`;
}

export function dashOf(look: number): string {
  return DASHES[look % LOOKS] ?? '';
}

/** A mark at a position; a hollow one has the colour of the paper inside. */
export function mark(look: number, x: number, y: number, isHollow = false): Element {
  return element('path', {
    class: isHollow ? 'plot-mark plot-hollow' : 'plot-mark',
    d: pathOf(look % LOOKS, x, y),
  });
}

function pathOf(shape: number, x: number, y: number): string {
  const at = (dx: number, dy: number): string => `${round(x + dx * SIZE)} ${round(y + dy * SIZE)}`;
  const polygon = (...points: readonly (readonly [number, number])[]): string =>
    `M${points.map(([dx, dy]) => at(dx, dy)).join('L')}Z`;
  switch (shape) {
    case 0:
      return `M${at(-1, 0)}${halfCircle(2 * SIZE)}${halfCircle(-2 * SIZE)}Z`;
    case 1:
      return polygon([-0.95, -0.95], [0.95, -0.95], [0.95, 0.95], [-0.95, 0.95]);
    case 2:
      return polygon([0, -1.25], [1.15, 0.85], [-1.15, 0.85]);
    case 3:
      return polygon([0, -1.35], [1.35, 0], [0, 1.35], [-1.35, 0]);
    case 4:
      return polygon([0, 1.25], [1.15, -0.85], [-1.15, -0.85]);
    default:
      return polygon(...CROSS);
  }
}

function halfCircle(across: number): string {
  return `a${SIZE} ${SIZE} 0 1 0 ${across} 0`;
}

const CROSS: readonly (readonly [number, number])[] = [
  ...([
    [-0.4, -1.2],
    [0.4, -1.2],
    [0.4, -0.4],
    [1.2, -0.4],
    [1.2, 0.4],
    [0.4, 0.4],
  ] as const),
  ...([
    [0.4, 1.2],
    [-0.4, 1.2],
    [-0.4, 0.4],
    [-1.2, 0.4],
    [-1.2, -0.4],
    [-0.4, -0.4],
  ] as const),
];

/** Coordinates with one digit after the point: a picture's text stays short. */
export function round(coordinate: number): number {
  return Math.round(coordinate * 10) / 10;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const HATCHES = ['', '/', '-', '\\', '|', 'x'] as const;
const HATCH_STEP = 6;

/** Lines across a bar, by which its series is known without its colour; none for the first. */
export function hatch(look: number, { x, y, width, height }: Box): Element[] {
  const kind = HATCHES[look % LOOKS] ?? '';
  const paths: string[] = [];
  const along = (length: number, path: (at: number) => string): void => {
    for (let at = HATCH_STEP; at < length; at += HATCH_STEP) paths.push(path(at));
  };
  if (kind === '-') along(height, (at) => `M${round(x)} ${round(y + height - at)}h${round(width)}`);
  if (kind === '|') along(width, (at) => `M${round(x + at)} ${round(y)}v${round(height)}`);
  const isUp = kind === '/' || kind === 'x';
  const isDown = kind === '\\' || kind === 'x';
  if (isUp) along(width + height, (at) => diagonal({ x, y, width, height }, at, 1));
  if (isDown) along(width + height, (at) => diagonal({ x: x + width, y, width, height }, at, -1));
  return paths.length === 0 ? [] : [element('path', { class: 'plot-hatch', d: paths.join('') })];
}

/** The points that are `at` away from the upper corner at `x`, across and down together. */
function diagonal({ x, y, width, height }: Box, at: number, direction: 1 | -1): string {
  const point = (across: number): string =>
    `${round(x + direction * across)} ${round(y + at - across)}`;
  return `M${point(Math.max(0, at - height))}L${point(Math.min(at, width))}`;
}

/** What is expected: a diamond at the value, and a line over the range that is accepted. */
export function expectation(x: number, top: number, at: number, bottom: number): Element[] {
  const cap = (y: number): string => `M${round(x - 5)} ${round(y)}h10`;
  return [
    element('path', {
      class: 'plot-range',
      d: `M${round(x)} ${round(top)}V${round(bottom)}${cap(top)}${cap(bottom)}`,
    }),
    element('g', { class: 'plot-expected' }, mark(3, x, at, true)),
  ];
}
