// The whole run in one strip: how much happens when, and which part of it the diagram shows.
import { useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { countColumns } from '../../picture/density.ts';
import { fitAll, type Window } from '../../picture/frame.ts';
import type { Layout } from '../../picture/layout.ts';
import type { Palette } from '../../picture/paint.ts';
import { palette } from './palette.ts';
import type { DiagramState } from './state.ts';

type Part = 'all' | 'from' | 'to';

const STEPS: { readonly [key: string]: number } = { ArrowLeft: -1, ArrowRight: 1 };
/** A press of an arrow key moves the window by this share of it. */
const STEP = 0.1;

export function Overview({ state }: { readonly state: DiagramState }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useSignalEffect(() => {
    const [layout, colours] = [state.layout.value, palette.value];
    const { width } = state.size.value;
    const element = canvas.current;
    if (layout !== undefined && element !== null && width > 0) {
      drawDensity(element, layout, colours);
    }
  });
  const whole = fitAll(state.places.value?.width ?? 1);
  const span = whole.to - whole.from;
  const { from, to } = state.window.value;
  const share = (length: number) => `${(length / span) * 100}%`;
  const cursor = state.places.value?.x[state.event.value];
  return (
    <div
      class="diagram-overview"
      role="scrollbar"
      tabIndex={0}
      aria-label="Part of the run that is shown"
      aria-controls="diagram-plot"
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(((from + to) / 2 / span) * 100)}
      {...useDragging(canvas, state, whole)}
      onKeyDown={(event) => {
        const by = STEPS[event.key];
        if (by === undefined) return;
        event.stopPropagation();
        event.preventDefault();
        const shift = by * STEP * (to - from);
        state.show({ from: from + shift, to: to + shift });
      }}
    >
      <canvas ref={canvas} />
      {cursor !== undefined && (
        <i class="diagram-here" style={{ insetInlineStart: share(cursor - whole.from) }} />
      )}
      <span
        class="diagram-window"
        style={{ insetInlineStart: share(from - whole.from), inlineSize: share(to - from) }}
      >
        <i data-part="from" />
        <i data-part="to" />
      </span>
    </div>
  );
}

/** A drag of the window moves it, one of its ends resizes it, a press elsewhere brings it there. */
function useDragging(
  canvas: { readonly current: HTMLCanvasElement | null },
  state: DiagramState,
  whole: Window,
) {
  const drag = useRef<{ part: Part; x: number } | undefined>(undefined);
  const placeOf = (event: PointerEvent): number => {
    const box = canvas.current?.getBoundingClientRect();
    if (box === undefined) return whole.from;
    return whole.from + ((event.clientX - box.left) / box.width) * (whole.to - whole.from);
  };
  return {
    onPointerDown: (event: PointerEvent): void => {
      const part = ((event.target as HTMLElement).dataset.part as Part | undefined) ?? 'all';
      const x = placeOf(event);
      const { from, to } = state.window.value;
      if (part === 'all' && (x < from || x > to)) {
        state.show({ from: x - (to - from) / 2, to: x + (to - from) / 2 });
      }
      drag.current = { part, x };
      (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
      event.preventDefault();
    },
    onPointerMove: (event: PointerEvent): void => {
      if (drag.current === undefined) return;
      const x = placeOf(event);
      const by = x - drag.current.x;
      const { part } = drag.current;
      drag.current = { part, x };
      const { from, to } = state.window.value;
      const now = { from: part === 'to' ? from : from + by, to: part === 'from' ? to : to + by };
      if (now.from < now.to) state.show(now);
    },
    onPointerUp: (): void => {
      drag.current = undefined;
    },
  };
}

function drawDensity(element: HTMLCanvasElement, layout: Layout, colours: Palette): void {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [element.clientWidth, element.clientHeight];
  element.width = Math.round(width * ratio);
  element.height = Math.round(height * ratio);
  const context = element.getContext('2d');
  if (context === null) return;
  context.scale(ratio, ratio);
  const columns = countColumns(layout, fitAll(layout.places.width), Math.floor(width / 2));
  const most = Math.log2(columns.counts.reduce((a, b) => Math.max(a, b), 1) + 1);
  context.fillStyle = colours.accent;
  context.globalAlpha = 0.55;
  for (const [at, count] of columns.counts.entries()) {
    if (count === 0) continue;
    const tall = (Math.log2(count + 1) / most) * (height - 6);
    context.fillRect(at * 2, height - tall, 1.5, tall);
  }
  context.globalAlpha = 1;
  context.fillStyle = colours['mark-strong'];
  for (const at of columns.witness) context.fillRect(at * 2 - 1, 0, 4, 4);
  context.fillStyle = colours.bad;
  for (const at of columns.faults) context.fillRect(at * 2, height - 3, 2, 3);
}
