// How every figure is taken and shown. Subjects and floors run in turn, A B A B, so that whatever
// else the machine does weighs on both; a ratio is taken in each round, and the middle one counts.

/** Gives one measurement: a time, a rate, a size. */
export type Subject = () => Promise<number> | number;

/** The measurements of each subject, round by round. One more round, the first, is not counted. */
export async function interleave<N extends string>(
  rounds: number,
  subjects: { readonly [name in N]: Subject },
): Promise<{ readonly [name in N]: readonly number[] }> {
  const names = Object.keys(subjects) as N[];
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as {
    [name in N]: number[];
  };
  for (let round = -1; round < rounds; round += 1) {
    for (const name of names) {
      const measured = await subjects[name]();
      if (round >= 0) samples[name].push(measured);
    }
  }
  return samples;
}

/**
 * So many events a second on one core: of the time that this process had a core, because others
 * want it too. What V8 does beside it on another core counts as well.
 */
export async function ratePerCore(events: number, run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return events / ((user + system) / 1_000_000);
}

export interface Row {
  readonly what: string;
  readonly measured: readonly number[];
  /** Taken in the same rounds. */
  readonly floor: readonly number[];
  readonly unit: string;
  /** What the ratio should be at most, or at least. */
  readonly most?: number;
  readonly least?: number;
  /** The target is for the figure itself, in its unit. */
  readonly isAbsolute?: boolean;
}

/** Ratios first: they last, while absolute figures are this machine's. */
export function showTable(floorName: string, rows: readonly Row[]): void {
  const head = ['', 'ratio', 'middle half', 'target', '', 'measured', floorName];
  const cells = rows.map(toCells);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|\n`;
  process.stdout.write(`${line(head)}${rule}${cells.map(line).join('')}\n`);
}

function toCells(row: Row): string[] {
  const { what, measured, floor, unit } = row;
  const ratios = measured.map((value, round) => value / (floor[round] ?? Number.NaN));
  const spread = `${show(quantile(ratios, 0.25))} - ${show(quantile(ratios, 0.75))}`;
  return [
    what,
    show(median(ratios)),
    spread,
    ...judge(median(row.isAbsolute ? measured : ratios), row),
    `${show(median(measured))} ${unit}`,
    `${show(median(floor))} ${unit}`,
  ];
}

function judge(value: number, row: Row): [target: string, verdict: string] {
  const { most = Infinity, least = -Infinity, unit, isAbsolute } = row;
  if (row.most === undefined && row.least === undefined) return ['', ''];
  const bound = row.most === undefined ? `>= ${show(least)}` : `<= ${show(most)}`;
  const isMet = value <= most && value >= least;
  return [isAbsolute ? `${bound} ${unit}` : bound, isMet ? 'met' : 'missed'];
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * The value below which a share of the others lies, 0 to 1; between two of them where it must be.
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [low = Number.NaN, high = low] = sorted.slice(Math.floor(place), Math.ceil(place) + 1);
  return low + (high - low) * (place - Math.floor(place));
}

/** Three digits that count. */
export function show(value: number): string {
  if (!Number.isFinite(value)) return '?';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return Number(value.toPrecision(3)).toString();
}
