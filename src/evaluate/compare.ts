// The same load for several protocols: pairs of a put and a get of the same key by each client, and
// then crashes, one after the other: what is the longest time that a client waits for a put?

import type { Guarantee } from '../kernel/guarantee.ts';
import type { NodeId } from '../kernel/ids.ts';
import { randomBelow } from '../kernel/random.ts';
import type { CompareExperiment, CompareVariant, Extent } from './experiment.ts';
import { fill } from './load.ts';
import { type PairsResult, runPairs } from './pairs.ts';
import type { OpenStage, Stage } from './stage.ts';
import { type Table, tellNumber, tellPercent } from './table.ts';

export interface CompareRow extends PairsResult {
  readonly protocol: string;
  readonly labels: CompareVariant['labels'];
  readonly servers: number;
  /** For each crash, in milliseconds; null if a key had no service for too long. */
  readonly gapsMs: readonly (number | null)[];
  readonly wrong: readonly string[];
}

/** A key that has no service for this time has none. */
export const MOST_MS = 5_000;

export async function runCompare(
  experiment: CompareExperiment,
  { seconds }: Extent,
  openStage: OpenStage,
): Promise<CompareRow[]> {
  const rows: CompareRow[] = [];
  const { keys, clients } = experiment;
  for (const { protocol, servers, labels, options } of experiment.variants) {
    const scene = { protocol, servers, options: experiment.options };
    const stage = await openStage(scene, options, clients);
    await fill(stage, keys);
    const result = await runPairs(stage, { keys, seconds });
    const gapsMs: (number | null)[] = [];
    for (let count = 0; count < experiment.crashes; count += 1) {
      gapsMs.push(await crash(stage, keys));
    }
    await stage.finish();
    const wrong = judge(result, stage.claims).map(
      (sentence) =>
        `${[protocol, ...Object.values(labels)].join(' ').trim()}, servers ${servers}: ${sentence}`,
    );
    rows.push({ protocol, labels, servers, ...result, gapsMs, wrong });
  }
  return rows;
}

/** With each of these a get is never older than the own put before it. */
const FRESH: readonly Guarantee[] = ['linearizable', 'causal', 'read-your-writes'];

function judge({ pairs, unanswered, older }: PairsResult, claims: readonly Guarantee[]): string[] {
  if (pairs === unanswered) return ['no put with its get was answered'];
  const [claim] = FRESH.filter((one) => claims.includes(one));
  if (older === 0 || claim === undefined) return [];
  return [`${older} of ${pairs} gets were older than the own put, but ${claim} is claimed`];
}

/**
 * Kills a random server, and lets the clients put all keys. Gives the longest time in which one of
 * them had no put acknowledged, counted from the order to kill. Then the server joins again.
 */
async function crash(stage: Stage, keys: readonly string[]): Promise<number | null> {
  const { clients } = stage;
  const server = stage.servers[randomBelow(stage.random, stage.servers.length)] ?? 0;
  const begun = stage.now();
  await stage.kill(server);
  const gaps = await Promise.all(
    clients.map((client, index) => {
      const own = keys.filter((_, at) => at % clients.length === index);
      return putAll(stage, client, { keys: own, begun });
    }),
  );
  await stage.restart(server);
  await stage.do('stabilize');
  return gaps.includes(null) ? null : Math.max(...gaps.map(Number));
}

/** The longest time between two acknowledgements; null if a key has no service. */
async function putAll(
  stage: Stage,
  client: NodeId,
  { keys, begun }: { readonly keys: readonly string[]; readonly begun: number },
): Promise<number | null> {
  let last = begun;
  let longest = 0;
  for (const key of keys) {
    for (;;) {
      const { outcome } = await stage.put(client, key, 'again');
      const gap = stage.now() - last;
      if (gap > MOST_MS) return null;
      longest = Math.max(longest, gap);
      if (outcome === 'ok') break;
      // A refusal may come at once, and so may the next one.
      await stage.sleep(1);
    }
    last = stage.now();
  }
  return longest;
}

export function tellCompare({ title }: CompareExperiment, rows: readonly CompareRow[]): Table {
  const names = Object.keys(rows[0]?.labels ?? {});
  return {
    title,
    heads: [
      ...['servers', 'protocol', ...names, 'operations/s', 'put p50', 'p99', 'get p50', 'p99'],
      ...['% stale', '% refused', 'ms without service', 'longest'],
    ],
    rows: rows.map((row) => [
      ...[String(row.servers), row.protocol, ...names.map((name) => row.labels[name] ?? '')],
      tellNumber((2 * (row.pairs - row.unanswered)) / row.seconds),
      ...[row.put.p50Ms, row.put.p99Ms, row.get.p50Ms, row.get.p99Ms].map(tellNumber),
      tellPercent(row.older / (row.pairs - row.unanswered)),
      tellPercent(row.unanswered / row.pairs),
      ...tellGaps(row.gapsMs),
    ]),
  };
}

/** The median and the longest. */
function tellGaps(gapsMs: CompareRow['gapsMs']): string[] {
  const sorted = gapsMs.map((ms) => ms ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const tell = (ms: number | undefined): string =>
    ms === Number.POSITIVE_INFINITY ? `> ${MOST_MS}` : tellNumber(ms);
  return [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)].map(tell);
}
