// The options of NATS, and what it promises with them.
import type { Design, ModifierSpec, Options } from '../../kernel/design.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { oneOf } from '../../kernel/optionTexts.ts';
import { claimsOption } from '../claims.ts';
import { binaryOption, reactionOption, timeoutOption } from '../storeOptions.ts';

export type ReadLevel = 'direct' | 'leader';
const LEVELS: readonly [ReadLevel, ReadLevel] = ['direct', 'leader'];

export const modifiers: readonly ModifierSpec[] = [
  {
    name: 'level',
    usage: LEVELS.join('|'),
    about:
      "direct: the server answers from its own replica; leader: the leader of the bucket's " +
      'stream answers',
    on: ['get'],
    isModifier: (word) => (LEVELS as readonly string[]).includes(word),
    samples: LEVELS,
  },
];

function refuseEndpoints(text: string): string | undefined {
  const isAddress = (address: string): boolean => /^[^\s,/:]+:\d{1,5}$/.test(address);
  if (text === '' || text.split(',').every(isAddress)) return undefined;
  return 'addresses with commas: 10.0.0.1:4222,10.0.0.2:4222';
}

export const options: Design['options'] = {
  claims: claimsOption('monotonic-writes', 'writes-follow-reads', 'convergence'),
  reads: {
    about: 'How a `get` without a level is done.',
    fallback: 'direct',
    samples: LEVELS,
    ...oneOf(...LEVELS),
  },
  timeout: timeoutOption,
  reaction: reactionOption(
    'Whether the line after a kill, a pause, a cut or their end waits until the servers that ' +
      'have a majority have a leader and are equally far (awaited), or not (open).',
  ),
  binary: binaryOption('nats-server', 'nats-server'),
  endpoints: {
    about:
      'The client addresses of a running cluster, in place of programs: server 0 is the first. ' +
      'The run gets a bucket of its own there, which is removed at its end.',
    fallback: '',
    refuse: refuseEndpoints,
  },
};

export function endpointsOf({ endpoints = '' }: Options): string[] {
  return endpoints === '' ? [] : endpoints.split(',');
}

export function refuseServer(id: NodeId, options: Options): string | undefined {
  const { length } = endpointsOf(options);
  if (length === 0 || id < length) return undefined;
  return `${id} is not among the ${length} addresses of endpoints=, which begin with server 0`;
}

const FAULTS = [
  ...['killServer', 'pauseServer', 'resumeServer', 'fail', 'recover', 'moveLeader'],
  ...['partition', 'breakConnection', 'link'],
];

/** Causeway is a client of such a cluster, and does nothing to it. */
export function lacksWith(options: Options): { readonly [command: string]: string } {
  if (endpointsOf(options).length === 0) return {};
  const why = 'the servers of endpoints= are not of this run';
  return Object.fromEntries(FAULTS.map((command) => [command, why]));
}

export function levelOf({ reads }: Options, used: readonly string[]): ReadLevel {
  return (used[0] ?? reads) === 'leader' ? 'leader' : 'direct';
}
