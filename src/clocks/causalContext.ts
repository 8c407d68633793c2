// A causal context: the exact set of writes of one key that a write, or a session, knows of.
import type { ContextTuples } from '../kernel/history.ts';
import type { Version } from './version.ts';

type Span = ContextTuples[number];

/**
 * A write is named by its version, which is a dot: a life of a server and a timestamp of its clock
 * (Preguiça et al., "Brief Announcement: Efficient Causality Tracking in Distributed Storage
 * Systems with Dotted Version Vectors", PODC 2012). A plain vector cannot say that a session has
 * read its own write and not the earlier ones of the same server, so a context is a set of spans
 * (Malkhi & Terry, "Concise Version Vectors in WinFS", Distributed Computing 2007).
 *
 * The span of a write begins after the timestamp that its server gave to the key before. So it has
 * that write alone, and the spans of successive writes make one.
 *
 * Immutable. Stored as the tuples that messages carry.
 */
export class CausalContext {
  static readonly EMPTY = new CausalContext([]);
  readonly #spans: ContextTuples;

  private constructor(spans: ContextTuples) {
    this.#spans = spans;
  }

  /** The tuples must be sorted, and must neither overlap nor meet (`isContext` of control.ts). */
  static fromTuples(tuples: ContextTuples): CausalContext {
    return tuples.length === 0 ? CausalContext.EMPTY : new CausalContext(tuples);
  }

  /** Equal sets of spans give equal tuples. The caller must not change them. */
  toTuples(): ContextTuples {
    return this.#spans;
  }

  covers({ origin, timestamp }: Version): boolean {
    return this.#spans.some(
      ([id, incarnation, after, upTo]) =>
        id === origin.id &&
        incarnation === origin.incarnation &&
        after < timestamp &&
        timestamp <= upTo,
    );
  }

  /** With that write, whose server gave the key no timestamp from `after` until this one. */
  with({ origin, timestamp }: Version, after: number): CausalContext {
    return this.union(new CausalContext([[origin.id, origin.incarnation, after, timestamp]]));
  }

  union(other: CausalContext): CausalContext {
    if (other.#spans.length === 0) return this;
    if (this.#spans.length === 0) return other;
    const spans: Span[] = [];
    for (const span of [...this.#spans, ...other.#spans].sort(compareSpans)) {
      const last = spans.at(-1);
      if (last !== undefined && isTouching(last, span)) spans[spans.length - 1] = join(last, span);
      else spans.push(span);
    }
    return new CausalContext(spans);
  }
}

function compareSpans(a: Span, b: Span): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** `a` begins first. */
function isTouching(a: Span, b: Span): boolean {
  return a[0] === b[0] && a[1] === b[1] && b[2] <= a[3];
}

function join(a: Span, b: Span): Span {
  return [a[0], a[1], a[2], Math.max(a[3], b[3])];
}
