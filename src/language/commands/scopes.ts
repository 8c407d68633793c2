// Commands about many keys at once: words that `get` and `delete` take in place of a key, if the
// protocol defines them.
import * as v from 'valibot';
import { CLIENT_CONTROL, type Dump } from '../../kernel/control.ts';
import { Bug } from '../../kernel/errors.ts';
import type { Outcome } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { OPERATION_DEADLINE_MS } from '../../kernel/limits.ts';
import { LineError } from '../lineError.ts';
import { ANSWER_TIMEOUT_MS, describeRead, runOperation } from '../operations.ts';
import { keyLine, quote } from '../printable.ts';
import type { LineReport } from '../report.ts';
import type { Run } from '../run.ts';

/** The total time without answers after which `delete` leaves the remaining keys alone. */
const MOST_UNANSWERED_MS = 1.5 * OPERATION_DEADLINE_MS;
/** How many keys of a kind a note names. */
const NAMED_KEYS = 5;

/** Whether the word stands for many keys in the protocol that runs. */
export function isScope(run: Run, word: string): boolean {
  return Object.hasOwn(run.protocol.scopes ?? {}, word);
}

/** Throws a LineError for a word that the protocol reserves for its scopes. */
export function assertKey(run: Run, word: string): void {
  if (!isScope(run, word)) return;
  const { name } = run.protocol;
  const uses = 'get shows what it stands for, delete removes it';
  throw new LineError('E_ARGS', `${quote(word)} is no key in protocol ${name}: ${uses}`);
}

/**
 * Prints every key with its value, or one line with the reason why it cannot. This is no operation
 * of the history: it spans keys, and the levels are about single keys.
 */
export async function printScope(
  run: Run,
  client: NodeId,
  scope: string,
  report: LineReport,
): Promise<void> {
  const asked = { command: 'get', client, scope };
  const { entries, ...why } = await readScope(run, client, scope, report.line);
  if (entries === undefined) {
    report.print([`${scope}:ERR_UNREACHABLE`], { ...asked, error: 'ERR_UNREACHABLE' });
    const note = describeRead(why);
    if (note !== undefined) report.note(note);
    return;
  }
  const lines = entries.map(([key, value]) => keyLine(key, value));
  report.print(lines, { ...asked, entries });
}

/**
 * Deletes every key that the scope shows now, one after the other, each as a `delete` of that key
 * alone: the history has one delete for each key that was tried. Notes the keys that may not be
 * deleted.
 */
export async function deleteScope(
  run: Run,
  client: NodeId,
  scope: string,
  report: LineReport,
): Promise<void> {
  const { entries, ...why } = await readScope(run, client, scope, report.line);
  if (entries === undefined) {
    report.note(describeRead(why) ?? `ERR_UNREACHABLE: not done, ${scope} was not answered`);
    return;
  }
  const ends = new Map<string, DeleteEnd>(entries.map(([key]) => [key, 'not tried']));
  let unansweredMs = 0;
  let reason: string | undefined;
  for (const [index, key] of [...ends.keys()].entries()) {
    // A client that has died meanwhile deletes nothing any more.
    const isLive = run.topology.find(client)?.role === 'client';
    if (!isLive || unansweredMs >= MOST_UNANSWERED_MS) break;
    const begun = run.cluster.now();
    const order = { kind: 'delete', key, number: index + 1 } as const;
    const { outcome, ...end } = await runOperation(run, client, order, report.line);
    ends.set(key, outcome);
    reason ??= describeRead(end);
    if (outcome === 'fail' || outcome === 'unknown') unansweredMs += run.cluster.now() - begun;
  }
  const note = describeDeletes(ends);
  if (note !== undefined) report.note(note);
  if (reason !== undefined) report.note(reason);
}

/** The keys of a scope with their values; without an answer the reason, if there is one. */
async function readScope(
  run: Run,
  client: NodeId,
  scope: string,
  line: number,
): Promise<Partial<Dump>> {
  run.topology.client(client);
  const terms = { line, timeoutMs: ANSWER_TIMEOUT_MS };
  const { result, error } = await run.ask(client, 'dump', { scope }, terms);
  if (error !== undefined) return {};
  const parsed = v.safeParse(CLIENT_CONTROL.dump.result, result);
  if (!parsed.success) throw new Bug(`client ${client} answered dump with something else`);
  const { outcome, entries, ...why } = parsed.output;
  return outcome === 'ok' ? { entries } : why;
}

type DeleteEnd = Outcome | 'not tried';

const WORDS = {
  ok: 'deleted',
  absent: 'deleted',
  stale: 'not done',
  fail: 'not done',
  unknown: 'indeterminate',
  'not tried': 'not tried',
} as const;

/** The note on deletes that were not all done; undefined if they were. */
export function describeDeletes(ends: ReadonlyMap<string, DeleteEnd>): string | undefined {
  const keysOf = (words: string): string[] =>
    [...ends].filter(([, end]) => WORDS[end] === words).map(([key]) => key);
  const parts = ['not done', 'indeterminate', 'not tried']
    .filter((words) => keysOf(words).length > 0)
    .map((words) => `${words}: ${listKeys(keysOf(words))}`);
  if (parts.length === 0) return undefined;
  const done = keysOf('deleted').length;
  return `ERR_UNREACHABLE: ${done} of ${ends.size} keys deleted; ${parts.join('; ')}`;
}

function listKeys(keys: readonly string[]): string {
  const more = keys.length - NAMED_KEYS;
  const named = keys.slice(0, NAMED_KEYS).join(', ');
  return more > 0 ? `${named} and ${more} more` : named;
}
