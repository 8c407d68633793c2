// Puts verdicts into words: lines for people, fields for machines. Neither contains a time, except
// for operations of a line that asks for several. So both worlds give the same text for a script
// whose lines run one after the other.
import { isInitial } from '../checkers/history.ts';
import {
  type ClientAvailability,
  type HistoryLevel,
  LEVELS,
  type Recorded,
  type StoreLevel,
  type Summary,
  type Verdict as VerdictOn,
} from '../checkers/index.ts';
import {
  distinctValues,
  type Outcome,
  type Sibling,
  showElements,
  showValue,
  showWord,
} from '../kernel/history.ts';
import type { Json } from '../kernel/json.ts';

type Verdict = VerdictOn<HistoryLevel | StoreLevel>;

export interface VerdictText {
  readonly lines: readonly string[];
  /** Of each level that was named: its line, and those of the operations that show a violation. */
  readonly linesByLevel?: readonly (readonly string[])[];
  readonly fields: { readonly [field: string]: Json };
}

/** A line for each level: `causal: holds`. */
export function tellVerdicts(verdicts: readonly Verdict[]): VerdictText {
  const lines = verdicts.map((verdict) => `${verdict.level}: ${tellJudgement(verdict)}`);
  return {
    ...{ lines, linesByLevel: verdicts.map(tellWithOperations) },
    fields: { command: 'check', verdicts: verdicts.map(toJson) },
  };
}

/**
 * The levels that held, those that are broken and the operations that show it, the servers' stores
 * after each stabilize, and the operations that clients got no answer to. Broken levels that were
 * `asked` for come before the first broken one of all.
 */
export function tellSummary(
  summary: Summary<HistoryLevel>,
  stores: readonly Verdict[],
  operationCount: number,
  asked: readonly Verdict[] = [],
): VerdictText {
  const { strongest, verdicts, nothing, availability } = summary;
  const first = summary.firstBroken;
  const isAsked = asked.some(({ level }) => level === first?.level);
  const broken = [...asked, ...(first === undefined || isAsked ? [] : [first])];
  const [firstBroken] = broken;
  const undecided = verdicts.filter(({ outcome }) => outcome === 'undecided');
  const levels = [
    `holds: ${strongest.length === 0 ? 'no level' : strongest.join(', ')}`,
    ...broken.flatMap(tellWithOperations),
    ...tellUndecided(undecided),
  ];
  const lines = [
    ...(nothing === undefined ? levels : [`undecided: ${nothing}`]),
    ...stores.flatMap(tellWithOperations),
    ...(operationCount === 0 ? [] : tellAvailability(availability, operationCount)),
  ];
  const fields = {
    command: 'check',
    strongest,
    firstBroken: firstBroken === undefined ? null : toJson(firstBroken),
    undecided: undecided.map(toJson),
    stores: stores.map(toJson),
    availability: availability.map((counts) => ({ ...counts })),
  };
  return { lines, fields };
}

/** One line for each reason: several levels may be undecided for the same one. */
function tellUndecided(verdicts: readonly Verdict[]): string[] {
  const levelsByWhy = new Map<string, string[]>();
  for (const verdict of verdicts) {
    const told = tellJudgement(verdict);
    levelsByWhy.set(told, [...(levelsByWhy.get(told) ?? []), verdict.level]);
  }
  return Array.from(levelsByWhy, ([told, levels]) => `${levels.join(', ')}: ${told}`);
}

/** For a history that leaves operations out. */
export function tellGap(why: string, stores: readonly Verdict[]): VerdictText {
  const undecided = LEVELS.map((level) => toJson({ level, outcome: 'undecided', why }));
  const fields = { command: 'check', strongest: [], firstBroken: null, undecided };
  return {
    lines: [`undecided: ${why}`, ...stores.flatMap(tellWithOperations)],
    fields: { ...fields, stores: stores.map(toJson), availability: [] },
  };
}

function tellJudgement(verdict: Verdict): string {
  switch (verdict.outcome) {
    case 'holds':
      return 'holds';
    case 'broken':
      return `broken (${verdict.witness.pattern}): ${verdict.witness.sentence}`;
    case 'undecided':
      return `undecided: ${verdict.why}`;
  }
}

/** With the operations that show the violation, if the level is broken. */
function tellWithOperations(verdict: Verdict): string[] {
  const operations = verdict.outcome === 'broken' ? verdict.witness.operations : [];
  const shown = [...operations].sort(
    (a, b) => a.line - b.line || a.invokedAt - b.invokedAt || a.seq - b.seq,
  );
  return [`${verdict.level}: ${tellJudgement(verdict)}`, ...shown.map(tellOperation)];
}

function tellOperation(operation: Recorded): string {
  const { line, number, invokedAt, kind, session, key, value, outcome } = operation;
  const which = number === undefined ? '' : `, operation ${number}, at ${Math.round(invokedAt)} ms`;
  const asked = isInitial(operation)
    ? `  an earlier run: ${kind} ${key}`
    : `  line ${line}${which}: ${kind} ${session} ${key}`;
  if (kind === 'get') {
    const nothing = outcome === 'stale' ? 'ERR_DEP' : 'ERR_KEY';
    const { siblings } = operation;
    if (siblings !== undefined) return `${asked} -> ${listValues(siblings)}`;
    return `${asked} -> ${value === null ? nothing : showValue(value)}`;
  }
  if (kind === 'elements') return `${asked} -> ${showElements(operation.elements)}`;
  const noAnswer = NO_ANSWERS[outcome] ?? '';
  if (kind === 'pop') {
    const popped = outcome === 'absent' ? 'ERR_KEY' : showValue(value);
    return `${asked} ${operation.side}${noAnswer === '' ? ` -> ${popped}` : noAnswer}`;
  }
  if (kind === 'cas') {
    const { expected, isSet } = operation;
    const refused = isSet === false ? ' (another value)' : '';
    const found = expected === null ? 'ERR_KEY' : showWord(expected);
    return `${asked} ${found} ${showWord(value)}${refused}${noAnswer}`;
  }
  return `${value === null ? asked : `${asked} ${showValue(value)}`}${noAnswer}`;
}

/** Concurrent values, sorted. */
function listValues(siblings: readonly Sibling[]): string {
  return distinctValues(siblings).map(showValue).join(', ');
}

/** The words for a write that was not answered with success. */
const NO_ANSWERS: Partial<Record<Outcome, string>> = {
  unknown: ' (no answer)',
  fail: ' (it failed)',
  stale: ' (ERR_DEP)',
};

/** Clients that were always answered get no line of their own. */
function tellAvailability(clients: readonly ClientAvailability[], total: number): string[] {
  const lacking = clients.filter(({ asked, answered }) => asked > answered);
  if (lacking.length === 0) return [`answered: all of ${total} operations`];
  const answered = clients.reduce((sum, client) => sum + client.answered, 0);
  return [
    `answered: ${answered} of ${total} operations`,
    ...lacking.map(({ client, asked, refused, failed, unanswered }) => {
      const parts = [
        refused > 0 && `${refused} refused with ERR_DEP`,
        failed > 0 && `${failed} not done`,
        unanswered > 0 && `${unanswered} unanswered`,
      ];
      const told = parts.filter((part) => part !== false);
      return `  client ${client}: of ${asked}, ${told.join(', ')}`;
    }),
  ];
}

function toJson(verdict: Verdict): Json {
  const { level, outcome } = verdict;
  if (outcome === 'holds') return { level, outcome };
  if (outcome === 'undecided') return { level, outcome, why: verdict.why };
  const { pattern, sentence, operations } = verdict.witness;
  const shown = operations.map((operation) => {
    const { line, session, kind, key, value, outcome: end, version } = operation;
    const { number, invokedAt, returnedAt } = operation;
    const which = number !== undefined && { number, invokedAt, returnedAt };
    const cas = kind === 'cas' && { expected: operation.expected, isSet: operation.isSet };
    const several = kind === 'get' &&
      operation.siblings && { siblings: operation.siblings.map((one) => ({ ...one })) };
    const side = (kind === 'append' || kind === 'pop') &&
      operation.side && { side: operation.side };
    const set = kind === 'elements' && { elements: [...operation.elements] };
    const from = isInitial(operation) ? { earlierRun: true } : { line, ...which, client: session };
    return {
      ...from,
      kind,
      key,
      value,
      ...several,
      ...set,
      ...side,
      ...cas,
      outcome: end,
      version,
    };
  });
  return { level, outcome, pattern, sentence, operations: shown };
}
