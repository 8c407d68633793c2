// What lasts: the lives of nodes, their pauses, and the time for which a node lacked links.
import type { NodeId } from '../../kernel/ids.ts';
import type { TraceEvent } from '../../kernel/trace.ts';
import { KIND, type Model, NONE } from './model.ts';

export type BandKind = 'life' | 'pause' | 'outage';

/** From one event to another, which is `NONE` if it lasts to the end of the run. */
export interface Band {
  readonly kind: BandKind;
  readonly lane: number;
  readonly from: number;
  readonly to: number;
  /** Of an outage: `no link to 2, 3`. */
  readonly text: string;
}

export interface Bands {
  readonly list: readonly Band[];
  /** The `link` events that restored a link; all others made a first one. */
  readonly healed: ReadonlySet<number>;
}

export function findBands(model: Model): Bands {
  const finder = new BandFinder(model);
  for (let index = 0; index < model.events.length; index += 1) {
    if (model.method[index] !== NONE) continue;
    finder.take(index, model.events[index] as TraceEvent);
  }
  return { list: finder.end(), healed: finder.healed };
}

interface Begun {
  readonly from: number;
  readonly text: string;
}

class BandFinder {
  readonly #model: Model;
  readonly #bands: Band[] = [];
  readonly healed = new Set<number>();
  readonly #open: { readonly [kind in BandKind]: Map<number, Begun> } = {
    life: new Map(),
    pause: new Map(),
    outage: new Map(),
  };
  /** The peers to which a node has no link, or only one in the other direction. */
  readonly #lacking = new Map<NodeId, Set<NodeId>>();

  constructor(model: Model) {
    this.#model = model;
  }

  take(index: number, event: TraceEvent): void {
    const lane = this.#model.lane[index] as number;
    switch (event.event) {
      case 'start':
        this.#begin('life', lane, index);
        break;
      case 'crash':
        for (const kind of ['life', 'pause', 'outage'] as const) this.#end(kind, lane, index);
        this.#forget(event.node, index);
        break;
      case 'pause':
        this.#begin('pause', lane, index);
        break;
      case 'resume':
        this.#end('pause', lane, index);
        break;
      case 'link':
      case 'cut':
      case 'mute':
        this.#change(event.node, event.peer, { index, isLacking: event.event !== 'link' });
        if (event.event !== 'mute') {
          this.#change(event.peer, event.node, { index, isLacking: event.event === 'cut' });
        }
        break;
    }
  }

  end(): Band[] {
    for (const [kind, open] of Object.entries(this.#open)) {
      for (const lane of [...open.keys()]) this.#end(kind as BandKind, lane, NONE);
    }
    return this.#bands;
  }

  #begin(kind: BandKind, lane: number, from: number, text = ''): void {
    this.#end(kind, lane, from);
    this.#open[kind].set(lane, { from, text });
  }

  #end(kind: BandKind, lane: number, to: number): void {
    const begun = this.#open[kind].get(lane);
    if (begun === undefined) return;
    this.#open[kind].delete(lane);
    if (begun.from !== to) this.#bands.push({ kind, lane, to, ...begun });
  }

  #change(node: NodeId, peer: NodeId, now: { index: number; isLacking: boolean }): void {
    const lacking = this.#lacking.get(node) ?? new Set();
    this.#lacking.set(node, lacking);
    if (lacking.has(peer) === now.isLacking) return;
    if (now.isLacking) lacking.add(peer);
    else {
      lacking.delete(peer);
      if (this.#model.kind[now.index] === KIND.link) this.healed.add(now.index);
    }
    const lane = this.#model.laneByNode.get(node);
    if (lane === undefined) return;
    if (lacking.size === 0) this.#end('outage', lane, now.index);
    else {
      const peers = [...lacking].sort((a, b) => a - b).join(', ');
      this.#begin('outage', lane, now.index, `no link to ${peers}`);
    }
  }

  /** The links of a life end with it; its peers lack nothing that they could have. */
  #forget(node: NodeId, index: number): void {
    this.#lacking.delete(node);
    for (const peer of this.#lacking.keys()) {
      this.#change(peer, node, { index, isLacking: false });
    }
  }
}
