// The outputs of a run by the script's lines: answers, and remarks such as why a line is bad.
import type { SaidText } from '../view.ts';

/** A bad line had no effect; a warning or a note tells of one that had. */
export type Severity = 'error' | 'warning' | 'info';

export interface Remark {
  readonly severity: Severity;
  /** `E_ARGS`, `ERR_UNREACHABLE`, or `note`. */
  readonly code: string;
  readonly text: string;
}

export interface LineOutput {
  readonly answers: readonly string[];
  readonly remarks: readonly Remark[];
}

/** Key 0 is for what concerns no line. */
export function groupByLine(said: readonly SaidText[]): ReadonlyMap<number, LineOutput> {
  const outputs = new Map<number, { answers: string[]; remarks: Remark[] }>();
  for (const one of said) {
    const line = one.line ?? 0;
    const output = outputs.get(line) ?? { answers: [], remarks: [] };
    outputs.set(line, output);
    if (one.stream === 'answer') output.answers.push(one.text);
    else output.remarks.push(toRemark(one));
  }
  return outputs;
}

/** A diagnostic is `causeway: script:12: E_ARGS: text`, or `causeway: note: text`. */
export function toRemark({ text, line }: Pick<SaidText, 'text' | 'line'>): Remark {
  const place = line === undefined ? 'causeway: ' : `:${line}: `;
  const at = text.indexOf(place);
  const rest = at === -1 ? text : text.slice(at + place.length);
  const [, code = 'note', told = rest] = /^(note|warning|[A-Z][A-Z_]*): (.*)$/s.exec(rest) ?? [];
  return { severity: severityOf(code), code, text: told };
}

/** Outcomes that the language's page calls no bad lines. */
const OUTCOMES: readonly string[] = ['warning', 'E_TIMEOUT'];

function severityOf(code: string): Severity {
  if (code === 'note') return 'info';
  return code.startsWith('ERR_') || OUTCOMES.includes(code) ? 'warning' : 'error';
}
