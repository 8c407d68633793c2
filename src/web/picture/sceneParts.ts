// The strokes, areas and texts of a picture, gathered by style, so that whatever draws them does so
// in few steps.

/** The styles in the order in which they are drawn, with their shapes. */
export const STYLES = {
  pause: 'area',
  outage: 'area',
  line: 'area',
  dead: 'dashes',
  lane: 'stroke',
  density: 'area',
  link: 'dashes',
  cut: 'dashes',
  mute: 'dashes',
  reply: 'stroke',
  request: 'stroke',
  late: 'dashes',
  lost: 'dashes',
  open: 'dots',
  replyHead: 'head',
  requestHead: 'head',
  lateHead: 'head',
  lostEnd: 'cross',
  read: 'box',
  write: 'box',
  failed: 'box',
  witness: 'box',
  sending: 'dot',
  receiving: 'dot',
  start: 'bar',
  crash: 'cross',
  halt: 'bar',
  cutEnd: 'cross',
  linkEnd: 'ring',
  note: 'diamond',
  match: 'ring',
  ofLine: 'ring',
  focus: 'ring',
  cursor: 'stroke',
} as const;

export type Style = keyof typeof STYLES;
export type Shape = (typeof STYLES)[Style];

export type TextStyle = 'label' | 'bar' | 'witnessText' | 'noteText' | 'bandText';

/** Numbers of one shape: strokes x y x y, areas and boxes x y width height, points x y angle. */
export interface Batch {
  readonly style: Style;
  readonly isDim: boolean;
  readonly numbers: readonly number[];
}

export interface Text {
  readonly style: TextStyle;
  readonly isDim: boolean;
  /** The left end, and the middle of the height. */
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** How many numbers each thing of a shape has. */
export function sizeOf(shape: Shape): number {
  switch (shape) {
    case 'head':
      return 3;
    case 'dot':
    case 'ring':
    case 'cross':
    case 'diamond':
    case 'bar':
      return 2;
    default:
      return 4;
  }
}

const NAMES = Object.keys(STYLES) as Style[];

export class Batches {
  readonly #numbers = new Map<Style, [bright: number[], dim: number[]]>();

  add(style: Style, isDim: boolean, ...numbers: readonly number[]): void {
    let both = this.#numbers.get(style);
    if (both === undefined) {
      both = [[], []];
      this.#numbers.set(style, both);
    }
    both[isDim ? 1 : 0].push(...numbers);
  }

  /** Dimmed things first, then by style. */
  list(): Batch[] {
    return [true, false].flatMap((isDim) =>
      NAMES.flatMap((style) => {
        const numbers = this.#numbers.get(style)?.[isDim ? 1 : 0] ?? [];
        return numbers.length === 0 ? [] : [{ style, isDim, numbers }];
      }),
    );
  }
}

/** Text is set in a font of fixed width, so that its room is known without drawing it. */
export const CHARACTER = 6.65;
export const TEXT_HEIGHT = 13;

/** Characters of East Asian scripts take two columns. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/gu;

export function widthOf(text: string): number {
  const characters = Array.from(text).length + (text.match(WIDE)?.length ?? 0);
  return characters * CHARACTER;
}

const STRIP = 32;

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Where texts may still go without covering another one. */
export class Room {
  /** Boxes of the height of a text, by the strips that they touch. */
  readonly #taken = new Map<number, Box[]>();

  /** Takes the place if it is free; `y` is the middle of the text. */
  take(x: number, y: number, width: number): boolean {
    const strips = [
      Math.floor((y - TEXT_HEIGHT / 2) / STRIP),
      Math.floor((y + TEXT_HEIGHT / 2) / STRIP),
    ];
    const isFree = strips.every((strip) =>
      (this.#taken.get(strip) ?? []).every(
        (box) => x + width < box.x || x > box.x + box.width || Math.abs(y - box.y) >= TEXT_HEIGHT,
      ),
    );
    if (!isFree) return false;
    for (const strip of new Set(strips)) {
      const taken = this.#taken.get(strip);
      if (taken === undefined) this.#taken.set(strip, [{ x, y, width }]);
      else taken.push({ x, y, width });
    }
    return true;
  }
}
