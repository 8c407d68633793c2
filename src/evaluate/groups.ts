// Measures how many gets miss the put just before them, by the number L of secondaries that have a
// put when it is acknowledged. A get goes to a random server of the group, so it misses the put at
// each of the other secondaries: in (secondaries - L) of (secondaries + 1) cases.
import type { Extent, GroupsExperiment, Variant } from './experiment.ts';
import { type PairsResult, runPairs } from './pairs.ts';
import type { OpenStage } from './stage.ts';
import { type Table, tellNumber, tellPercent } from './table.ts';

export interface GroupsRow extends PairsResult {
  readonly labels: Variant['labels'];
  /** Of each group. */
  readonly secondaries: number;
  /** Of all answered pairs, those whose get was older than the own put. */
  readonly olderShare: number;
  readonly expected: Expected;
  /** Why this is not what the protocol promises, a sentence each. */
  readonly wrong: readonly string[];
}

/** The expected share, and the least and the greatest that are accepted. */
export interface Expected {
  readonly share: number;
  readonly least: number;
  readonly most: number;
}

/** So many standard deviations: by chance alone, one in 16,000 shares is beyond them. */
const DEVIATIONS = 4;

/**
 * Each pair is an independent draw, so the share deviates as a binomial one does. `updated` is the
 * greatest number of pairs during which the lagging secondaries may have been updated.
 */
export function expectShare(
  secondaries: number,
  level: number,
  { pairs, updated }: { readonly pairs: number; readonly updated: number },
): Expected {
  const share = Math.max(0, secondaries - level) / (secondaries + 1);
  const most = share + DEVIATIONS * Math.sqrt((share * (1 - share)) / pairs);
  const least = 2 * share - most - updated / pairs;
  return { share, least: Math.max(0, least), most };
}

export async function runGroups(
  experiment: GroupsExperiment,
  { seconds }: Extent,
  openStage: OpenStage,
): Promise<GroupsRow[]> {
  const rows: GroupsRow[] = [];
  const { keys, groups, clients } = experiment;
  const secondaries = experiment.servers / groups - 1;
  for (const { labels, options } of experiment.variants) {
    const stage = await openStage(experiment, options, clients);
    const result = await runPairs(stage, { keys, seconds });
    await stage.finish();
    // In an interval each group is updated once. A pair before and one after may overlap that.
    const updates = groups * (1 + (1_000 * result.seconds) / experiment.intervalMs);
    const pairs = result.pairs - result.unanswered;
    const updated = 2 * clients * updates;
    const expected = expectShare(secondaries, Number(options.sync), { pairs, updated });
    const olderShare = pairs === 0 ? Number.NaN : result.older / pairs;
    const row = { labels, secondaries, ...result, olderShare, expected };
    rows.push({ ...row, wrong: judge(row) });
  }
  return rows;
}

function judge({ labels, ...row }: Omit<GroupsRow, 'wrong'>): string[] {
  const { pairs, unanswered, olderShare, expected } = row;
  const level = `L = ${labels.L}`;
  if (pairs === unanswered) return [`${level}: no pair was answered`];
  const isExpected = expected.least <= olderShare && olderShare <= expected.most;
  const lacking = `${level}: ${unanswered} of ${pairs} pairs were not answered`;
  const range = `${tellPercent(expected.least)} to ${tellPercent(expected.most)} %`;
  const deviating =
    `${level}: ${tellPercent(olderShare)} % of the gets were older than the own put, ` +
    `${range} were expected`;
  return [...(unanswered > 0 ? [lacking] : []), ...(isExpected ? [] : [deviating])];
}

export function tellGroups({ title }: GroupsExperiment, rows: readonly GroupsRow[]): Table {
  return {
    title,
    heads: [
      ...['L', 'pairs/s', 'errors/s', '% errors', 'older/s', 'newer/s', '% older', 'expected'],
      ...['', 'put p50', 'p99', 'get p50', 'p99'],
    ],
    rows: rows.map(({ labels, expected, ...row }) => [
      labels.L ?? '',
      ...[row.pairsPerSecond, row.errorsPerSecond].map(tellNumber),
      tellPercent(row.errorShare),
      ...[row.older, row.newer].map((count) => tellNumber(count / row.seconds)),
      ...[row.olderShare, expected.share].map(tellPercent),
      `(${tellPercent(expected.least)} to ${tellPercent(expected.most)})`,
      ...[row.put.p50Ms, row.put.p99Ms, row.get.p50Ms, row.get.p99Ms].map(tellNumber),
    ]),
  };
}
