// The page's end of a live run: collects its stream into the bench, and sends orders.
import { batch, signal } from '@preact/signals';
import { GrowingView } from '../../growingView.ts';
import type { LivePart, Order, Progress } from '../../live/messages.ts';
import type { RunView } from '../../view.ts';
import { Bench } from '../bench.ts';

/** Of the time between two frames that show something new, at most this share is for drawing. */
const DRAWING_SHARE = 0.25;
/** A frame of this length is no burden, in milliseconds. */
const SHORT_FRAME_MS = 34;

const NOTHING: RunView = {
  source: { script: '', protocol: '', seed: 0, faults: '' },
  ...{ world: 'processes', protocol: '', options: {}, said: [], events: [], history: [] },
  ...{ earlier: [], verdict: { lines: [], witness: null }, looks: [] },
};

export type Connection = 'open' | 'lost' | 'refused' | 'ended';

export class LiveClient {
  readonly bench = new Bench(NOTHING.source, undefined, NOTHING, {
    kind: 'live',
    typeLine: (text) => void this.send({ do: 'type', text }),
  });
  readonly progress = signal<Progress>({ done: 0, state: 'idle', isInBlock: false });
  readonly connection = signal<Connection>('lost');
  /** Why the last order was not taken. */
  readonly refusal = signal<string | undefined>(undefined);
  #growing: GrowingView | undefined;
  /** It is shown together with the events that led to it. */
  #nextProgress: Progress | undefined;
  #isDrawn = true;
  #notBefore = 0;

  constructor() {
    // It connects again by itself, and asks for what it has missed.
    const stream = new EventSource('events');
    stream.onopen = () => {
      this.connection.value = 'open';
    };
    stream.onerror = () => {
      // The browser tries again only after a broken connection, not after a refusal.
      const isRefused = stream.readyState === EventSource.CLOSED;
      this.connection.value = isRefused ? 'refused' : 'lost';
    };
    stream.onmessage = ({ data }: MessageEvent<string>) => {
      for (const part of JSON.parse(data) as LivePart[]) this.#take(part);
      this.#planFrame();
      if (this.#nextProgress?.state !== 'over') return;
      stream.close();
      this.connection.value = 'ended';
    };
  }

  async send(order: Order): Promise<void> {
    const refusal = await post(order);
    this.refusal.value = refusal;
  }

  #take(part: LivePart): void {
    if (part.part === 'begin') this.#growing = new GrowingView(part.first);
    else if (part.part === 'progress') this.#nextProgress = part.progress;
    else this.#growing?.take(part);
  }

  #planFrame(): void {
    if (!this.#isDrawn) return;
    this.#isDrawn = false;
    requestAnimationFrame((now) => this.#draw(now));
  }

  /** Draws less often while drawing takes long, so that the page stays usable. */
  #draw(now: number): void {
    if (now < this.#notBefore) {
      requestAnimationFrame((later) => this.#draw(later));
      return;
    }
    this.#isDrawn = true;
    batch(() => {
      if (this.#growing !== undefined) this.bench.grow(this.#growing.view());
      if (this.#nextProgress !== undefined) this.progress.value = this.#nextProgress;
      this.bench.isOver.value = this.progress.value.state === 'over';
    });
    requestAnimationFrame((next) => {
      const tookMs = next - now;
      if (tookMs > SHORT_FRAME_MS) this.#notBefore = next + tookMs * (1 / DRAWING_SHARE - 1);
    });
  }
}

/** Resolves with why the order was not taken; undefined if it was. */
async function post(order: Order): Promise<string | undefined> {
  try {
    const response = await fetch('orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    });
    if (response.ok) return undefined;
    return response.status === 413 ? 'The line is too long.' : `Refused (${response.status}).`;
  } catch {
    return 'The run cannot be reached.';
  }
}
