// Measures how long requests take, by variant and operation.
import type { Extent, TimesExperiment, Variant } from './experiment.ts';
import { fill, type Load, type LoadResult, runLoad } from './load.ts';
import type { OpenStage } from './stage.ts';
import { type Table, tellNumber } from './table.ts';

export interface TimesRow extends LoadResult {
  readonly labels: Variant['labels'];
  readonly operation: Load['operation'];
  /** Published mean and 99.9th percentile. */
  readonly published: readonly [number, number] | null;
}

export async function runTimes(
  experiment: TimesExperiment,
  { rounds }: Extent,
  openStage: OpenStage,
): Promise<TimesRow[]> {
  const { keys } = experiment;
  const requests = rounds * experiment.requestsPerRound;
  const rows: TimesRow[] = [];
  for (const { labels, options, published } of experiment.variants) {
    const stage = await openStage(experiment, options, experiment.batch);
    await fill(stage, keys);
    await stage.do(`link all delay=${experiment.delay}`);
    for (const operation of ['get', 'put'] as const) {
      const result = await runLoad(stage, { operation, keys, requests });
      rows.push({ labels, operation, ...result, published: published?.[operation] ?? null });
    }
    await stage.finish();
  }
  return rows;
}

export function tellTimes({ title }: TimesExperiment, rows: readonly TimesRow[]): Table {
  const names = Object.keys(rows[0]?.labels ?? {});
  return {
    title,
    heads: [
      ...[...names, 'operation', 'mean', 'sd', 'p50', 'p99', 'p99.9'],
      ...['published mean', 'p99.9'],
    ],
    rows: rows.map(({ labels, operation, published, ...row }) => [
      ...names.map((name) => labels[name] ?? ''),
      operation,
      ...[row.meanMs, row.deviationMs, row.p50Ms, row.p99Ms, row.p999Ms].map(tellNumber),
      ...[published?.[0], published?.[1]].map(tellNumber),
    ]),
  };
}
