// Convergence of sets, as far as a history without stores shows it: after the last change of a set
// has ended, the last read of each client finds the same, and lacks nothing that was added and that
// no client removes. That the store had time to converge by then is for the caller to know.
import { UNTIMED } from './checkTransactions.ts';
import {
  type History,
  isOfSet,
  nameOf,
  type PartOfRead,
  type SetChange,
  type SetOperation,
  type SetRead,
} from './history.ts';
import { doesCount, isAnswered, isPending } from './normalize.ts';
import { broken, HOLDS, type Judgement, undecided } from './verdict.ts';
import { tell } from './words.ts';

export function judgeFinalReads({ operations, isTimed }: History): Judgement {
  if (!isTimed) return undecided(UNTIMED);
  const sets = operations.filter(isOfSet).filter(doesCount);
  const byKey = new Map<string, SetOperation[]>();
  for (const one of sets) {
    const ofKey = byKey.get(one.key);
    if (ofKey === undefined) byKey.set(one.key, [one]);
    else ofKey.push(one);
  }
  if (byKey.size === 0) return undecided('of a history, only sets are judged for it');
  const found = [...byKey.values()].map(judgeKey);
  const isBroken = ({ outcome }: Judgement): boolean => outcome === 'broken';
  return found.find(isBroken) ?? found.find(({ outcome }) => outcome === 'undecided') ?? HOLDS;
}

function judgeKey(operations: readonly SetOperation[]): Judgement {
  const changes = operations.filter((one): one is SetChange => one.kind !== 'elements');
  const answered = changes.filter(isAnswered);
  const quietAt = answered.reduce((latest, { returnedAt }) => Math.max(latest, returnedAt ?? 0), 0);
  const reads = lastReads(operations, quietAt);
  const [first, second] = reads;
  if (first === undefined || second === undefined) {
    const key = operations[0]?.key;
    return undecided(`fewer than two clients read ${key} after its last change had ended`);
  }
  const elements = new Set([
    ...answered.map(({ value }) => value),
    ...reads.flatMap((read) => read.elements),
  ]);
  // What is under way may take effect between two of the reads.
  const open = new Set(changes.filter(isPending).map(({ value }) => value));
  for (const element of elements) {
    const of = changes.filter(({ value }) => value === element);
    const added = of.find(({ kind }) => kind === 'insert');
    const has = reads.find((read) => read.elements.includes(element));
    const lacks = reads.find((read) => !read.elements.includes(element));
    if (has !== undefined && added === undefined) {
      return broken('UnexpectedElement', [has], `${tell(has)}, but no client added ${element}.`);
    }
    if (open.has(element) || lacks === undefined || added === undefined) continue;
    if (has !== undefined) return differs(element, { added, has, lacks });
    if (of.some(({ kind }) => kind === 'remove')) continue;
    const told = `${tellPart(lacks, element)}, although ${tell(added)}`;
    return broken('LostElement', [added, lacks], `${told}, and nothing removed that.`);
  }
  return HOLDS;
}

function differs(
  element: string,
  { added, has, lacks }: { added: SetChange; has: SetRead; lacks: SetRead },
): Judgement {
  const both = `${tellPart(has, element)}, and ${tellPart(lacks, element)}`;
  return broken('DifferentReads', [added, has, lacks], `${both}, when nothing changed any more.`);
}

/** Of each client, the last read of the set that began after the last change had ended. */
function lastReads(operations: readonly SetOperation[], quietAt: number): SetRead[] {
  const last = new Map<string, SetRead>();
  for (const one of operations) {
    if (one.kind !== 'elements' || one.invokedAt <= quietAt) continue;
    const session = `${one.session}.${one.incarnation}`;
    const known = last.get(session);
    if (known === undefined || known.invokedAt < one.invokedAt) last.set(session, one);
  }
  return [...last.values()];
}

function tellPart(read: SetRead, element: string): string {
  const elements = read.elements.filter((one) => one === element);
  const part: PartOfRead = { ...read, elements, among: new Set([nameOf(read.key, element)]) };
  return tell(part);
}
