// Says of an answer that cannot be which rule it breaks, and which answers could have been.
import { quote } from '../../language/printable.ts';
import type { Refusal, RuleName } from './judgement.ts';
import { type Answer, type KeyStep, type Look, type Promised, searchKey } from './keySearch.ts';
import { failingLine, type Reader, type Reading } from './reading.ts';
import { BEHIND, NO_KEY } from './script.ts';
import { readEntry } from './segments.ts';
import { type Put, textsOf } from './steps.ts';

/** More values of a key are not tried as the expected answer. */
const MOST_VALUES = 20;
/** Where it is used up, less is said. */
const BUDGET = 100_000;

/** The reading must have a refused key. */
export function explain(reader: Reader, reading: Reading): Refusal {
  const line = failingLine(reading);
  const failed = reading.results.find(({ steps, result }) => {
    return result.outcome === 'refused' && steps[result.at]?.line === line;
  });
  if (failed?.result.outcome !== 'refused') throw new Error('no key is refused');
  const { key, result } = failed;
  const steps = failed.steps.slice(0, result.at + 1);
  const look = steps.at(-1) as KeyStep;
  const command = (reader.script.lines[line - 1] ?? '').trim();
  if (look.kind !== 'look') throw new Error('only an answer can be refused');
  const segment = reading.segments.find(({ asked }) => asked.line === line);
  const printed =
    look.client !== undefined
      ? segment?.lines[0]
      : segment?.lines.find(({ text }) => readEntry(text, reader.wasPut)?.[0] === key);
  const rule = findRule(steps, look, result.rule);
  const expected = listExpected(key, steps, look);
  return {
    outcome: 'refused',
    rule,
    line,
    command,
    printed,
    expected,
    why: tell(rule, key, steps),
  };
}

const PROMISES: readonly Promised[] = [
  'read-your-writes',
  'monotonic-reads',
  'stabilize',
  'newest-write',
  'connections',
];

/**
 * The promise without which the answer could be; or else the first one that is enough to refuse it;
 * or else, if too many runs are possible to say so, `certain`.
 */
function findRule(steps: readonly KeyStep[], look: Look, certain: Promised | undefined): RuleName {
  const { answer } = look;
  if (answer.kind === 'behind') return 'err-dep';
  if (answer.kind === 'value') {
    const puts = putsOf(steps).filter(({ value }) => textsOf(value).includes(answer.text));
    if (puts.length === 0) return 'values';
    if (puts.every(({ servers }) => servers.length === 0)) return 'connections';
  }
  const budget = { left: BUDGET };
  const search = (without: readonly Promised[]) =>
    searchKey(steps, budget, new Set(without)).outcome;
  const others = (promise: Promised): Promised[] => PROMISES.filter((one) => one !== promise);
  const promises = PROMISES.filter((promise) => isAbout(promise, steps, look));
  return (
    promises.find((promise) => search([promise]) === 'permitted') ??
    promises.find((promise) => search(others(promise)) === 'refused') ??
    certain ??
    'one-order'
  );
}

/** Whether the promise is one to the client that asked, or to all. */
function isAbout(promise: Promised, steps: readonly KeyStep[], look: Look): boolean {
  switch (promise) {
    case 'read-your-writes':
      return putsOf(steps).some(({ client }) => client === look.client);
    case 'monotonic-reads':
      return look.client !== undefined && steps.some((step) => isEarlierGet(step, look));
    default:
      return true;
  }
}

function putsOf(steps: readonly KeyStep[]): Put[] {
  return steps.filter((step) => step.kind === 'put');
}

/** The answers that could have been, as they are printed. */
function listExpected(key: string, steps: readonly KeyStep[], look: Look): string[] {
  const budget = { left: BUDGET };
  const before = steps.slice(0, -1);
  const isGet = look.client !== undefined;
  const values = [...new Set(putsOf(before).map(({ value }) => value))];
  const answers: (readonly [string, Answer])[] = [
    ...values
      .slice(-MOST_VALUES)
      .map((text): [string, Answer] => [`${key}:${text}`, { kind: 'value', text }]),
    [isGet ? `${key}:${NO_KEY}` : `no line of ${key}`, { kind: 'absent' }],
    ...(isGet ? [[`${key}:${BEHIND}`, { kind: 'behind' }] as const] : []),
  ];
  return answers
    .filter(([, answer]) => {
      const { outcome } = searchKey([...before, { ...look, answer }], budget);
      return outcome === 'permitted';
    })
    .map(([text]) => text);
}

/** The sentence for the report: what came before that makes the answer impossible. */
function tell(rule: RuleName, key: string, steps: readonly KeyStep[]): string {
  const look = steps.at(-1) as Look;
  const puts = putsOf(steps);
  const servers = look.servers.length === 1 ? `server ${look.servers[0]}` : 'its servers';
  const last = (isSuch: (step: KeyStep) => boolean): number => steps.findLast(isSuch)?.line ?? 0;
  const { answer, client } = look;
  const shown = answer.kind === 'value' ? quote(answer.text) : 'no value';
  switch (rule) {
    case 'values':
      return `${shown} was never put for ${key} before`;
    case 'connections':
      return tellPut(puts, answer, servers);
    case 'read-your-writes': {
      const own = puts.findLast((put) => put.client === client);
      return `client ${client} has put ${quote(own?.value ?? '')} in line ${own?.line} itself`;
    }
    case 'monotonic-reads': {
      const line = last((step) => isEarlierGet(step, look));
      return `client ${client} has got a later value in line ${line}`;
    }
    case 'stabilize': {
      const line = last(({ kind }) => kind === 'stabilize');
      return `after the stabilize in line ${line} it is not what its part of the network has`;
    }
    case 'newest-write':
      return tellHeld(steps, look, servers);
    case 'err-dep':
      return `${servers} had all that client ${client} has put or got`;
    default:
      return 'no order of the puts gives all answers up to this one';
  }
}

/** What the server is known to have had before. */
function tellHeld(steps: readonly KeyStep[], look: Look, servers: string): string {
  const held = steps.findLast(
    (step): step is Put | Look =>
      step !== look &&
      ((step.kind === 'look' && step.answer.kind === 'value') || step.kind === 'put') &&
      step.servers.length === 1 &&
      look.servers.includes(step.servers[0] as number),
  );
  if (held === undefined) return `${servers} had a later value before`;
  if (held.kind === 'put') return `${servers} took ${quote(held.value)} in line ${held.line}`;
  const shown = held.answer.kind === 'value' ? quote(held.answer.text) : 'a value';
  return `${servers} had ${shown} in line ${held.line}`;
}

function isEarlierGet(step: KeyStep, look: Look): boolean {
  if (step === look || step.kind !== 'look') return false;
  return step.client === look.client && step.answer.kind === 'value';
}

function tellPut(puts: readonly Put[], answer: Answer, servers: string): string {
  const put = puts.findLast(({ value }) => answer.kind === 'value' && value === answer.text);
  if (put === undefined) return `it cannot have come to ${servers}`;
  const what = `${quote(put.value)} was put in line ${put.line}`;
  if (put.servers.length === 0) return `${what}, when client ${put.client} had no server`;
  const where = put.servers.length === 1 ? `at server ${put.servers[0]}` : 'at another server';
  return `${what} ${where}, and no open connection led from there to ${servers} since`;
}
