// Single events: sends and receipts as dots, or columns of their density where there are too many;
// changes of nodes and links, and notes of the protocol, as marks.
import type { TraceEvent } from '../../kernel/trace.ts';
import { toPixel, toPlace, toY } from './frame.ts';
import type { Row } from './layout.ts';
import { isDimmed, isRowSeen, type Making } from './making.ts';
import { KIND, NONE } from './model.ts';
import { widthOf } from './sceneParts.ts';
import { countBelow } from './spans.ts';
import { cutText, describeWhat } from './text.ts';

/** Pixels for each event of a lane, below which columns are drawn. */
const PIXELS = 4;
const COLUMN = 3;
const MOST_MARKS = 600;
const NOTE_CHARACTERS = 28;

export function addEvents(making: Making): void {
  for (const [index, row] of making.layout.rows.entries()) {
    if (!isRowSeen(making.frame, index)) continue;
    const { from, to, width } = making.frame;
    const first = countBelow(row.x, from);
    const end = countBelow(row.x, to, first);
    if ((end - first) * PIXELS > width) addColumns(making, row, index);
    else for (let at = first; at < end; at += 1) addEvent(making, row.events[at] as number, index);
  }
}

function addColumns({ frame, batches, highlights }: Making, row: Row, index: number): void {
  const y = toY(frame, index);
  const most = frame.laneHeight * 0.8;
  let before = countBelow(row.x, toPlace(frame, frame.gutter));
  for (let x = frame.gutter; x < frame.width; x += COLUMN) {
    const end = countBelow(row.x, toPlace(frame, x + COLUMN), before);
    if (end > before) {
      const height = Math.min(most, 3 + 3 * Math.log2(end - before + 1));
      const isDim = highlights.relation !== undefined;
      batches.add('density', isDim, x, y - height / 2, COLUMN - 0.5, height);
    }
    before = end;
  }
}

function addEvent({ layout, frame, batches, highlights }: Making, event: number, row: number) {
  const { model, places } = layout;
  const x = toPixel(frame, places.x[event] as number);
  const y = toY(frame, row);
  const isDim = isDimmed(highlights, event);
  if (model.kind[event] === KIND.send) batches.add('sending', isDim, x, y);
  if (model.kind[event] === KIND.receive) batches.add('receiving', isDim, x, y);
  if (highlights.isMatch?.(event) === true) batches.add('match', false, x, y);
  if (event === highlights.focus) batches.add('focus', false, x, y);
  else if (highlights.line !== undefined && model.line[event] === highlights.line) {
    batches.add('ofLine', false, x, y);
  }
}

export function addMarks(making: Making): void {
  const { layout, frame } = making;
  const { marks } = layout;
  const found = marks.spans.within(frame.from, frame.to);
  const stride = Math.max(1, Math.ceil(found.length / MOST_MARKS));
  for (let at = 0; at < found.length; at += stride) {
    addMark(making, marks.events[found[at] as number] as number);
  }
}

function addMark(making: Making, index: number): void {
  const { layout, frame, batches, highlights } = making;
  const event = layout.model.events[index] as TraceEvent;
  const row = layout.rowOfLane[layout.model.lane[index] as number] as number;
  if (row === NONE) return;
  const x = toPixel(frame, layout.places.x[index] as number);
  const y = toY(frame, row);
  const isDim = isDimmed(highlights, index);
  if (event.event === 'note') addNote(making, event, { x, y, isDim });
  else if (event.event === 'crash' || event.event === 'start') {
    batches.add(event.event, isDim, x, y);
  } else if (event.event === 'pause' || event.event === 'resume') {
    batches.add('halt', isDim, x, y);
  } else if (event.event === 'cut' || event.event === 'mute' || event.event === 'link') {
    if (event.event === 'link' && !layout.bands.healed.has(index)) return;
    const peer = layout.rowOfLane[layout.model.laneByNode.get(event.peer) ?? NONE] ?? NONE;
    if (peer === NONE) return;
    const other = toY(frame, peer);
    batches.add(event.event, isDim, x, y, x, other);
    const end = event.event === 'link' ? 'linkEnd' : 'cutEnd';
    batches.add(end, isDim, x, other);
    if (event.event !== 'mute') batches.add(end, isDim, x, y);
  }
}

function addNote(
  { batches, room, texts }: Making,
  event: TraceEvent,
  { x, y, isDim }: { x: number; y: number; isDim: boolean },
): void {
  batches.add('note', isDim, x, y);
  const text = cutText(describeWhat(event), NOTE_CHARACTERS);
  const at = y - 13;
  if (!room.take(x + 4, at, widthOf(text))) return;
  texts.push({ style: 'noteText', isDim, x: x + 4, y: at, text });
}
