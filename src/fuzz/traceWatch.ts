// Reads the trace of a run as it is written: counts message faults, checks deliveries against the
// links that the script made and cut, and hashes the trace to compare two runs.
import { Bug } from '../kernel/errors.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Protocol } from '../kernel/protocol.ts';
import type { TraceEvent, TraceSink } from '../kernel/trace.ts';
import { type Coverage, MESSAGE_FAULTS } from './coverage.ts';
import { TextHash } from './textHash.ts';

/** A message that takes longer counts as delayed, in milliseconds. */
const HELD_UP_MS = 450;

type Send = Extract<TraceEvent, { event: 'send' }>;
type Receive = Extract<TraceEvent, { event: 'receive' }>;

export class TraceWatch {
  readonly #protocol: Protocol;
  readonly #coverage: Coverage;
  readonly #also: TraceSink | undefined;
  readonly #hash: TextHash | undefined;
  readonly #links = new Set<string>();
  /** Links cut while an end was paused or behind: what had arrived there is received later. */
  readonly #leaky = new Set<string>();
  readonly #mutes = new Set<string>();
  readonly #paused = new Set<NodeId>();
  readonly #wokenAt = new Map<NodeId, number>();
  /** By message: when it was sent. And the messages sent in a muted direction. */
  readonly #sentAt = new Map<string, number>();
  readonly #silenced = new Set<string>();
  readonly #received = new Set<string>();
  /** By direction: the greatest send time among the messages received. */
  readonly #latestSent = new Map<string, number>();

  constructor(setup: {
    protocol: Protocol;
    coverage: Coverage;
    also?: TraceSink;
    isHashed: boolean;
  }) {
    this.#protocol = setup.protocol;
    this.#coverage = setup.coverage;
    this.#also = setup.also;
    this.#hash = setup.isHashed ? new TextHash() : undefined;
  }

  /** Call once, at the end; empty unless the trace is hashed. */
  digest(): string {
    return this.#hash?.digest() ?? '';
  }

  /** Throws a Bug if a message arrives over a cut link or in a muted direction. */
  readonly sink: TraceSink = (event) => {
    this.#also?.(event);
    this.#hash?.update(JSON.stringify(event));
    if (event.event === 'send') this.#sent(event);
    else if (event.event === 'receive') this.#arrived(event);
    else if (event.event === 'note') this.#noted(event.label);
    else if (event.event === 'drop') {
      this.#coverage.mark(event.why === 'lost' ? MESSAGE_FAULTS.lost : MESSAGE_FAULTS.cut);
    }
  };

  isPaused(id: NodeId): boolean {
    return this.#paused.has(id);
  }

  linked(a: NodeId, b: NodeId): void {
    this.#links.add(pairOf(a, b));
    this.#leaky.delete(pairOf(a, b));
    this.#mutes.delete(`${a} ${b}`);
    this.#mutes.delete(`${b} ${a}`);
  }

  /** `isBehind`: whether something has come to a node that it has not handled yet. */
  unlinked(a: NodeId, b: NodeId, now: number, isBehind: (id: NodeId) => boolean): void {
    this.#links.delete(pairOf(a, b));
    const isLeaky = (id: NodeId): boolean => this.#isAsleep(id, now) || isBehind(id);
    if (isLeaky(a) || isLeaky(b)) this.#leaky.add(pairOf(a, b));
  }

  muted(from: NodeId, to: NodeId): void {
    this.#mutes.add(`${from} ${to}`);
  }

  paused(id: NodeId): void {
    this.#paused.add(id);
  }

  resumed(id: NodeId, now: number): void {
    this.#paused.delete(id);
    this.#wokenAt.set(id, now);
  }

  /** A life has ended, and its links with it. */
  ended(id: NodeId, now: number, isBehind: (id: NodeId) => boolean): void {
    this.#paused.delete(id);
    for (const pair of this.#links) {
      const [a, b] = pair.split(' ').map(Number) as [NodeId, NodeId];
      if (a === id || b === id) this.unlinked(a, b, now, isBehind);
    }
  }

  /**
   * Includes the moment of resuming, in which messages that arrived before the pause are received.
   */
  #isAsleep(id: NodeId, now: number): boolean {
    return this.#paused.has(id) || this.#wokenAt.get(id) === now;
  }

  #noted(label: string): void {
    const { name, notes } = this.#protocol;
    if (notes?.includes(label) === false) throw new Bug(`${name} has no note ${label} in its list`);
    this.#coverage.mark(`note ${label}`);
  }

  #sent({ at, node, to, message, method, answers }: Send): void {
    if (to === 'master') {
      this.#coverMethod(method, answers);
      return;
    }
    this.#sentAt.set(message, at);
    if (this.#mutes.has(`${node} ${to}`)) this.#silenced.add(message);
  }

  #arrived({ at, node, from, message, method, answers }: Receive): void {
    if (from === 'master') {
      this.#coverMethod(method, answers);
      return;
    }
    const isOpen = this.#links.has(pairOf(from, node)) || this.#leaky.has(pairOf(from, node));
    if (!isOpen) throw new Bug(`cut: ${node} received ${method} of ${from} across a cut link`);
    if (this.#silenced.has(message)) {
      throw new Bug(`cut: ${node} received ${method} of ${from}, whose way to it is cut`);
    }
    const sentAt = this.#sentAt.get(message) ?? at;
    this.#coverDelivery(`${from} ${node}`, message, sentAt, at);
    this.#coverMethod(method, answers);
  }

  /** Messages to and from the configuration service count too; the service lives in the master. */
  #coverMethod(method: string, answers: string | undefined): void {
    if (answers !== undefined || !Object.hasOwn(this.#protocol.messages, method)) return;
    this.#coverage.mark(`message ${this.#protocol.name}.${method}`);
  }

  #coverDelivery(direction: string, message: string, sentAt: number, at: number): void {
    if (this.#received.has(message)) this.#coverage.mark(MESSAGE_FAULTS.repeated);
    this.#received.add(message);
    const latest = this.#latestSent.get(direction) ?? 0;
    if (sentAt < latest) this.#coverage.mark(MESSAGE_FAULTS.overtaken);
    else this.#latestSent.set(direction, sentAt);
    if (at - sentAt > HELD_UP_MS) this.#coverage.mark(MESSAGE_FAULTS.heldUp);
  }
}

function pairOf(a: NodeId, b: NodeId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
