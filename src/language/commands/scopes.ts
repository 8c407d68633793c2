// Looks at many keys at once: words that a protocol lets `get` take in place of a key.
import * as v from 'valibot';
import { CLIENT_CONTROL } from '../../kernel/control.ts';
import { Bug } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { LineError } from '../lineError.ts';
import { ANSWER_TIMEOUT_MS } from '../operations.ts';
import { quote } from '../printable.ts';
import type { LineReport } from '../report.ts';
import type { Run } from '../run.ts';

/** Whether the word stands for many keys in the protocol that runs. */
export function isScope(run: Run, word: string): boolean {
  return Object.hasOwn(run.protocol.scopes ?? {}, word);
}

/** Throws a LineError for a word that the protocol keeps for its scopes. */
export function assertKey(run: Run, word: string): void {
  if (!isScope(run, word)) return;
  const { name } = run.protocol;
  throw new LineError('E_ARGS', `${quote(word)} is no key in protocol ${name}: get shows it`);
}

/**
 * Prints every key with its value, or one line that says why not. It is no operation of the
 * history: it spans keys, and the levels are about single ones.
 */
export async function printScope(
  run: Run,
  client: NodeId,
  scope: string,
  report: LineReport,
): Promise<void> {
  run.topology.client(client);
  const asked = { command: 'get', client, scope };
  const { result, error } = await run.ask(client, 'dump', { scope }, ANSWER_TIMEOUT_MS);
  if (error !== undefined) return refuse();
  const parsed = v.safeParse(CLIENT_CONTROL.dump.result, result);
  if (!parsed.success) throw new Bug(`client ${client} answered dump with something else`);
  const { outcome, entries } = parsed.output;
  if (outcome !== 'ok') return refuse();
  const lines = entries.map(([key, value]) => `${key}:${value}`);
  report.print(lines, { ...asked, entries });

  function refuse(): void {
    report.print([`${scope}:ERR_UNREACHABLE`], { ...asked, error: 'ERR_UNREACHABLE' });
  }
}
