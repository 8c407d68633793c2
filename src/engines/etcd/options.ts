// The options of etcd, and what it promises with them.
import type { Design, ModifierSpec, Options } from '../../kernel/design.ts';
import type { Guarantee } from '../../kernel/guarantee.ts';
import { oneOf } from '../../kernel/optionTexts.ts';
import { endpointsOption, refuseOfPrograms } from '../store/endpoints.ts';
import { binaryOption, reactionOption, timeoutOption } from '../store/storeOptions.ts';
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

function isAddress(text: string): boolean {
  return /^http:\/\/[^\s,/]+$/.test(text) && URL.canParse(text);
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
  endpoints: endpointsOption('http://10.0.0.1:2379,http://10.0.0.2:2379', isAddress),
};

/** Causeway is a client of such a cluster, and does nothing to it. */
export function refuseOptions(chosen: Options): string | undefined {
  return refuseOfPrograms(chosen, options, ['binary']);
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
