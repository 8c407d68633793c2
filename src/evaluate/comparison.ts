// The experiment that compares protocols, each in the configurations that its users choose first.
import type { CompareExperiment, CompareVariant, Experiment } from './experiment.ts';

const SERVERS = [2, 4, 8];
const KEYS = 101;

/** Sharded in groups of two servers, so that the number of groups grows with that of servers. */
function configurationsOf(servers: number): readonly [string, Readonly<Record<string, string>>][] {
  const groups = String(servers / 2);
  return [
    ['causal', {}],
    ['chain', {}],
    ['quorum', {}],
    ['quorum', { read: 'one', write: 'one' }],
    ['sharded', { groups }],
    ['sharded', { groups, sync: '0' }],
  ];
}

const variants: CompareVariant[] = SERVERS.flatMap((servers) =>
  configurationsOf(servers).map(([protocol, options]) => {
    const words = Object.entries(options).map(([name, text]) => `${name}=${text}`);
    return { protocol, servers, options, labels: { options: words.join(' ') } };
  }),
);

const compare: CompareExperiment = {
  kind: 'compare',
  title: 'compare: the same load for all; stale is a get older than the own put before it',
  keys: Array.from({ length: KEYS }, (_, key) => String(key)),
  variants,
  clients: 8,
  crashes: 3,
  options: () => ({}),
};

export const COMPARE_EXPERIMENTS: readonly Experiment[] = [compare];
