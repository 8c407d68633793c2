// Stores of others and our designs beside each other: three servers each, real processes, one
// client, and the operations of a script. Prints the tables as docs/performance.md has them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '../src/kernel/cluster.ts';
import { type Load, measureLoad } from './engineLoad.ts';
import { startEtcd } from './etcd.ts';
import { type Extent, type Figures, IN_FLIGHT } from './figures.ts';
import { startChain, startEcho } from './floors.ts';
import { median, show } from './measure.ts';
import { measureOutages, type Outage, type Outages } from './outage.ts';
import { keyOf, VALUE } from './replicas.ts';
import { listStores, type Open, openStore, type Store } from './stores.ts';

const EXTENT: Extent = { rounds: 3, inARow: 200, atOnce: 1_500, warmUp: 1_500 };
/** Clusters that are started, and servers of each role that are killed. */
const TRIES = 3;
const GRPC = 'etcd, by its gRPC';
const NONE = '-';

interface Row {
  readonly store: Store;
  /** Why it could not be started. */
  readonly why?: string;
  readonly load?: Load;
  readonly readyMs: readonly number[];
}

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function chooseStores(only: string | undefined): Store[] {
  const all = listStores();
  if (only === undefined) return all;
  const names = only.split(',');
  const known = new Set(all.map(({ design }) => design.name));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Error(`${unknown.join()}: not one of ${[...known].join()}`);
  return all.filter(({ design }) => names.includes(design.name));
}

/** Why a store does not run, in place of one that cannot be started. */
async function tryToOpen(store: Store): Promise<Open | string> {
  try {
    return await openStore(store);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message;
    throw error;
  }
}

/** What the way through processes costs; and etcd as its own clients ask it, at its leader. */
async function startOthers(hasEtcd: boolean) {
  const folder = mkdtempSync(join(tmpdir(), 'cw-'));
  const etcd = hasEtcd ? await startEtcd(folder) : undefined;
  const [echo, chain] = [await startEcho(), await startChain()];
  return {
    calls: {
      'one hop of raw TCP': echo.call,
      'three bare processes in a row': chain.call,
      ...(etcd && {
        [`put ${GRPC}`]: (count: number) => etcd.put(keyOf(count), VALUE),
        [`get ${GRPC}`]: (count: number) => etcd.get(keyOf(count)),
      }),
    },
    stop: async () => {
      await Promise.all([echo.stop(), chain.stop(), etcd?.stop()]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** All stores run at the same time, and are asked in turn. */
async function measureLoads(stores: readonly Store[]): Promise<Row[]> {
  const tried: (Open | string)[] = [];
  for (const store of stores) tried.push(await tryToOpen(store));
  const opened = tried.filter((one) => typeof one !== 'string');
  const others = await startOthers(opened.some(({ store }) => store.design.name === 'etcd'));
  const { loads, others: figures } = await measureLoad(opened, EXTENT, others.calls);
  for (const open of opened) await open.close();
  await others.stop();
  const rows = stores.map((store, at): Row => {
    const one = tried[at];
    if (typeof one === 'string') return { store, why: one, readyMs: [] };
    const load = loads.get(store.name);
    return { store, readyMs: [one?.readyMs ?? 0], ...(load && { load }) };
  });
  showLoads(rows, figures);
  return rows;
}

function showLoads(rows: readonly Row[], others: { readonly [name: string]: Figures }): void {
  const of = ({ p50, p99, alone, rates }: Figures): string[] => [
    ...[p50, p99].map((times) => show(median(times) / 1_000)),
    ...[alone, rates].map((values) => show(median(values))),
  ];
  const bare = Object.entries(others).filter(([name]) => !/^(?:put|get) /.test(name));
  const [put, get] = [others[`put ${GRPC}`], others[`get ${GRPC}`]];
  showTable(
    [
      ...['', 'a put is acknowledged when'],
      ...['put p50, ms', 'p99', 'puts a second, 1 in flight', String(IN_FLIGHT)],
      ...['get p50, ms', 'p99', 'gets a second, 1 in flight', String(IN_FLIGHT)],
    ],
    [
      ...rows.map(({ store, why = '', load }) => {
        const cells = load === undefined ? [why] : [store.acknowledged, ...of(load.put)];
        return [code(store), ...cells, ...(load === undefined ? [] : of(load.get))];
      }),
      ...(put && get ? [[GRPC, 'two have synced it', ...of(put), ...of(get)]] : []),
      ...bare.map(([name, figures]) => [name, '', ...of(figures)]),
    ],
  );
}

function showStarts(rows: readonly Row[]): void {
  showTable(
    ['', 'start to ready', 'on disk at first', 'after the load', 'growth by a put'],
    rows.flatMap(({ store, readyMs, load }) => {
      if (load === undefined) return [];
      const growth = Math.max(0, load.bytesAfter - load.bytesBefore) / load.puts;
      const sizes = [load.bytesBefore, load.bytesAfter].map(tellBytes);
      const each = load.bytesAfter === 0 ? NONE : `${Math.round(growth)} B`;
      return [[code(store), tellMs(median(readyMs)), ...sizes, each]];
    }),
  );
}

function showOutages(outagesByStore: ReadonlyMap<Store, Outages>): void {
  showTable(
    ['', 'killed', 'puts again after', 'gets again after'],
    Array.from(outagesByStore, ([store, { byRole }]) =>
      Array.from(byRole, ([role, outages]) => {
        return [code(store), role, tellPuts(outages), tellTime(outages.map(({ getMs }) => getMs))];
      }),
    ).flat(),
  );
}

function tellPuts(outages: readonly Outage[]): string {
  const promoted = outages.flatMap(({ promotedMs }) => promotedMs ?? []);
  if (promoted.length === 0) return tellTime(outages.map(({ putMs }) => putMs));
  return `not until \`promote\`, then ${tellMs(median(promoted))}`;
}

function tellTime(times: readonly (number | undefined)[]): string {
  const known = times.filter((time) => time !== undefined);
  return known.length === times.length ? tellMs(median(known)) : 'never';
}

function showTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]): string => {
    return `| ${head.map((_, at) => cells[at] ?? '').join(' | ')} |`;
  };
  say([line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line), ''].join('\n'));
}

const code = ({ name }: Store): string => `\`${name}\``;
const tellMs = (value: number): string => `${show(value)} ms`;

function tellBytes(count: number): string {
  if (count === 0) return NONE;
  return count < 1e6 ? `${show(count / 1e3)} kB` : `${show(count / 1e6)} MB`;
}

/** Of stores that were not killed, only the starts. */
async function measureStarts({ store, readyMs }: Row): Promise<Row['readyMs']> {
  const times = [...readyMs];
  while (times.length < TRIES) {
    const open = await openStore(store);
    times.push(open.readyMs);
    await open.close();
  }
  return times;
}

const [option, only] = process.argv.slice(2);
const rows = await measureLoads(chooseStores(option === '--only' ? only : undefined));
const outages = new Map<Store, Outages>();
const started: Row[] = [];
for (const row of rows) {
  const { store, load } = row;
  if (load === undefined) continue;
  // The first one of each design: what a server keeps on its disk does not change the others.
  if ([...outages.keys()].some(({ design }) => design === store.design)) {
    started.push({ ...row, readyMs: await measureStarts(row) });
  } else {
    const measured = await measureOutages(store, TRIES);
    outages.set(store, measured);
    started.push({ ...row, readyMs: measured.readyMs });
  }
}
showStarts(started);
showOutages(outages);
