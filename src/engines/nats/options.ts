// The options of NATS, and what it promises with them.
import type { Design, ModifierSpec, Options } from '../../kernel/design.ts';
import { oneOf } from '../../kernel/optionTexts.ts';
import { endpointsOption, refuseOfPrograms } from '../store/endpoints.ts';
import { binaryOption, reactionOption, timeoutOption } from '../store/storeOptions.ts';
import { claimsOption } from '../world/claims.ts';

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

function isAddress(text: string): boolean {
  const [, port] = /^[^\s,/:@]+:(\d{1,5})$/.exec(text) ?? [];
  return Number(port) > 0 && Number(port) < 65_536;
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
    ...endpointsOption('10.0.0.1:4222,10.0.0.2:4222', isAddress),
    about:
      'The client addresses of a running cluster, in place of programs: server 0 is the first. ' +
      'The run gets a bucket of its own there, which is removed at its end.',
  },
};

/** Causeway is a client of such a cluster, and does nothing to it. */
export function refuseOptions(chosen: Options): string | undefined {
  return refuseOfPrograms(chosen, options, ['binary']);
}

export function levelOf({ reads }: Options, used: readonly string[]): ReadLevel {
  return (used[0] ?? reads) === 'leader' ? 'leader' : 'direct';
}
