// How each style looks. Colours are names of the page's tokens; whatever draws has values for them.
import { STYLES, type Style, type TextStyle } from './sceneParts.ts';

export const COLOURS = [
  'paper',
  'panel',
  'ink',
  'muted',
  'rule',
  'accent',
  'accent-soft',
  'ok',
  'bad',
  'warn',
  'mark',
  'mark-strong',
] as const;

export type Colour = (typeof COLOURS)[number];
export type Palette = { readonly [colour in Colour]: string };

/** For files, which are seen on paper. */
export const LIGHT: Palette = {
  paper: '#f4f3ef',
  panel: '#ffffff',
  ink: '#1b1f26',
  muted: '#5a616c',
  rule: '#dfdcd4',
  accent: '#1d55a8',
  'accent-soft': '#e8f0fb',
  ok: '#1b7038',
  bad: '#ad2318',
  warn: '#815300',
  mark: '#fff1c2',
  'mark-strong': '#a86b00',
};

export interface Paint {
  readonly stroke?: Colour;
  readonly fill?: Colour;
  readonly alpha: number;
  readonly width: number;
  readonly dash?: readonly number[];
}

export const PAINTS: { readonly [style in Style]: Paint } = {
  pause: { fill: 'muted', alpha: 0.2, width: 0 },
  outage: { fill: 'bad', alpha: 0.4, width: 0 },
  line: { fill: 'mark', alpha: 0.75, width: 0 },
  dead: { stroke: 'rule', alpha: 1, width: 1, dash: [2, 4] },
  lane: { stroke: 'muted', alpha: 0.55, width: 1.5 },
  density: { fill: 'accent', alpha: 0.55, width: 0 },
  link: { stroke: 'ok', alpha: 0.8, width: 1, dash: [6, 3] },
  cut: { stroke: 'bad', alpha: 0.75, width: 1, dash: [3, 3] },
  mute: { stroke: 'bad', alpha: 0.75, width: 1, dash: [1, 3] },
  reply: { stroke: 'accent', alpha: 0.45, width: 1 },
  request: { stroke: 'accent', alpha: 0.85, width: 1.25 },
  late: { stroke: 'warn', alpha: 0.9, width: 1.25, dash: [5, 3] },
  lost: { stroke: 'bad', alpha: 0.9, width: 1.25, dash: [5, 3] },
  open: { stroke: 'muted', alpha: 0.8, width: 1.25, dash: [1.5, 3] },
  replyHead: { fill: 'accent', alpha: 0.6, width: 0 },
  requestHead: { fill: 'accent', alpha: 0.9, width: 0 },
  lateHead: { fill: 'warn', alpha: 0.9, width: 0 },
  lostEnd: { stroke: 'bad', alpha: 1, width: 1.75 },
  read: { fill: 'panel', stroke: 'accent', alpha: 1, width: 1.25 },
  write: { fill: 'accent-soft', stroke: 'accent', alpha: 1, width: 1.25 },
  failed: { fill: 'panel', stroke: 'bad', alpha: 1, width: 1.25, dash: [4, 2] },
  witness: { fill: 'mark', stroke: 'mark-strong', alpha: 1, width: 2.25 },
  sending: { fill: 'accent', alpha: 0.9, width: 0 },
  receiving: { fill: 'panel', stroke: 'accent', alpha: 0.9, width: 1.25 },
  start: { stroke: 'ok', alpha: 1, width: 2 },
  crash: { stroke: 'bad', alpha: 1, width: 2.25 },
  halt: { stroke: 'muted', alpha: 1, width: 2 },
  cutEnd: { stroke: 'bad', alpha: 1, width: 1.5 },
  linkEnd: { fill: 'panel', stroke: 'ok', alpha: 1, width: 1.5 },
  note: { fill: 'warn', alpha: 1, width: 0 },
  match: { stroke: 'warn', alpha: 1, width: 2, dash: [3, 2] },
  ofLine: { stroke: 'warn', alpha: 1, width: 1.5 },
  focus: { stroke: 'ink', alpha: 1, width: 2 },
  cursor: { stroke: 'ink', alpha: 0.9, width: 1.25 },
};

/** The part of a shape's opacity that is left when something else stands out. */
export const DIM = 0.14;

/** Half the size of what is drawn at a point. */
export function radiusOf(style: Style): number {
  switch (STYLES[style]) {
    case 'dot':
      return style === 'sending' ? 2 : 2.5;
    case 'ring':
      return style === 'linkEnd' ? 3 : 7;
    case 'bar':
      return 7;
    case 'diamond':
      return 5;
    default:
      return style === 'crash' ? 6 : 3.5;
  }
}

export const HEAD = { length: 7, half: 3 } as const;

export const TEXT_COLOURS: { readonly [style in TextStyle]: Colour } = {
  label: 'muted',
  bar: 'ink',
  witnessText: 'warn',
  noteText: 'warn',
  bandText: 'muted',
};

/** The three corners of an arrow's head whose point and direction are given. */
export function headCorners(x: number, y: number, angle: number): readonly number[] {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [backX, backY] = [x - cos * HEAD.length, y - sin * HEAD.length];
  const [sideX, sideY] = [-sin * HEAD.half, cos * HEAD.half];
  return [x, y, backX + sideX, backY + sideY, backX - sideX, backY - sideY];
}
