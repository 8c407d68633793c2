// Read your writes and monotonic reads for sets: a session's read lacks no element that the session
// has added, or has found, unless a remove of it is in the history.
import { nameOf, type SetOperation, type SetRead } from './history.ts';
import { isPending, normalize } from './normalize.ts';
import { tabulateSets } from './setElements.ts';
import { broken, HOLDS, type Judgement, undecided } from './verdict.ts';
import { tell, tellWithout } from './words.ts';

export function judgeSetSessions(
  history: readonly SetOperation[],
  level: 'read-your-writes' | 'monotonic-reads',
): Judgement {
  const { operations, starts } = normalize(history);
  const { elements, impossible } = tabulateSets(operations);
  if (impossible !== undefined) return impossible;
  const removed = new Set<string>();
  for (const [key, ofKey] of elements) {
    for (const { text, removes } of ofKey) if (removes.length > 0) removed.add(nameOf(key, text));
  }
  let open: SetRead | undefined;
  for (let session = 0; session + 1 < starts.length; session += 1) {
    const known = new Map<string, Map<string, SetOperation>>();
    for (const one of operations.slice(starts[session], starts[session + 1])) {
      const ofKey = known.get(one.key) ?? new Map<string, SetOperation>();
      known.set(one.key, ofKey);
      if (one.kind === 'elements') {
        const found = new Set(one.elements);
        for (const [text, from] of ofKey) {
          if (found.has(text)) continue;
          if (removed.has(nameOf(one.key, text))) open ??= one;
          else return lost(level, text, from, one);
        }
      }
      for (const text of learnt(one, level)) if (!ofKey.has(text)) ofKey.set(text, one);
    }
  }
  if (open === undefined) return HOLDS;
  return undecided(`what ${tell(open)} lacks may have been removed`);
}

/** The elements that the later reads of the session are to have. */
function learnt(
  one: SetOperation,
  level: 'read-your-writes' | 'monotonic-reads',
): readonly string[] {
  if (level === 'monotonic-reads') return one.kind === 'elements' ? one.elements : [];
  return one.kind === 'insert' && !isPending(one) ? [one.value] : [];
}

function lost(
  level: 'read-your-writes' | 'monotonic-reads',
  text: string,
  from: SetOperation,
  read: SetRead,
): Judgement {
  const pattern = level === 'monotonic-reads' ? 'MonotonicReads' : 'ReadYourWrites';
  const sentence = `${tellWithout(read, text)}, after ${tell(from)}; nothing removed that.`;
  return broken(pattern, [from, read], sentence);
}
