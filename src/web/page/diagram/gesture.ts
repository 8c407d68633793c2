// Mouse, pen and touch on the canvas: a drag moves the window, a drag on the time line moves the
// cursor, two fingers and the wheel zoom, a click selects.
import { findAt } from '../../picture/hit.ts';
import { scale } from './palette.ts';
import type { DiagramState } from './state.ts';

/** A press that moves less is a click. */
const CLICK_REACH = 4;
const WHEEL_RATE = 0.0015;
const PINCH_RATE = 0.01;
const LINE_HEIGHT = 16;

interface Point {
  readonly x: number;
  readonly y: number;
}

type Mode = 'press' | 'pan' | 'scrub';

export class Gesture {
  readonly #element: HTMLCanvasElement;
  readonly #state: DiagramState;
  readonly #onHover: (x?: number, y?: number) => void;
  readonly #stop = new AbortController();
  /** Where each finger was last. */
  readonly #points = new Map<number, Point>();
  #mode: Mode | undefined;
  #start: Point = { x: 0, y: 0 };

  constructor(
    element: HTMLCanvasElement,
    state: DiagramState,
    onHover: (x?: number, y?: number) => void,
  ) {
    this.#element = element;
    this.#state = state;
    this.#onHover = onHover;
    const { signal } = this.#stop;
    element.addEventListener('wheel', (event) => this.#wheel(event), { signal, passive: false });
    element.addEventListener('pointerdown', (event) => this.#press(event), { signal });
    element.addEventListener('pointermove', (event) => this.#move(event), { signal });
    element.addEventListener('pointerup', (event) => this.#release(event, true), { signal });
    element.addEventListener('pointercancel', (event) => this.#release(event, false), { signal });
    element.addEventListener('pointerleave', () => this.#onHover(), { signal });
  }

  end(): void {
    this.#stop.abort();
  }

  #pointOf({ clientX, clientY }: MouseEvent): Point {
    const box = this.#element.getBoundingClientRect();
    return { x: (clientX - box.left) / scale.value, y: (clientY - box.top) / scale.value };
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    this.#onHover();
    const unit = event.deltaMode === 0 ? 1 : LINE_HEIGHT;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    if (event.shiftKey || Math.abs(dx) > Math.abs(dy)) {
      this.#state.panBy(dx === 0 ? dy : dx);
      return;
    }
    // A pinch on a touchpad comes as a wheel with the control key.
    const rate = event.ctrlKey ? PINCH_RATE : WHEEL_RATE;
    this.#state.zoomBy(Math.exp(dy * rate), this.#pointOf(event).x);
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0) return;
    const point = this.#pointOf(event);
    this.#element.setPointerCapture(event.pointerId);
    this.#points.set(event.pointerId, point);
    this.#onHover();
    if (this.#points.size > 1) {
      this.#mode = 'pan';
      return;
    }
    this.#start = point;
    const isRuler = point.y < (this.#state.frame.value?.ruler ?? 0);
    this.#mode = isRuler ? 'scrub' : 'press';
    if (isRuler) this.#state.scrub(point.x);
  }

  #move(event: PointerEvent): void {
    const point = this.#pointOf(event);
    const before = this.#points.get(event.pointerId);
    if (before === undefined) {
      this.#hover(point, event.pointerType);
      return;
    }
    const other = [...this.#points].find(([id]) => id !== event.pointerId)?.[1];
    this.#points.set(event.pointerId, point);
    if (other !== undefined) this.#pinch(before, point, other);
    else if (this.#mode === 'scrub') this.#state.scrub(point.x);
    else this.#drag(before, point);
  }

  #hover(point: Point, kind: string): void {
    if (kind === 'touch') return;
    const [layout, frame] = [this.#state.layout.value, this.#state.frame.value];
    const isRuler = frame !== undefined && point.y < frame.ruler;
    const hit = layout && frame && findAt(layout, frame, point);
    this.#element.style.cursor = isRuler ? 'col-resize' : hit === undefined ? 'grab' : 'pointer';
    if (hit === undefined) this.#onHover();
    else this.#onHover(point.x, point.y);
  }

  #pinch(before: Point, now: Point, other: Point): void {
    const [was, is] = [Math.abs(before.x - other.x), Math.abs(now.x - other.x)];
    if (was > 10 && is > 10) this.#state.zoomBy(was / is, other.x);
  }

  #drag(before: Point, now: Point): void {
    const distance = Math.hypot(now.x - this.#start.x, now.y - this.#start.y);
    if (this.#mode === 'press' && distance < CLICK_REACH) return;
    this.#mode = 'pan';
    this.#element.style.cursor = 'grabbing';
    this.#state.panBy(before.x - now.x);
    const box = this.#element.parentElement;
    if (box !== null) box.scrollTop += (before.y - now.y) * scale.value;
  }

  #release(event: PointerEvent, isComplete: boolean): void {
    this.#points.delete(event.pointerId);
    if (this.#mode === 'press' && isComplete) this.#click(this.#pointOf(event));
    if (this.#points.size === 0) this.#mode = undefined;
    this.#element.style.cursor = '';
  }

  #click(point: Point): void {
    const [layout, frame] = [this.#state.layout.value, this.#state.frame.value];
    if (layout === undefined || frame === undefined) return;
    const hit = findAt(layout, frame, point);
    if (hit !== undefined) {
      this.#state.select(hit.event);
      return;
    }
    this.#state.bench.focus.value = undefined;
    this.#state.scrub(point.x);
  }
}
