// The operations of clients: bars, with their texts where there is room.
import type { Recorded } from '../../kernel/history.ts';
import { toPixel, toY } from './frame.ts';
import { isDimmed, isRowSeen, type Making } from './making.ts';
import { isRead, showOperation } from './operationText.ts';
import { type Style, TEXT_HEIGHT, widthOf } from './sceneParts.ts';
import { cutText } from './text.ts';

export const BAR_HEIGHT = 16;
const LEAST_WIDTH = 4;
/** Before and after a text in its bar: the dots of the operation's first and last message. */
const INSET = 8;
/** With more bars than this only those of the witness have texts. */
const MOST_TEXTS = 400;
/** Texts are not cut below so many characters. */
const LEAST_TEXT = 7;

interface Bar {
  readonly index: number;
  readonly operation: Recorded;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** As far as the next bar of the row does not lie over it. */
  free: number;
  readonly isWitness: boolean;
  readonly isDim: boolean;
}

export function addBars(making: Making): void {
  const bars = findBars(making);
  for (const bar of bars) {
    const { x, y, width } = bar;
    making.batches.add(styleOf(bar), bar.isDim, x, y - BAR_HEIGHT / 2, width, BAR_HEIGHT);
  }
  if (bars.length <= MOST_TEXTS) {
    for (const { x, y, width } of bars) making.room.take(x, y, width);
  }
  for (const bar of bars) if (bar.isWitness) addText(making, bar);
  if (bars.length > MOST_TEXTS) return;
  for (const bar of bars) if (!bar.isWitness) addText(making, bar);
}

/** Those that would lie on the one before it in the row are left out, but none of the witness. */
function findBars({ layout, frame, highlights }: Making): Bar[] {
  const { bars, model, rowOfLane } = layout;
  const bar: Bar[] = [];
  const covered = new Map<number, number>();
  const lastByRow = new Map<number, Bar>();
  for (const at of bars.spans.within(frame.from, frame.to)) {
    const index = bars.operation[at] as number;
    const operation = model.history[index] as Recorded;
    const row = rowOfLane[model.laneByNode.get(operation.session) ?? -1] ?? -1;
    const isWitness = model.isWitness[index] === 1;
    const left = toPixel(frame, bars.spans.from[at] as number);
    const right = toPixel(frame, bars.spans.to[at] as number);
    if (row === -1 || !isRowSeen(frame, row)) continue;
    if (!isWitness && right < (covered.get(row) ?? -Infinity)) continue;
    const x = Math.max(left, frame.gutter - 4);
    const width = Math.max(Math.min(right, frame.width + 4) - x, LEAST_WIDTH);
    covered.set(row, Math.max(covered.get(row) ?? 0, x + width));
    const { begin, end } = model.operations;
    const isDim = isDimmed(highlights, begin[index] as number, end[index] as number);
    const next = { index, operation, x, y: toY(frame, row), width, free: width, isWitness, isDim };
    const last = lastByRow.get(row);
    if (last !== undefined) last.free = Math.min(last.free, x - last.x);
    lastByRow.set(row, next);
    bar.push(next);
  }
  return bar;
}

function styleOf({ operation, isWitness }: Bar): Style {
  if (isWitness) return 'witness';
  const { outcome } = operation;
  if (outcome !== 'ok' && outcome !== 'absent') return 'failed';
  return isRead(operation) ? 'read' : 'write';
}

/** Inside the bar, else above or below it, else a part inside. */
function addText({ room, texts, frame }: Making, bar: Bar): void {
  const { operation, x, y, free, isWitness, isDim } = bar;
  const own = showOperation(operation);
  const text = isWitness ? `line ${operation.line}: ${own}` : own;
  const inside = { style: 'bar', isDim, x: x + INSET, y } as const;
  const inner = free - 2 * INSET;
  if (widthOf(text) <= inner) {
    texts.push({ ...inside, text });
    return;
  }
  const style = isWitness ? 'witnessText' : 'label';
  for (const shown of isWitness ? [text, `line ${operation.line}`] : [text]) {
    const most = frame.width - widthOf(shown) - 4;
    const left = Math.max(Math.min(x, most), frame.gutter + 2);
    for (const side of [-1, 1]) {
      const at = y + side * (BAR_HEIGHT / 2 + TEXT_HEIGHT / 2 + 1);
      if (!room.take(left, at, widthOf(shown))) continue;
      texts.push({ style, isDim, x: left, y: at, text: shown });
      return;
    }
  }
  const cut = cutText(own, Math.floor(inner / widthOf('x')));
  if (cut.length >= LEAST_TEXT) texts.push({ ...inside, text: cut });
}
