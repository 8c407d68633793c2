// Small histories of sets, and what they can be explained by: every order, and everything that each
// operation may have seen. Follows the definitions, and shares no code with the checkers.
import type { Recorded } from '../../src/checkers/index.ts';
import { type RandomStream, randomBelow } from '../../src/kernel/random.ts';

export interface Step {
  readonly session: number;
  readonly kind: 'insert' | 'remove' | 'elements';
  readonly element: string;
  readonly elements: readonly string[];
  readonly from: number;
  /** Infinity without an answer. */
  readonly to: number;
}

/** `0 +a`, `0 -a`, `1 {a b}`, `0 +a?` without an answer; one after the other. */
export function parseSteps(lines: readonly string[]): Step[] {
  return lines.map((line, place): Step => {
    const [, session, sign, rest] = /^(\d) ([+{-])(.*)$/.exec(line) as unknown as string[];
    const isOpen = (rest as string).endsWith('?');
    const words = (rest as string).replace(/[}?]/g, '').split(' ').filter(Boolean);
    const kind = sign === '+' ? 'insert' : sign === '-' ? 'remove' : 'elements';
    const [element = ''] = words;
    const to = isOpen ? Number.POSITIVE_INFINITY : 2 * place + 1;
    return { session: Number(session), kind, element, elements: words, from: 2 * place, to };
  });
}

export function toHistory(steps: readonly Step[]): Recorded[] {
  return steps.map((step, index): Recorded => {
    const { session, kind, element, elements, from, to } = step;
    const isAnswered = Number.isFinite(to);
    const told = {
      ...{ session, incarnation: 1, seq: index, key: 'S', line: index + 1 },
      ...{ invokedAt: from, returnedAt: isAnswered ? to : null, server: null, version: null },
      ...{ applied: null, outcome: isAnswered ? ('ok' as const) : ('unknown' as const) },
    };
    return kind === 'elements'
      ? { ...told, kind, value: null, elements: isAnswered ? elements : [] }
      : { ...told, kind, value: element };
  });
}

export interface Shape {
  readonly steps: number;
  readonly removes: boolean;
  /** Whether an element may be added more than once. */
  readonly again: boolean;
}

/** Replicas that deliver late, so that most histories are causal; some reads are made up. */
export function drawSteps(random: RandomStream, { steps, removes, again }: Shape): Step[] {
  const drawn: Step[] = [];
  const seen: number[][] = [];
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const free = Array.from({ length: 3 }, () => Number.NEGATIVE_INFINITY);
  for (let place = 0; place < steps; place += 1) {
    const session = randomBelow(random, 3);
    const mine = new Set<number>();
    const learn = (one: number): void => {
      for (const each of [one, ...(seen[one] as number[])]) mine.add(each);
    };
    for (const [one, other] of drawn.entries()) {
      if (other.session === session || random() < 0.4) learn(one);
    }
    seen.push([...mine]);
    const word = random();
    const kind = word < 0.45 ? 'elements' : removes && word < 0.65 ? 'remove' : 'insert';
    const few = names.slice(0, 2);
    const element = (
      again || kind === 'remove' ? few[randomBelow(random, 2)] : names[place]
    ) as string;
    const all = visibleElements(drawn, seen, [...mine]);
    if (random() < 0.15) all.has('a') ? all.delete('a') : all.add('a');
    const from = Math.max(free[session] as number, 3 * place - randomBelow(random, 7));
    const isOpen = random() < 0.15;
    const end = from + 1 + randomBelow(random, 6);
    free[session] = end;
    const to = isOpen ? Number.POSITIVE_INFINITY : end;
    drawn.push({ session, kind, element, elements: [...all], from, to });
  }
  return drawn;
}

function visibleElements(
  steps: readonly Step[],
  seen: readonly (readonly number[])[],
  visible: readonly number[],
): Set<string> {
  const isRemoved = (one: number): boolean =>
    visible.some((other) => {
      const { kind, element } = steps[other] as Step;
      return kind === 'remove' && element === steps[one]?.element && seen[other]?.includes(one);
    });
  const added = visible.filter((one) => steps[one]?.kind === 'insert' && !isRemoved(one));
  return new Set(added.map((one) => (steps[one] as Step).element));
}

const isOpen = ({ to }: Step): boolean => to === Number.POSITIVE_INFINITY;

/** Whether both have the same elements, each once. */
function isEqual(elements: readonly string[], set: ReadonlySet<string>): boolean {
  return elements.length === set.size && elements.every((one) => set.has(one));
}

/** Whether all that was answered has an order: by the clock, or by the sessions only. */
export function hasOrder(
  left: readonly Step[],
  isRealTime: boolean,
  set: ReadonlySet<string> = new Set(),
): boolean {
  if (left.every(isOpen)) return true;
  return left.some((step) => {
    const isLate = left.some(
      (other) =>
        other.to < Number.POSITIVE_INFINITY &&
        ((isRealTime && other.to < step.from) ||
          (other.session === step.session && other !== step && other.from < step.from)),
    );
    if (isLate || (step.kind === 'elements' && (isOpen(step) || !isEqual(step.elements, set))))
      return false;
    const after = new Set(set);
    if (step.kind === 'insert') after.add(step.element);
    if (step.kind === 'remove') after.delete(step.element);
    return hasOrder(
      left.filter((other) => other !== step),
      isRealTime,
      after,
    );
  });
}

/** Whether each operation can have seen something, transitively, that explains all reads. */
export function isCausal(steps: readonly Step[]): boolean {
  const seen: number[][] = steps.map(() => []);
  const place = (placed: readonly number[]): boolean => {
    if (steps.every((one, op) => placed.includes(op) || isOpen(one))) return true;
    return steps.some((step, op) => {
      if (placed.includes(op) || (step.kind === 'elements' && isOpen(step))) return false;
      const before = [...steps.keys()].filter(
        (one) => one < op && steps[one]?.session === step.session && !isOpen(steps[one] as Step),
      );
      if (!before.every((one) => placed.includes(one))) return false;
      for (const visible of subsets(placed)) {
        const isClosed =
          before.every((one) => visible.includes(one)) &&
          visible.every((one) => (seen[one] as number[]).every((each) => visible.includes(each)));
        if (!isClosed) continue;
        seen[op] = visible;
        const isFit =
          step.kind !== 'elements' || isEqual(step.elements, visibleElements(steps, seen, visible));
        if (isFit && place([...placed, op])) return true;
      }
      seen[op] = [];
      return false;
    });
  };
  return place([]);
}

function subsets(all: readonly number[]): number[][] {
  return Array.from({ length: 2 ** all.length }, (_, bits) =>
    all.filter((_one, index) => (bits >> index) & 1),
  );
}

/** Without removes: whether each session can have seen the adds of each other one in order. */
export function isPram(steps: readonly Step[]): boolean {
  const sessions = [...new Set(steps.map(({ session }) => session))];
  return sessions.every((session) => {
    const own = steps.filter((one) => one.session === session && !isOpen(one));
    const adds = [...steps.keys()].filter((op) => steps[op]?.kind === 'insert');
    const fits = (from: number, known: readonly number[]): boolean => {
      const step = own[from];
      if (step === undefined) return true;
      return subsets(adds).some((visible) => {
        const isClosed =
          known.every((one) => visible.includes(one)) &&
          adds.every((op) => {
            const add = steps[op] as Step;
            const mustSee =
              !isOpen(add) &&
              visible.some((one) => op < one && steps[one]?.session === add.session);
            const isOwn = add.session === session && !isOpen(add);
            if (isOwn) return visible.includes(op) === add.from < step.from;
            if (add.session === session && visible.includes(op) && add.from > step.from)
              return false;
            return !mustSee || visible.includes(op);
          });
        const set = new Set(visible.map((op) => (steps[op] as Step).element));
        const isFit = step.kind !== 'elements' || isEqual(step.elements, set);
        return isClosed && isFit && fits(from + 1, visible);
      });
    };
    return fits(0, []);
  });
}
