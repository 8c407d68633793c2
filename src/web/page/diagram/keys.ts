// The keys of the diagram, while it has the focus.
import { isTyping, type KeyHelp } from '../keys.ts';
import type { DiagramState } from './state.ts';

interface Key {
  readonly help: KeyHelp;
  readonly actions: { readonly [key: string]: (state: DiagramState) => void };
}

const ZOOM = 1.4;

const TABLE: readonly Key[] = [
  {
    help: { keys: '← →', does: 'cursor to the previous or next event' },
    actions: { ArrowLeft: (state) => state.step(-1), ArrowRight: (state) => state.step(1) },
  },
  {
    help: { keys: '[ ]', does: 'to the previous or next event of the same lane' },
    actions: { '[': (state) => state.step(-1, true), ']': (state) => state.step(1, true) },
  },
  {
    help: { keys: 'Home End', does: 'to the first or last event' },
    actions: { Home: (state) => state.goToEnd(false), End: (state) => state.goToEnd(true) },
  },
  {
    help: { keys: 'Enter', does: "show the event's causal past and future" },
    actions: { Enter: (state) => state.select(state.event.value) },
  },
  {
    help: { keys: 'Escape', does: 'end that, the selected line and the search' },
    actions: { Escape: (state) => state.clear() },
  },
  {
    help: { keys: '+ − 0', does: 'zoom in, zoom out, fit' },
    actions: {
      '+': (state) => state.zoomBy(1 / ZOOM),
      '=': (state) => state.zoomBy(1 / ZOOM),
      '-': (state) => state.zoomBy(ZOOM),
      '0': (state) => {
        state.asked.value = undefined;
      },
    },
  },
  {
    help: { keys: 'n N', does: 'to the next or previous match of the search' },
    actions: { n: (state) => state.find(1), N: (state) => state.find(-1) },
  },
];

export const HELP: readonly KeyHelp[] = [
  ...TABLE.map(({ help }) => help),
  { keys: '/', does: 'search in methods, keys, values, notes and nodes' },
  { keys: 'Wheel, drag', does: 'zoom, move; with Shift the wheel moves, too' },
];

const ACTIONS = Object.assign({}, ...TABLE.map(({ actions }) => actions)) as Key['actions'];

/** Whether Enter presses it. */
function isPressed(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, summary') !== null;
}

export function pressKey(event: KeyboardEvent, state: DiagramState): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event) && event.key !== 'Escape') return;
  const isControl = event.key === 'Enter' && isPressed(event.target);
  const action = ACTIONS[event.key];
  if (action === undefined || isControl) return;
  event.preventDefault();
  action(state);
}
