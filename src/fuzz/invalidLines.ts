// Draws invalid script lines, one kind for each error of a script's text. Each must be refused with
// its code, and have no effect.
import { KEY_BYTES } from '../kernel/limits.ts';
import type { RandomSource } from './randomSource.ts';
import type { ScriptModel } from './scriptModel.ts';

type DrawInvalidLine = (
  model: ScriptModel,
  random: RandomSource,
) => string | readonly string[] | undefined;

/** By error code: the generator of a line that must be refused with it. */
const INVALID_LINES: ReadonlyMap<string, DrawInvalidLine> = new Map<string, DrawInvalidLine>([
  ['E_ARGS', () => 'put'],
  ['E_BAD_ID', () => 'killServer 01'],
  [
    'E_BAD_PAIR',
    ({ clients }) =>
      clients.length < 2 ? undefined : `createConnection ${clients.slice(0, 2).join(' ')}`,
  ],
  ['E_CONTROL_CHAR', ({ keys: [key] }) => `get 1 ${key}\u0007`],
  [
    'E_EXISTS',
    ({ servers: [server] }) => (server === undefined ? undefined : `joinServer ${server}`),
  ],
  [
    'E_ID_IN_USE',
    ({ clients: [client] }) => (client === undefined ? undefined : `joinServer ${client}`),
  ],
  [
    'E_NOT_A_SERVER',
    ({ clients: [client] }) => (client === undefined ? undefined : `killServer ${client}`),
  ],
  // Uses `check`: a refused `protocol` line, or a block without `end`, would end the script.
  ['E_NOT_HERE', () => ['concurrently', 'check', 'end']],
  ['E_NO_SUCH_CLIENT', ({ keys: [key] }) => `get 123456 ${key}`],
  ['E_NO_SUCH_NODE', () => 'breakConnection 123456 123457'],
  ['E_NO_SUCH_SERVER', () => 'printStore 123456'],
  [
    'E_SELF',
    ({ servers: [server] }) =>
      server === undefined ? undefined : `createConnection ${server} ${server}`,
  ],
  [
    'E_TOO_LARGE',
    ({ clients: [client] }) =>
      client === undefined ? undefined : `get ${client} ${'k'.repeat(KEY_BYTES + 1)}`,
  ],
  ['E_UNKNOWN_COMMAND', () => 'Put 1 x 2'],
]);

/** The codes that a generated script can cause. */
export const INVALID_LINE_CODES: readonly string[] = [...INVALID_LINES.keys()];

export function drawInvalidLine(model: ScriptModel, random: RandomSource): string[] | undefined {
  const drawn = random.pick([...INVALID_LINES.values()])(model, random);
  return drawn === undefined ? undefined : [drawn].flat();
}
