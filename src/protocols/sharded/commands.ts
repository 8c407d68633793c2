// The commands that only the sharded protocol has.
import type { ProtocolCommand } from '../../kernel/protocol.ts';
import { CAS_COMMAND } from '../../replication/compareAndSet.ts';
import { readSettings } from './options.ts';

const ID = /^(?:0|[1-9][0-9]{0,5})$/;

/** Random scripts give their first servers these ids. */
const SERVERS = ['0', '1', '2', '3', '4'];

function refuseId([id = '']: readonly string[]): string | undefined {
  return ID.test(id) ? undefined : 'a server is named by its id';
}

export const commands: readonly ProtocolCommand[] = [
  {
    name: 'append',
    usage: 'append c k v',
    about: 'adds v to the value of k, at the left end unless append=right; an absent k becomes v',
    on: 'client',
    args: ['key', 'value'],
    prints: 'nothing',
    meaning: (options) => ({ kind: 'append', side: readSettings(options).appendSide }),
  },
  {
    name: 'lpop',
    usage: 'lpop c k',
    about: 'removes the leftmost character of the value of k, and returns it',
    on: 'client',
    args: ['key'],
    prints: 'answer',
    meaning: () => ({ kind: 'pop', side: 'left' }),
  },
  {
    name: 'rpop',
    usage: 'rpop c k',
    about: 'removes the rightmost character of the value of k, and returns it',
    on: 'client',
    args: ['key'],
    prints: 'answer',
    meaning: () => ({ kind: 'pop', side: 'right' }),
  },
  CAS_COMMAND,
  {
    name: 'query',
    usage: 'query k [get|put]',
    about: 'the server that answers a get of k, or everything else',
    on: 'service',
    args: ['key', 'word?'],
    refuse: ([, kind = 'get']) =>
      kind === 'get' || kind === 'put' ? undefined : 'query k, query k get or query k put',
    prints: 'lines',
  },
  {
    name: 'join',
    usage: 'join s',
    about: 'gives a live server a place; returns when its shards have come',
    on: 'service',
    args: ['word'],
    samples: SERVERS,
    refuse: refuseId,
    prints: 'nothing',
  },
  {
    name: 'leave',
    usage: 'leave s [force]',
    about: 'takes the place of a server away, dead or alive; returns when its shards have gone',
    on: 'service',
    args: ['word', 'word?'],
    samples: SERVERS,
    refuse: ([id = '', word = 'force']) =>
      refuseId([id]) ?? (word === 'force' ? undefined : 'leave s, or leave s force'),
    prints: 'nothing',
  },
];
