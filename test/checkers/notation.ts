// Histories in one line, for tests: `w x1, r x2 | w x2, r x1`. Bars separate sessions; `r x0` reads
// the initial value; `w? x1` has no answer; `d x` deletes; `^3` gives a version, with which `r
// x-^3` reads a deletion; `@2-5` gives the times of begin and end.
import type { Operation } from '../../src/kernel/history.ts';

export interface Step {
  readonly kind: 'w' | 'r' | 'd';
  readonly key: string;
  /** 0 is the initial value; null is what a deletion leaves. */
  readonly value: number | null;
  readonly isPending: boolean;
  readonly version: number | undefined;
  readonly from: number;
  /** Infinity where no answer came. */
  readonly to: number;
}

export type Sessions = readonly (readonly Step[])[];

const STEP = /^([wrd])(\?)? ([a-z])(\d+|-)?(?:\^(\d+))?(?:@([\d.]+)-([\d.]+)?)?$/;

export function parse(text: string): Step[][] {
  return text
    .replaceAll(/#.*/g, '')
    .split('|')
    .map((session) =>
      session
        .split(',')
        .map((step) => step.trim())
        .filter((step) => step !== '')
        .map(parseStep),
    );
}

function parseStep(text: string, place: number): Step {
  const match = STEP.exec(text);
  if (match === null) throw new Error(`no step of a history: ${text}`);
  const [, kind, isPending, key = '', value, version, from, to] = match;
  const start = from === undefined ? place : Number(from);
  const end = from === undefined ? place : Number(to);
  return {
    kind: kind as Step['kind'],
    key,
    value: value === undefined || value === '-' ? null : Number(value),
    isPending: isPending !== undefined,
    version: version === undefined ? undefined : Number(version),
    from: start,
    to: isPending === undefined ? end : Number.POSITIVE_INFINITY,
  };
}

export function show(sessions: Sessions): string {
  return sessions.map((session) => session.map(showStep).join(', ')).join(' | ');
}

function showStep({ kind, key, value, isPending, version, from, to }: Step, place: number): string {
  const shownValue = kind === 'd' ? '' : (value ?? '-');
  const shownVersion = version === undefined ? '' : `^${version}`;
  const isTimed = from !== place || (to !== place && !isPending);
  const time = isTimed ? `@${from}-${Number.isFinite(to) ? to : ''}` : '';
  return `${kind}${isPending ? '?' : ''} ${key}${shownValue}${shownVersion}${time}`;
}

/** As a run would have recorded it. Clients count from 1, lines from 1. */
export function toHistory(sessions: Sessions): Operation[] {
  let line = 0;
  return sessions.flatMap((session, index) =>
    session.map((step, seq): Operation => {
      line += 1;
      const isAbsent = step.kind === 'r' && (step.value === 0 || step.value === null);
      const answered = isAbsent ? 'absent' : 'ok';
      const version = step.version;
      return {
        session: index + 1,
        incarnation: 1,
        seq,
        kind: step.kind === 'w' ? 'put' : step.kind === 'd' ? 'delete' : 'get',
        key: step.key,
        value: isAbsent || step.value === null ? null : String(step.value),
        outcome: step.isPending ? 'unknown' : answered,
        invokedAt: step.from,
        returnedAt: step.isPending ? null : step.to,
        server: null,
        version: version === undefined ? null : [version, 0, 1],
        applied: null,
        line,
      };
    }),
  );
}

export function historyOf(text: string): Operation[] {
  return toHistory(parse(text));
}
