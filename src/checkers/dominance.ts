// Judges the session guarantees of a history with causal contexts, whose writes are partially
// ordered. What a session has written (or read) must be included in what comes back to it, and in
// what it writes later. The context of an answer tells that for its key, and of other keys nothing.
import type { ContextTuples, Operation } from '../kernel/history.ts';
import type { ContextAnswers, Included } from './contextAnswers.ts';
import { covers, singleton, without } from './contexts.ts';
import { isPending, isWrite, type Normalized } from './normalize.ts';
import {
  broken,
  HOLDS,
  type Judgement,
  type Pattern,
  type SessionGuarantee,
  undecided,
} from './verdict.ts';
import { tell, tellKnown, where, written } from './words.ts';

interface Terms {
  readonly pattern: Pattern;
  /** Whether the writes of the session bind it; if not, its gets do. */
  readonly isOfWrites: boolean;
  /** Whether they bind its later writes; if not, its later gets. */
  readonly bindsWrites: boolean;
  readonly isOfAllKeys: boolean;
}

const TERMS: Readonly<Record<SessionGuarantee, Terms>> = {
  'read-your-writes': termsOf('ReadYourWrites', true, false, false),
  'read-your-writes-all-keys': termsOf('ReadYourWrites', true, false, true),
  'monotonic-reads': termsOf('MonotonicReads', false, false, false),
  'monotonic-reads-all-keys': termsOf('MonotonicReads', false, false, true),
  'monotonic-writes': termsOf('MonotonicWrites', true, true, true),
  'writes-follow-reads': termsOf('WritesFollowReads', false, true, true),
};

function termsOf(
  pattern: Pattern,
  isOfWrites: boolean,
  bindsWrites: boolean,
  isOfAllKeys: boolean,
): Terms {
  return { pattern, isOfWrites, bindsWrites, isOfAllKeys };
}

export function judgeByContexts(
  normalized: Normalized,
  answers: ContextAnswers,
  guarantee: SessionGuarantee,
): Judgement {
  const { starts } = normalized;
  let doubt: Judgement | undefined;
  for (let session = 0; session + 1 < starts.length; session += 1) {
    const [start, end] = [starts[session] as number, starts[session + 1] as number];
    const demands = new SessionDemands(normalized, answers, TERMS[guarantee]);
    for (let op = start; op < end; op += 1) {
      const found = demands.take(op);
      if (found?.outcome === 'broken') return found;
      doubt ??= found;
    }
  }
  return doubt ?? HOLDS;
}

/** How many operations of a session and a key later ones are compared with. */
const MOST_ASKED = 64;

/** What one session has written or read of one key, and later operations must include. */
class KeyDemands {
  /** None is included in a later one. */
  #asked: readonly { readonly op: number; readonly needs: ContextTuples }[] = [];
  /** An operation that asks for a write of unknown version; -1 for none. */
  open = -1;
  /** The last get that found nothing: it may have found a deletion that no answer names. */
  nothing = -1;

  get asked() {
    return this.#asked;
  }

  /** `has` is all that the operation includes, as far as known. */
  ask(op: number, needs: ContextTuples, has: ContextTuples): void {
    const left = this.#asked.filter((one) => without(one.needs, has).length > 0);
    this.#asked = needs.length === 0 ? left : [...left, { op, needs }];
    if (this.#asked.length <= MOST_ASKED) return;
    // The verdict is then undecided, unless later operations break the guarantee.
    this.open = (this.#asked[0] as { op: number }).op;
    this.#asked = this.#asked.slice(1);
  }
}

class SessionDemands {
  readonly #normalized: Normalized;
  readonly #answers: ContextAnswers;
  readonly #terms: Terms;
  readonly #demands = new Map<number, KeyDemands>();
  /** By key, the first operation that binds later ones. Two keys are enough. */
  readonly #first = new Map<number, number>();

  constructor(normalized: Normalized, answers: ContextAnswers, terms: Terms) {
    this.#normalized = normalized;
    this.#answers = answers;
    this.#terms = terms;
  }

  /** The next operation of the session. Undefined if it has what it must have. */
  take(op: number): Judgement | undefined {
    const operation = this.#operation(op);
    const isOfKind = isWrite(operation);
    const found = isOfKind === this.#terms.bindsWrites ? this.#judge(op) : undefined;
    // An unanswered write may take effect at any later time.
    if (isOfKind === this.#terms.isOfWrites && !isPending(operation)) this.#demand(op);
    return found;
  }

  #judge(op: number): Judgement | undefined {
    const operation = this.#operation(op);
    // An unanswered write that no get can have returned need not have happened.
    if (isPending(operation) && !this.#answers.mayBeRead(op)) return undefined;
    const included = this.#answers.of(op);
    const demands = this.#demands.get(this.#key(op));
    let doubt: Judgement | undefined;
    for (const { op: before, needs } of demands?.asked ?? []) {
      const lacking = without(needs, included.has);
      if (lacking.length === 0) continue;
      if (!this.#answers.mayInclude(op, included, lacking)) {
        return this.#tellBroken(before, op, included);
      }
      doubt ??= this.#tellDoubt(before, op, included.has);
    }
    doubt ??= this.#findOpen(op, included, demands);
    return doubt ?? (this.#terms.isOfAllKeys ? this.#findOther(op) : undefined);
  }

  /** A doubt about what the session has written or read of the key itself. */
  #findOpen(op: number, { has }: Included, demands?: KeyDemands): Judgement | undefined {
    if (demands === undefined) return undefined;
    const { open, nothing } = demands;
    if (open >= 0) return this.#tellDoubt(open, op);
    const isBinding = nothing >= 0 && (this.#terms.isOfAllKeys || !this.#findsNothing(op));
    const found = isBinding ? this.#answers.mayHaveFound(nothing) : [];
    if (found !== undefined && without(found, has).length === 0) return undefined;
    return this.#tellDoubt(nothing, op);
  }

  /** A doubt about what the session has written or read of another key. */
  #findOther(op: number): Judgement | undefined {
    const other = [...this.#first].find(([key]) => key !== this.#key(op));
    return other === undefined ? undefined : this.#tellDoubt(other[1], op);
  }

  /** What the operation asks of later ones. */
  #demand(op: number): void {
    const key = this.#key(op);
    const demands = this.#demands.get(key) ?? new KeyDemands();
    this.#demands.set(key, demands);
    const { has, isTold, isNamed } = this.#answers.of(op);
    if (this.#terms.isOfWrites) {
      const version = this.#answers.versionOf(op);
      if (version === null) demands.open = op;
      else demands.ask(op, singleton(version), has);
    } else {
      demands.ask(op, has, has);
      if (!isTold && !isNamed) demands.open = op;
      if (isTold && has.length === 0) demands.nothing = op;
    }
    if (this.#first.size < 2 && this.#isBinding(demands)) this.#first.set(key, op);
  }

  #isBinding({ asked, open, nothing }: KeyDemands): boolean {
    if (asked.length > 0 || open >= 0) return true;
    return nothing >= 0 && this.#answers.mayHaveFound(nothing)?.length !== 0;
  }

  #findsNothing(op: number): boolean {
    const { has, isTold } = this.#answers.of(op);
    return isTold && has.length === 0;
  }

  #tellBroken(before: number, after: number, { has }: Included): Judgement {
    const [b, a] = [this.#lackingOf(before, has), this.#operation(after)];
    const known = tellKnown(b, this.#terms.isOfWrites);
    // A get that found nothing need not have a context.
    const sentence =
      has.length === 0 ? `${tell(a)} after ${known}` : `${tell(a)}, whose context lacks ${known}`;
    return broken(this.#terms.pattern, [this.#operation(before), a], `${sentence}.`);
  }

  /**
   * The operation with only those of its concurrent values that are not included; or else with a
   * deletion that it found beside them.
   */
  #lackingOf(op: number, has: ContextTuples): Operation {
    const { siblings = [], ...operation } = this.#operation(op);
    const left = siblings.filter(({ version }) => version !== null && !covers(has, version));
    const values = left.filter(({ value }) => value !== null);
    if (values.length > 0) return { ...operation, ...values[0], siblings: values };
    return left.length > 0 ? { ...operation, ...left[0] } : this.#operation(op);
  }

  /** `included`: what the later operation includes of the key. */
  #tellDoubt(before: number, after: number, included: ContextTuples = []): Judgement {
    const [b, a] = [this.#lackingOf(before, included), this.#operation(after)];
    const known = tellKnown(b, this.#terms.isOfWrites);
    const isOfKey = this.#key(before) === this.#key(after);
    if (!isWrite(a)) {
      const has = isOfKey ? 'it includes' : 'its server had applied';
      return undecided(`${tell(a)}, and nothing says whether ${has} ${known}`);
    }
    const what = `${written(a)} ${where(a)}`;
    const has = isOfKey ? `${what} includes` : `each server with ${what} has`;
    return undecided(`nothing says whether ${has} ${known}`);
  }

  #key(op: number): number {
    return this.#normalized.key[op] as number;
  }

  #operation(op: number): Operation {
    return this.#normalized.operations[op] as Operation;
  }
}
