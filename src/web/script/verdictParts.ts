// The lines of a verdict, as parts that a page can arrange. The program words verdicts in one place
// (src/language/verdictText.ts); this reads its lines, and keeps what it does not know as text.

export interface VerdictPart {
  /** Levels that it is about; empty for a line about the whole run. */
  readonly levels: readonly string[];
  readonly judgement: 'holds' | 'broken' | 'undecided' | 'answered';
  /** A sentence; empty if there is nothing to add. */
  readonly text: string;
  readonly rows: readonly VerdictRow[];
}

/** An operation, or a client. */
export interface VerdictRow {
  /** The script's line; undefined if it is about no line. */
  readonly line: number | undefined;
  readonly text: string;
}

export function readVerdict(lines: readonly string[]): VerdictPart[] {
  const parts: VerdictPart[] = [];
  for (const line of lines) {
    const last = parts.at(-1);
    if (line.startsWith('  ') && last !== undefined) {
      parts[parts.length - 1] = { ...last, rows: [...last.rows, toRow(line.trim())] };
    } else parts.push(toPart(line));
  }
  return parts;
}

/** Neighbours that hold as one part: nothing more is to say of each. */
export function joinHolding(parts: readonly VerdictPart[]): VerdictPart[] {
  const joined: VerdictPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (last?.judgement === 'holds' && part.judgement === 'holds') {
      joined[joined.length - 1] = { ...last, levels: [...last.levels, ...part.levels] };
    } else joined.push(part);
  }
  return joined;
}

const WHOLE = /^(holds|undecided|answered): (.*)$/s;
const LEVEL = /^([a-z, -]+): (holds|broken|undecided)(?: \(\w+\))?(?:: (.*))?$/s;

function toPart(line: string): VerdictPart {
  const [, judged, told = ''] = WHOLE.exec(line) ?? [];
  if (judged === 'holds') {
    const levels = told === 'no level' ? [] : told.split(', ');
    return { levels, judgement: judged, text: '', rows: [] };
  }
  if (judged === 'undecided' || judged === 'answered') {
    return { levels: [], judgement: judged, text: told, rows: [] };
  }
  const [, levels, judgement, text = ''] = LEVEL.exec(line) ?? [];
  if (levels === undefined) return { levels: [], judgement: 'undecided', text: line, rows: [] };
  return {
    levels: levels.split(', '),
    judgement: judgement as VerdictPart['judgement'],
    text,
    rows: [],
  };
}

function toRow(text: string): VerdictRow {
  const [, line, rest] = /^line (\d+)(?:: |, )(.*)$/s.exec(text) ?? [];
  if (line === undefined || rest === undefined) return { line: undefined, text };
  return { line: Number(line), text: rest };
}
