// Draws lines that are wrong, one of each kind that a script's text can have: each must be refused
// with its code, and nothing of it done.
import { KEY_BYTES } from '../kernel/limits.ts';
import type { Cast } from './cast.ts';
import type { Lot } from './lot.ts';

type DrawMistake = (cast: Cast, lot: Lot) => string | readonly string[] | undefined;

/** By the code that the line must be refused with. */
const MISTAKES: ReadonlyMap<string, DrawMistake> = new Map<string, DrawMistake>([
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
  // A `protocol` that is refused, or half a block, would end the script.
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

/** The codes that a drawn script can meet. */
export const MISTAKE_CODES: readonly string[] = [...MISTAKES.keys()];

export function drawMistake(cast: Cast, lot: Lot): string[] | undefined {
  const drawn = lot.pick([...MISTAKES.values()])(cast, lot);
  return drawn === undefined ? undefined : [drawn].flat();
}
