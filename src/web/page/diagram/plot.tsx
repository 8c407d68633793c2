// The drawing: a canvas that shows the window, and is moved by wheel, drag and pinch.
import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { findAt } from '../../picture/hit.ts';
import { showOperation } from '../../picture/operationText.ts';
import { toScene } from '../../picture/scene.ts';
import { describeEvent } from '../../picture/text.ts';
import { Gesture } from './gesture.ts';
import { paint } from './painter.ts';
import { palette, scale, watchLook } from './palette.ts';
import type { DiagramState } from './state.ts';
import { tellCursor } from './status.tsx';

export function Plot({ state }: { readonly state: DiagramState }) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const tip = useSignal<{ x: number; y: number; text: string } | undefined>(undefined);
  useEffect(watchLook, []);
  useEffect(() => {
    const own = box.current;
    if (own === null) return;
    const observer = new ResizeObserver(() => measure(own, state));
    observer.observe(own);
    return () => observer.disconnect();
  }, [state]);
  useSignalEffect(() => {
    scale.value;
    if (box.current !== null) measure(box.current, state);
  });
  usePainting(canvas, state);
  useGestures(canvas, state, (x, y) => {
    tip.value = x === undefined || y === undefined ? undefined : tipAt(state, x, y);
  });
  const frame = state.frame.value;
  const rows = state.layout.value?.rows.length ?? 0;
  const needed = frame === undefined ? 0 : frame.ruler + rows * frame.laneHeight;
  return (
    <div
      ref={box}
      class="diagram-plot"
      id="diagram-plot"
      tabIndex={0}
      role="slider"
      aria-label="Cursor of the space-time diagram"
      aria-valuemin={0}
      aria-valuemax={state.model.value?.events.length ?? 0}
      aria-valuenow={state.bench.cursor.value}
      aria-valuetext={tellCursor(state)}
      onScroll={({ currentTarget }) => {
        state.top.value = currentTarget.scrollTop / scale.value;
      }}
    >
      <canvas ref={canvas} class="diagram-canvas" />
      <div
        class="diagram-filler"
        style={{ blockSize: `${Math.max(0, needed - (frame?.height ?? 0)) * scale.value}px` }}
      />
      {tip.value !== undefined && (
        <div
          class="diagram-tip"
          aria-hidden="true"
          style={{ insetInlineStart: `${tip.value.x}px`, insetBlockStart: `${tip.value.y}px` }}
        >
          {tip.value.text}
        </div>
      )}
    </div>
  );
}

function measure(box: HTMLElement, state: DiagramState): void {
  const [width, height] = [box.clientWidth / scale.value, box.clientHeight / scale.value];
  const { value } = state.size;
  if (value.width !== width || value.height !== height) state.size.value = { width, height };
}

/** Draws once in a frame, however much has changed. */
function usePainting(ref: { current: HTMLCanvasElement | null }, state: DiagramState): void {
  const request = useRef(0);
  useSignalEffect(() => {
    const [layout, frame] = [state.layout.value, state.frame.value];
    const [highlights, colours] = [state.highlights.value, palette.value];
    const isNarrow = state.isNarrow.value;
    const zoomed = scale.value;
    const element = ref.current;
    if (layout === undefined || frame === undefined || element === null) return;
    cancelAnimationFrame(request.current);
    request.current = requestAnimationFrame(() => {
      const context = prepare(element, frame, zoomed);
      if (context === null) return;
      const scene = toScene(layout, frame, highlights);
      paint(context, { layout, frame, scene, palette: colours, isNarrow });
      state.oneOf.value = scene.oneOf;
    });
  });
}

/** A canvas of as many pixels as the screen has. */
function prepare(
  element: HTMLCanvasElement,
  { width, height }: { readonly width: number; readonly height: number },
  zoomed: number,
): CanvasRenderingContext2D | null {
  const ratio = (window.devicePixelRatio || 1) * zoomed;
  const [columns, lines] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (element.width !== columns) element.width = columns;
  if (element.height !== lines) element.height = lines;
  element.style.blockSize = `${height * zoomed}px`;
  const context = element.getContext('2d', { alpha: false });
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

function useGestures(
  ref: { current: HTMLCanvasElement | null },
  state: DiagramState,
  onHover: (x?: number, y?: number) => void,
): void {
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const gesture = new Gesture(element, state, onHover);
    return () => gesture.end();
  }, [state]);
}

const TIP_SHIFT = 14;
const TIP_ROOM = 260;

function tipAt(state: DiagramState, x: number, y: number) {
  const [layout, frame, model] = [state.layout.value, state.frame.value, state.model.value];
  if (layout === undefined || frame === undefined || model === undefined) return undefined;
  const hit = findAt(layout, frame, { x, y });
  const event = model.events[hit?.event ?? -1];
  const lane = model.lanes[model.lane[hit?.event ?? -1] ?? -1];
  if (hit === undefined || event === undefined || lane === undefined) return undefined;
  const operation = model.history[hit.operation ?? -1];
  const text =
    operation === undefined
      ? describeEvent(event, lane)
      : `client ${operation.session}: ${showOperation(operation)}, line ${operation.line}`;
  const left = Math.min(x + TIP_SHIFT, Math.max(0, frame.width - TIP_ROOM));
  return { x: left * scale.value, y: (y + frame.top + TIP_SHIFT) * scale.value, text };
}
