// Says what is wrong with an output that cannot be cut into answers: a line that is no answer, one
// that is missing, or a store with a key that it cannot have.
import { quote } from '../../language/printable.ts';
import { explain } from './explain.ts';
import type { Refusal } from './judgement.ts';
import type { Reader, Reading } from './reading.ts';
import { type Asked, type PrintedLine, readEntry, type Segment, Segmentation } from './segments.ts';

export function explainLines(
  reader: Reader,
  cuts: Segmentation,
  asked: readonly Asked[],
  lines: readonly PrintedLine[],
): Refusal {
  const cut = cuts.furthest;
  const [segments = []] = cuts.list(cut, 1);
  const broken = reader.read(segments);
  if (isRefused(broken)) return explain(reader, broken);
  return (
    explainStore(reader, cuts, { segments, next: asked[cut.commands], start: cut.lines, lines }) ??
    tellLine(reader, asked, lines, cut.commands, cut.lines)
  );
}

interface Stop {
  readonly segments: readonly Segment[];
  readonly next: Asked | undefined;
  /** The first line that is not in the segments. */
  readonly start: number;
  readonly lines: readonly PrintedLine[];
}

/** If a store lacks a key that it must have, or has a line that it cannot have. */
function explainStore(reader: Reader, cuts: Segmentation, stop: Stop): Refusal | undefined {
  const { segments, next, start, lines } = stop;
  const own = next?.kind === 'show' ? cuts.longestStore(next, start) : [];
  const last = segments.at(-1);
  const [before, store] =
    next?.kind === 'show' ? [segments, { asked: next, lines: own }] : [segments.slice(0, -1), last];
  if (store?.asked.kind !== 'show') return undefined;
  const rest = lines[start + own.length];
  const key = rest && readEntry(rest.text, reader.wasPut)?.[0];
  const isItsLine = key !== undefined && !(next?.kind === 'get' && next.key === key);
  const wholes = isItsLine && rest !== undefined ? [[...store.lines, rest], own] : [own];
  for (const whole of wholes) {
    if (whole === own && next?.kind !== 'show') continue;
    const reading = reader.read([...before, { asked: store.asked, lines: whole }]);
    if (isRefused(reading)) return explain(reader, reading);
  }
  return undefined;
}

function isRefused({ results }: Reading): boolean {
  return results.some(({ result }) => result.outcome === 'refused');
}

function tellLine(
  reader: Reader,
  asked: readonly Asked[],
  lines: readonly PrintedLine[],
  commands: number,
  start: number,
): Refusal {
  const next = asked[commands];
  const printed = lines[start];
  const last = next ?? asked.at(-1);
  const canGoOn = (rest: readonly Asked[], from: readonly PrintedLine[]): boolean =>
    new Segmentation(rest, from, reader.wasPut).isWhole;
  const isExtra = printed !== undefined && canGoOn(asked.slice(commands), lines.slice(start + 1));
  const isMissing = next !== undefined && canGoOn(asked.slice(commands + 1), lines.slice(start));
  const shown = quote(printed?.text ?? '');
  const end = 'the output ends before this answer';
  const why =
    printed === undefined
      ? end
      : isExtra || next === undefined
        ? `${shown} answers no command`
        : isMissing
          ? `its answer is missing: the next line is ${shown}`
          : `${shown} is no answer to this command`;
  return {
    outcome: 'refused',
    rule: 'lines',
    line: last?.line ?? 1,
    command: commandAt(reader, last?.line ?? 1),
    printed,
    expected: next?.kind === 'get' ? [`${next.key}:...`] : [],
    why,
  };
}

function commandAt(reader: Reader, line: number): string {
  return (reader.script.lines[line - 1] ?? '').trim();
}
