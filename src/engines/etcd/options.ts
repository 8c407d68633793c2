// The options of etcd, and what it promises with them.
import type { Design, ModifierSpec, Options } from '../../kernel/design.ts';
import type { Guarantee } from '../../kernel/guarantee.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { oneOf } from '../../kernel/optionTexts.ts';
import { binaryOption, reactionOption, timeoutOption } from '../storeOptions.ts';
import type { ReadLevel } from './requests.ts';

const LEVELS = ['linearizable', 'serializable'] as const;

export const modifiers: readonly ModifierSpec[] = [
  {
    name: 'level',
    usage: LEVELS.join('|'),
    about:
      'linearizable: the server asks the leader, and it a majority; serializable: it answers ' +
      'from its own store',
    on: ['get'],
    isModifier: (word) => (LEVELS as readonly string[]).includes(word),
    samples: LEVELS,
  },
];

function refuseEndpoints(text: string): string | undefined {
  const isAddress = (url: string): boolean => /^http:\/\/[^\s,/]+$/.test(url) && URL.canParse(url);
  if (text === '' || text.split(',').every(isAddress)) return undefined;
  return 'addresses with commas: http://10.0.0.1:2379,http://10.0.0.2:2379';
}

export const options: Design['options'] = {
  reads: {
    about: 'How a `get` without a level is done.',
    fallback: 'linearizable',
    samples: LEVELS,
    ...oneOf(...LEVELS),
  },
  timeout: timeoutOption,
  reaction: reactionOption(
    'Whether the line after a kill, a pause, a cut or their end waits until the servers that ' +
      'have a majority have a leader and are equally far (awaited), or not (open).',
  ),
  binary: binaryOption('etcd', 'etcd-server'),
  endpoints: {
    about:
      'The client addresses of a running cluster, in place of programs: server 0 is the first. ' +
      'Keys of the run get a prefix there, and are removed at its end.',
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

export function readsOf({ reads }: Options): ReadLevel {
  return reads === 'serializable' ? 'serializable' : 'linearizable';
}

/** etcd.io/docs, "KV API guarantees". */
export function claims(options: Options, used: readonly string[]): Guarantee[] {
  const isStale = readsOf(options) === 'serializable' || used.includes('serializable');
  if (!isStale) return ['linearizable', 'convergence'];
  // A client that changes its server may meet an older store there.
  return ['monotonic-writes', 'writes-follow-reads', 'convergence'];
}
