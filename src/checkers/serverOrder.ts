// Judges monotonic writes and writes follow reads, which constrain every server: a server that has
// applied a write must before that have applied what the write's session had written, or read
// (Terry et al., PDIS 1994, section 3). Each reply with a vector shows the state of its server.
import type { Operation, VersionTuple } from '../kernel/history.ts';
import type { Answers } from './answers.ts';
import { eachWrite, type Missing, Needs, type WritesView } from './needs.ts';
import type { Normalized } from './normalize.ts';
import { compareVersions } from './readsFrom.ts';
import { broken, HOLDS, type Judgement, undecided, type WriteGuarantee } from './verdict.ts';
import { content, tell, where, written } from './words.ts';

/** `history` has all recorded operations: refused ones also report vectors. */
export function judgeServerOrder(
  normalized: Normalized,
  answers: Answers,
  history: readonly Operation[],
  guarantee: WriteGuarantee,
): Judgement {
  const view = { normalized, answers, guarantee };
  const order = judgeOrderOfVersions(view);
  if (order !== undefined) return order;
  const needs = new Needs(view);
  if (needs.isEmpty) return HOLDS;
  let last: Operation['applied'] = null;
  for (const operation of history) {
    if (operation.applied === null || operation.applied === last) continue;
    last = operation.applied;
    const missing = needs.findMissing(last);
    if (missing !== undefined) return notApplied(view, missing, operation);
    needs.doubtAt(last);
  }
  if (last === null) return undecided('no answer says what its server had applied');
  return needs.doubt === undefined ? HOLDS : tellDoubt(view, needs.doubt);
}

/** The versions of a session's writes to one key must be in the order of the session. */
function judgeOrderOfVersions(view: WritesView): Judgement | undefined {
  const { operations, key } = view.normalized;
  let greatest = new Map<number, { op: number; version: VersionTuple }>();
  let found: Judgement | undefined;
  eachWrite(view, {
    begin: () => {
      greatest = new Map();
    },
    needed: (op, version) => {
      if (version === null) return;
      const former = greatest.get(key[op] as number);
      if (former === undefined || compareVersions(version, former.version) > 0) {
        greatest.set(key[op] as number, { op, version });
      }
    },
    write: (op, version) => {
      const former = greatest.get(key[op] as number);
      if (former === undefined || version === null || found !== undefined) return;
      const order = compareVersions(former.version, version);
      if (order < 0) return;
      const [w1, w2] = [operations[former.op], operations[op]] as [Operation, Operation];
      found = broken(
        ...patternOf(view, former.op, [w1, w2]),
        order === 0
          ? `${tell(w2)}, which is the very write that it had ${didOf(view)} ${where(w1)}.`
          : `${tell(w2)}, but the servers order it before the ${written(w1)} that it had ` +
              `${didOf(view)} ${where(w1)}.`,
      );
    },
  });
  return found;
}

function didOf({ guarantee }: WritesView): string {
  return guarantee === 'monotonic-writes' ? 'put' : 'read';
}

/** The witness has also the deletion that explains the needed operation, if that found nothing. */
function patternOf(
  { normalized, answers, guarantee }: WritesView,
  needed: number,
  shown: readonly Operation[],
): ['MonotonicWrites' | 'WritesFollowReads', Operation[]] {
  const deletion = answers.deletionFound(needed);
  const found = deletion === undefined ? [] : [normalized.operations[deletion] as Operation];
  const pattern = guarantee === 'monotonic-writes' ? 'MonotonicWrites' : 'WritesFollowReads';
  return [pattern, [...found, ...shown]];
}

function tellDoubt({ normalized }: WritesView, op: number): Judgement {
  const operation = normalized.operations[op] as Operation;
  return undecided(`nothing tells which version this was: ${tell(operation)}`);
}

function notApplied(view: WritesView, missing: Missing, look: Operation): Judgement {
  const { operations } = view.normalized;
  const [w1, w2] = [operations[missing.needed], operations[missing.write]] as [
    Operation,
    Operation,
  ];
  const server = `server ${look.server ?? '?'}`;
  return broken(
    ...patternOf(view, missing.needed, [w1, w2, look]),
    `When ${server} answered client ${look.session} ${where(look)}, it had applied ` +
      `client ${w2.session}'s ${content(w2)} ${where(w2)}, but not the ${content(w1)} that ` +
      `client ${w2.session} had ${didOf(view)} before ${where(w1)}.`,
  );
}
