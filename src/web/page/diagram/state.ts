// What the diagram shows of the run: its order, filter and window. All else is the bench's.
import { batch, computed, signal } from '@preact/signals';
import { relateTo } from '../../picture/causality.ts';
import type { Filter } from '../../picture/filter.ts';
import {
  clampWindow,
  type Frame,
  fitAll,
  fitLaneHeight,
  reveal,
  toPixel,
  toPlace,
  type Window,
  zoom,
} from '../../picture/frame.ts';
import { layOut, place } from '../../picture/layout.ts';
import type { Highlights } from '../../picture/making.ts';
import { buildModel, NONE } from '../../picture/model.ts';
import { eventAt, extentOfLine, neighbour } from '../../picture/moves.ts';
import type { Order } from '../../picture/places.ts';
import { widthOf } from '../../picture/sceneParts.ts';
import { Search } from '../../picture/search.ts';
import { nameLane } from '../../picture/text.ts';
import type { Bench } from '../bench.ts';

const RULER = 24;
/** Below this width lanes have their numbers only. */
const NARROW = 480;
/** So many of the usual distances are seen at least. */
const LEAST_SPAN = 3;

export class DiagramState {
  readonly bench: Bench;
  readonly order = signal<Order>('time');
  readonly filter = signal<Filter>({ isControlShown: false });
  /** Undefined for the whole run. */
  readonly asked = signal<Window | undefined>(undefined);
  readonly size = signal({ width: 0, height: 0 });
  readonly top = signal(0);
  readonly query = signal('');
  readonly isTable = signal(false);
  /** Of so many messages in the window one is drawn. */
  readonly oneOf = signal(1);

  constructor(bench: Bench) {
    this.bench = bench;
  }

  readonly model = computed(() => {
    const view = this.bench.view.value;
    return view === undefined || view.events.length === 0 ? undefined : buildModel(view);
  });

  readonly #isControlShown = computed(() => this.filter.value.isControlShown);

  readonly places = computed(() => {
    const model = this.model.value;
    return model && place(model, this.order.value, this.#isControlShown.value);
  });

  readonly layout = computed(() => {
    const [model, places] = [this.model.value, this.places.value];
    return model && places && layOut(model, places, this.filter.value);
  });

  readonly window = computed<Window>(() => {
    const places = this.places.value;
    const asked = this.asked.value;
    if (places === undefined) return { from: 0, to: 1 };
    if (asked === undefined) return fitAll(places.width);
    return clampWindow(asked, places.width, LEAST_SPAN * places.typical);
  });

  readonly isNarrow = computed(() => this.size.value.width < NARROW);

  readonly frame = computed<Frame | undefined>(() => {
    const layout = this.layout.value;
    const { width, height } = this.size.value;
    if (layout === undefined || width < 10) return undefined;
    const names = layout.rows
      .map(({ lane }) => layout.model.lanes[lane])
      .flatMap((own) => own ?? []);
    const longest = Math.max(...names.map((own) => widthOf(this.#nameOf(own))), 24);
    const laneHeight = fitLaneHeight(height, RULER, layout.rows.length);
    const most = Math.max(0, RULER + laneHeight * layout.rows.length - height);
    return {
      ...{ ...this.window.value, width, height, gutter: longest + 34, ruler: RULER, laneHeight },
      top: Math.min(this.top.value, most),
    };
  });

  #nameOf(lane: Parameters<typeof nameLane>[0]): string {
    return this.isNarrow.value ? String(lane.node) : nameLane(lane);
  }

  readonly relation = computed(() => {
    const [model, focus] = [this.model.value, this.bench.focus.value];
    return model === undefined || focus === undefined ? undefined : relateTo(model, focus);
  });

  readonly search = computed(() => {
    const layout = this.layout.value;
    return layout && this.query.value !== '' ? new Search(layout, this.query.value) : undefined;
  });

  readonly stretch = computed(() => {
    const [layout, line] = [this.layout.value, this.bench.line.value];
    return layout && line !== undefined ? extentOfLine(layout, line) : undefined;
  });

  /** The event at the cursor; `NONE` before the first. */
  readonly event = computed(() => this.bench.cursor.value - 1);

  readonly highlights = computed<Highlights>(() => {
    const [search, event] = [this.search.value, this.event.value];
    return {
      relation: this.relation.value,
      focus: this.bench.focus.value,
      cursor: event === NONE ? undefined : event,
      line: this.bench.line.value,
      stretch: this.stretch.value,
      isMatch: search && ((index) => search.has(index)),
    };
  });

  /** Puts the cursor after an event, and has it in the window. */
  goTo(event: number): void {
    const places = this.places.value;
    if (event === NONE || places === undefined) return;
    batch(() => {
      this.bench.moveTo(event + 1);
      if (this.asked.value === undefined) return;
      this.asked.value = reveal(this.window.value, places.x[event] as number);
    });
  }

  /** Shows what an event depends on and what depends on it. */
  select(event: number): void {
    batch(() => {
      const line = this.model.value?.line[event] ?? NONE;
      if (line !== NONE) this.bench.line.value = line;
      this.bench.focus.value = event;
      this.goTo(event);
    });
  }

  clear(): void {
    batch(() => {
      this.bench.focus.value = undefined;
      this.bench.line.value = undefined;
      this.query.value = '';
    });
  }

  /** To the next shown event, of the focused event's lane if `isOfLane`. */
  step(by: 1 | -1, isOfLane = false): void {
    const layout = this.layout.value;
    if (layout === undefined) return;
    const near = this.bench.focus.value ?? Math.max(0, this.event.value);
    const lane = isOfLane ? layout.model.lane[near] : undefined;
    this.goTo(neighbour(layout, this.event.value, by, lane));
  }

  goToEnd(isLast: boolean): void {
    const layout = this.layout.value;
    if (layout === undefined) return;
    this.goTo(isLast ? neighbour(layout, layout.isShown.length, -1) : neighbour(layout, NONE, 1));
  }

  /** Puts the cursor where a pixel is. */
  scrub(pixel: number): void {
    const [layout, frame] = [this.layout.value, this.frame.value];
    if (layout === undefined || frame === undefined) return;
    const event = eventAt(layout, toPlace(frame, pixel));
    this.bench.moveTo(event + 1);
  }

  find(step: 1 | -1): void {
    const search = this.search.value;
    if (search !== undefined) this.goTo(search.next(this.event.value, step));
  }

  /** About a pixel, or about the cursor if it is seen. */
  zoomBy(factor: number, pixel?: number): void {
    const [frame, places] = [this.frame.value, this.places.value];
    if (frame === undefined || places === undefined) return;
    const middle = (frame.gutter + frame.width) / 2;
    const cursor = toPixel(frame, places.x[Math.max(0, this.event.value)] ?? 0);
    const isSeen = cursor >= frame.gutter && cursor <= frame.width;
    const anchor = toPlace(frame, pixel ?? (isSeen ? cursor : middle));
    this.show(zoom(this.window.value, factor, anchor));
  }

  /** Moves the window by so many pixels. */
  panBy(pixels: number): void {
    const frame = this.frame.value;
    if (frame === undefined) return;
    const by = (pixels * (frame.to - frame.from)) / (frame.width - frame.gutter);
    this.show({ from: frame.from + by, to: frame.to + by });
  }

  show(window: Window): void {
    const places = this.places.value;
    if (places === undefined) return;
    const all = fitAll(places.width);
    const isAll = window.to - window.from >= all.to - all.from;
    this.asked.value = isAll
      ? undefined
      : clampWindow(window, places.width, LEAST_SPAN * places.typical);
  }

  setOrder(order: Order): void {
    batch(() => {
      this.order.value = order;
      this.asked.value = undefined;
    });
  }

  setFilter(change: Partial<Filter>): void {
    this.filter.value = { ...this.filter.value, ...change };
  }
}
