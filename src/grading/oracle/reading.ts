// Reads an output as the answers of a script, and judges them key by key.
import { findImpossible } from './bounds.ts';
import { type Budget, type KeyStep, type Look, type SearchResult, searchKey } from './keySearch.ts';
import { answerOf, readEntry, type Segment } from './segments.ts';
import { type AssignmentScript, type Put, textsOf } from './steps.ts';

/** Which line answers which command, and what the search says of each key. */
export interface Reading {
  readonly segments: readonly Segment[];
  readonly results: readonly KeyResult[];
}

export interface KeyResult {
  readonly key: string;
  readonly steps: readonly KeyStep[];
  readonly result: SearchResult;
}

/** Steps that are played in vain: about a second's. */
const BUDGET = 400_000;
/** To find an answer that cannot be before one that certainly cannot. */
const EARLIER_BUDGET = 20_000;

/** Reads outputs of one script; keeps what it has found, as many readings share most answers. */
export class Reader {
  readonly script: AssignmentScript;
  readonly #puts: ReadonlyMap<string, ReadonlySet<string>>;
  /** For all keys and all ways to cut the output. */
  readonly #budget = { left: BUDGET };
  /** The results of searches by the key and its answers. */
  readonly #known = new Map<string, SearchResult>();

  constructor(script: AssignmentScript) {
    this.script = script;
    const puts = new Map<string, Set<string>>();
    for (const { key, value } of script.steps.filter(isPut)) {
      const values = puts.get(key) ?? new Set();
      puts.set(key, values);
      for (const text of textsOf(value)) values.add(text);
    }
    this.#puts = puts;
  }

  /** Judges each key of a reading, or of the beginning of one. */
  read(segments: readonly Segment[]): Reading {
    const stepsByKey = this.#stepsByKey(segments);
    const results = [...stepsByKey].map(([key, steps]) => {
      const name = JSON.stringify([key, steps.filter(isLook)]);
      const result = this.#known.get(name) ?? judgeKey(steps, this.#budget);
      this.#known.set(name, result);
      return { key, steps, result };
    });
    return { segments, results };
  }

  readonly wasPut = (key: string, value?: string): boolean => {
    const values = this.#puts.get(key);
    return values !== undefined && (value === undefined || values.has(value));
  };

  /** Of each key that was put or asked for: its steps, and all changes of the topology. */
  #stepsByKey(segments: readonly Segment[]): Map<string, KeyStep[]> {
    const segmentByLine = new Map(segments.map((segment) => [segment.asked.line, segment]));
    const last = segments.at(-1)?.asked.line ?? 0;
    const asked = this.script.steps.flatMap((step) => (step.kind === 'get' ? [step.key] : []));
    const stepsByKey = new Map<string, KeyStep[]>();
    for (const key of [...this.#puts.keys(), ...asked]) stepsByKey.set(key, []);
    for (const step of this.script.steps) {
      if (step.line > last) break;
      if (step.kind === 'put') stepsByKey.get(step.key)?.push(step);
      else if (step.kind === 'get' || step.kind === 'show') {
        const segment = segmentByLine.get(step.line);
        if (segment === undefined) continue;
        for (const [key, look] of this.#looksOf(segment)) stepsByKey.get(key)?.push(look);
      } else for (const steps of stepsByKey.values()) steps.push(step);
    }
    return stepsByKey;
  }

  #looksOf({ asked, lines }: Segment): (readonly [key: string, look: Look])[] {
    const { line } = asked;
    if (asked.kind === 'get') {
      const { client, key, servers, mayLackOther } = asked;
      const text = lines[0]?.text;
      if (text === undefined || servers.length === 0) return [];
      const answer = answerOf(text, key);
      return [[key, { kind: 'look', line, client, servers, answer, mayLackOther }]];
    }
    const entries = new Map(lines.flatMap(({ text }) => entriesOf(text, this.wasPut)));
    const keys = new Set([...asked.possible.keys(), ...entries.keys()]);
    return [...keys].map((key) => {
      const text = entries.get(key);
      const answer =
        text === undefined ? ({ kind: 'absent' } as const) : ({ kind: 'value', text } as const);
      const common = { kind: 'look', line, client: undefined, mayLackOther: false } as const;
      return [key, { ...common, servers: [asked.server], answer }];
    });
  }
}

/** Searches only where it is not certain that an answer cannot be. */
function judgeKey(steps: readonly KeyStep[], budget: Budget): SearchResult {
  const impossible = findImpossible(steps);
  if (impossible === undefined) return searchKey(steps, budget);
  const { at, rule } = impossible;
  const before = searchKey(steps.slice(0, at), { left: EARLIER_BUDGET });
  return before.outcome === 'refused' ? before : { outcome: 'refused', at, rule };
}

/** The line of the script with the first answer that cannot be. */
export function failingLine({ results }: Reading): number {
  return results.reduce((first, { steps, result }) => {
    const line = result.outcome === 'refused' ? steps[result.at]?.line : undefined;
    return Math.min(first, line ?? Number.POSITIVE_INFINITY);
  }, Number.POSITIVE_INFINITY);
}

function isPut(step: { readonly kind: string }): step is Put {
  return step.kind === 'put';
}

function isLook(step: KeyStep): step is Look {
  return step.kind === 'look';
}

function entriesOf(text: string, isPutText: Reader['wasPut']): (readonly [string, string])[] {
  const entry = readEntry(text, isPutText);
  return entry === undefined ? [] : [entry];
}
