// What the operations of one key can tell apart. A text that none of them has read or expected, and
// that no append can turn into such a text, is as good as any other one. So states and writes that
// differ only in such texts are the same, and an unanswered write of one is of use only to a
// compare-and-set that found another value than it expected.
import type { KeyCall, KeyState } from './register.ts';

/** In place of each text that has not been observed. */
export const OTHER = Symbol('another text');

export type Content = KeyState | typeof OTHER;

/** What of a call decides whether it is observed. */
interface Asked {
  readonly call: KeyCall;
  readonly isPending: boolean;
}

/** More characters are not compared: then all texts are told apart. */
const MOST_COMPARED = 20_000_000;

export class Observed {
  /** Whether all texts are told apart. */
  readonly #isExact: boolean;
  readonly #isNullSeen: boolean;
  readonly #whole: ReadonlySet<string>;
  /** Those of which a part is as good as observed, since an append can make them of it. */
  readonly #parts: readonly string[];
  /** Whether an answered compare-and-set has found another value than it expected. */
  readonly #isDifferenceSeen: boolean;

  constructor(asked: readonly Asked[]) {
    const seen = new Set<KeyState>();
    let [canGrow, hasAny, isDifferenceSeen] = [false, false, false];
    for (const { call, isPending } of asked) {
      if (call.kind === 'get') seen.add(call.result);
      else if (call.kind === 'append') canGrow = true;
      else if (isComputed(call)) hasAny = true;
      else if (call.kind === 'compareAndSet') {
        seen.add(call.expected);
        if (call.result === false && !isPending) isDifferenceSeen = true;
      }
    }
    this.#isNullSeen = seen.delete(null) || canGrow;
    this.#whole = seen as Set<string>;
    const longest = canGrow ? findLongest([...this.#whole]) : [];
    this.#isExact = hasAny || longest === undefined;
    this.#parts = longest ?? [];
    this.#isDifferenceSeen = isDifferenceSeen;
  }

  contentOf(text: KeyState): Content {
    const isSeen =
      text === null
        ? this.#isNullSeen
        : this.#whole.has(text) || this.#parts.some((one) => one.includes(text));
    return this.#isExact || isSeen ? text : OTHER;
  }

  /** The call after which the key has a content, with the content in place of a text. */
  apply(content: Content, call: KeyCall, apply: Apply): Content | undefined {
    if (content !== OTHER) {
      const next = apply(content, call);
      return next === undefined ? undefined : this.contentOf(next);
    }
    switch (call.kind) {
      case 'put':
        return this.contentOf(call.value);
      case 'delete':
        return this.contentOf(null);
      case 'append':
        return OTHER;
      case 'compareAndSet':
        return call.result === true ? undefined : OTHER;
      case 'get':
      case 'pop':
      case 'add':
      case 'insert':
      case 'remove':
        return undefined;
    }
  }

  /** Whether an unanswered call may be of use to an answered one. */
  isOfUse(call: KeyCall): boolean {
    if (this.#isDifferenceSeen || isComputed(call)) return true;
    return call.kind !== 'get' && this.contentOf(leftBy(call)) !== OTHER;
  }
}

type Apply = (state: KeyState, call: KeyCall) => KeyState | undefined;

/**
 * The calls without the unanswered ones that are of no use; `isKept` tells which have to stay. What
 * only such calls expect is of no use either.
 */
export function withoutUseless<One extends Asked>(
  all: readonly One[],
  isKept: (one: One) => boolean,
): { readonly asked: readonly One[]; readonly observed: Observed } {
  for (let asked = all; ; ) {
    const observed = new Observed(asked);
    const left = asked.filter((one) => !one.isPending || isKept(one) || observed.isOfUse(one.call));
    if (left.length === asked.length) return { asked, observed };
    asked = left;
  }
}

/** Leaves a text that is computed from the one before it, in another way than by append. */
type Computed = Extract<KeyCall, { kind: 'pop' | 'add' | 'insert' | 'remove' }>;

export function isComputed(call: KeyCall): call is Computed {
  return ['pop', 'add', 'insert', 'remove'].includes(call.kind);
}

/** What a write leaves or, of an append, adds. */
export function leftBy(call: Exclude<KeyCall, { kind: 'get' } | Computed>): KeyState {
  return call.kind === 'delete' ? null : call.value;
}

/** Those that are no part of another one; undefined if it would take too long to find them. */
function findLongest(texts: readonly string[]): readonly string[] | undefined {
  const longest: string[] = [];
  let [length, compared] = [0, 0];
  for (const text of texts.toSorted((a, b) => b.length - a.length)) {
    compared += length;
    if (compared > MOST_COMPARED) return undefined;
    if (longest.some((one) => one.includes(text))) continue;
    longest.push(text);
    length += text.length;
  }
  return longest;
}
