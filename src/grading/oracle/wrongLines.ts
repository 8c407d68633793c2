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
  const stop = { segments, next: asked[cut.commands], start: cut.lines, lines };
  return (
    explainRepeated(reader, cuts, asked, stop) ??
    explainStore(reader, cuts, stop) ??
    explainLine(reader, asked, stop)
  );
}

interface Stop {
  readonly segments: readonly Segment[];
  readonly next: Asked | undefined;
  /** The first line that is not in the segments. */
  readonly start: number;
  readonly lines: readonly PrintedLine[];
}

/** If a store has a second line of a key, and the output makes sense without it. */
function explainRepeated(
  reader: Reader,
  cuts: Segmentation,
  asked: readonly Asked[],
  { segments, next, start, lines }: Stop,
): Refusal | undefined {
  const last = segments.at(-1);
  const isOpen = next?.kind === 'show';
  const store = isOpen ? { asked: next, lines: cuts.longestStore(next, start) } : last;
  if (store?.asked.kind !== 'show') return undefined;
  const from = isOpen ? start : start - store.lines.length;
  const own = new Set(store.lines.map((line) => keyOf(line, reader)));
  const isSecond = (line: PrintedLine): boolean => own.has(keyOf(line, reader) ?? '');
  const at = from + store.lines.length;
  const second = lines[at];
  if (second === undefined || !isSecond(second)) return undefined;
  const after = lines.slice(at).findIndex((line) => !isSecond(line));
  const kept = [...lines.slice(from, at), ...(after === -1 ? [] : lines.slice(at + after))];
  const rest = asked.slice(asked.indexOf(store.asked));
  const without = new Segmentation(rest, kept, reader.wasPut);
  if (!without.isWhole && without.furthest.commands < 2) return undefined;
  const { line } = store.asked;
  return {
    outcome: 'refused',
    rule: 'lines',
    line,
    command: (reader.script.lines[line - 1] ?? '').trim(),
    printed: second,
    expected: [],
    why: `it has printed the key ${quote(keyOf(second, reader) ?? '')} for this command before`,
  };
}

function keyOf({ text }: PrintedLine, reader: Reader): string | undefined {
  return readEntry(text, reader.wasPut)?.[0];
}

/** If a store lacks a key that it must have, or has a line that it cannot have. */
function explainStore(reader: Reader, cuts: Segmentation, stop: Stop): Refusal | undefined {
  const { segments, next, start, lines } = stop;
  if (next?.kind === 'show') {
    const own = cuts.longestStore(next, start);
    const before = { segments, store: { asked: next, lines: own } };
    return explainLonger(reader, before, lines[start + own.length]) ?? explainWhole(reader, before);
  }
  const store = segments.at(-1);
  const line = lines[start];
  const isOfNext = next !== undefined && line?.text.startsWith(`${next.key}:`);
  if (store?.asked.kind !== 'show' || isOfNext) return undefined;
  return explainLonger(reader, { segments: segments.slice(0, -1), store }, line);
}

/** A store, and the answers before it. */
interface StoreBefore {
  readonly segments: readonly Segment[];
  readonly store: Segment;
}

/** Takes the next line for a part of the store, if it has a key of the script. */
function explainLonger(
  reader: Reader,
  { segments, store }: StoreBefore,
  line: PrintedLine | undefined,
): Refusal | undefined {
  if (line === undefined || readEntry(line.text, reader.wasPut) === undefined) return undefined;
  const { asked, lines } = store;
  return explainWhole(reader, { segments, store: { asked, lines: [...lines, line] } });
}

function explainWhole(reader: Reader, { segments, store }: StoreBefore): Refusal | undefined {
  const reading = reader.read([...segments, store]);
  return isRefused(reading) ? explain(reader, reading) : undefined;
}

function isRefused({ results }: Reading): boolean {
  return results.some(({ result }) => result.outcome === 'refused');
}

/** The first line that answers nothing, or the first command without an answer. */
function explainLine(reader: Reader, asked: readonly Asked[], stop: Stop): Refusal {
  const { segments, next, start, lines } = stop;
  const printed = lines[start];
  const left = asked.slice(segments.length);
  const canGoOn = (rest: readonly Asked[], from: readonly PrintedLine[]): boolean =>
    new Segmentation(rest, from, reader.wasPut).isWhole;
  const isExtra = next === undefined || canGoOn(left, lines.slice(start + 1));
  const isMissing = !isExtra && canGoOn(left.slice(1), lines.slice(start));
  const line = (next ?? asked.at(-1))?.line ?? 1;
  return {
    outcome: 'refused',
    rule: 'lines',
    line,
    command: (reader.script.lines[line - 1] ?? '').trim(),
    printed: isMissing ? undefined : printed,
    expected: next?.kind === 'get' ? [`${next.key}:...`] : [],
    why: tellLine(printed, isExtra, isMissing),
  };
}

function tellLine(printed: PrintedLine | undefined, isExtra: boolean, isMissing: boolean): string {
  if (printed === undefined) return 'the output ends before this answer';
  const shown = quote(printed.text);
  if (isExtra) return `${shown} answers no command`;
  return isMissing ? `the next line is ${shown}` : `${shown} is no answer to this command`;
}
