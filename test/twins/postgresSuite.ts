// What must hold of Causeway's decisions about PostgreSQL: what it may have done is never called
// undone, a store says exactly which writes it has, a standby goes on with its folder only if it
// has nothing of its own, and no server runs as root. The twins of these decisions are built with
// it.
import { writeConfiguration } from '../../src/engines/postgres/configuration.ts';
import { saysNotCopied, toCallError } from '../../src/engines/postgres/errors.ts';
import { Lineage } from '../../src/engines/postgres/lineage.ts';
import { areEqual, readFork, readPosition } from '../../src/engines/postgres/positions.ts';
import { findOwner } from '../../src/engines/postgres/programs.ts';
import { type Row, toAnswer, toShown } from '../../src/engines/postgres/statements.ts';

/** The first law that does not hold, in a sentence. */
export function findComplaint(): string | undefined {
  const laws = [errorLaw, versionLaw, lineageLaw, equalLaw, textLaw, ownerLaw, configurationLaw];
  return laws.map((law) => law()).find(Boolean);
}

function errorLaw(): string | undefined {
  const isDefinite = (severity: string | undefined, code: string): boolean =>
    toCallError({ severity, code, message: 'why' }).definite;
  if (!isDefinite('ERROR', '25006')) return 'a transaction that was rolled back leaves it open';
  const open: [string | undefined, string][] = [
    ...([
      ['FATAL', '57P01'],
      ['PANIC', 'XX000'],
      ['ERROR', '40003'],
      ['ERROR', '08007'],
      [undefined, 'ECONNRESET'],
    ] as [string | undefined, string][]),
  ];
  const wrong = open.find(([severity, code]) => isDefinite(severity, code));
  if (wrong !== undefined) return `${wrong.join(' ')} counts as undone`;
  return saysNotCopied({ severity: 'WARNING', code: '01000' })
    ? undefined
    : 'a commit whose wait was cancelled counts as copied';
}

/** The server 7 was the primary for three writes, then server 8, which had only two of them. */
const TERMS = [
  [1, 7, 2],
  [2, 8, 4],
] as const;
const get = { kind: 'get', key: 'x', modifiers: [] } as const;
const cas = { kind: 'cas', key: 'x', expected: 'a', value: 'b', modifiers: [] } as const;

function versionLaw(): string | undefined {
  const read = (terms: Row['terms'], stamp: [number, number, number]) =>
    toAnswer(get, stamp[2], { terms, found: { value: 'v', stamp } });
  const later = read(TERMS, [4, 2, 8]);
  const [kept, lost] = [read([[1, 7, 3]], [2, 1, 7]), read([[1, 7, 3]], [3, 1, 7])];
  const [before, gone, after] = [kept, lost, later].map(({ version }) => Number(version?.[0]));
  if (!(Number(before) < Number(gone) && Number(gone) < Number(after))) {
    return 'a later write has a lesser version';
  }
  const upTo = new Map(later.applied?.map(([server, term, at]) => [`${server} ${term}`, at]));
  const has = ({ version }: typeof later): boolean =>
    Number(version?.[0]) <= (upTo.get(`${version?.[1]} ${version?.[2]}`) ?? -1);
  if (!has(kept) || !has(later)) return 'a store lacks what it has';
  if (has(lost)) return 'a store has what was lost with its primary';
  const absent = toAnswer(get, 8, { terms: TERMS, found: null });
  if (absent.outcome !== 'absent') return `an absent key is ${absent.outcome}`;
  const set = toAnswer(cas, 8, { terms: TERMS, stamp: [4, 2, 8] });
  const failed = toAnswer(cas, 8, { terms: TERMS, found: { value: 'c', stamp: [4, 2, 8] } });
  if (set.isSet !== true || failed.isSet !== false) return 'a compare is taken for its opposite';
  const [one, other] = [4, 5].map((count) => toShown({ terms: [[2, 8, count]] }).position);
  return one === other ? 'stores with different writes look the same' : undefined;
}

function lineageLaw(): string | undefined {
  const lineage = new Lineage();
  lineage.begin(1, 0, undefined);
  // Two standbys are promoted apart from each other, then the first one's standby.
  lineage.begin(2, 1, 100n);
  lineage.begin(3, 1, 90n);
  lineage.begin(4, 2, 200n);
  // The primary of the last term is killed and started again.
  lineage.begin(5, 4, undefined);
  const allowed: [number, bigint, number][] = [
    ...([
      [1, 100n, 2],
      [1, 90n, 3],
      [1, 100n, 5],
      [2, 200n, 4],
      [4, 999n, 5],
      [5, 999n, 5],
    ] as [number, bigint, number][]),
  ];
  const refused: [number, bigint, number][] = [
    ...([
      [1, 101n, 2],
      [1, 95n, 3],
      [2, 150n, 3],
      [3, 90n, 2],
      [3, 90n, 5],
      [2, 201n, 5],
      [-1, 0n, 5],
      [5, 0n, 4],
    ] as [number, bigint, number][]),
  ];
  const lost = allowed.find((one) => !lineage.isWithin(...one));
  if (lost !== undefined) return `a standby that has nothing of its own starts anew: ${lost}`;
  const kept = refused.find((one) => lineage.isWithin(...one));
  return kept && `a standby goes on with what its primary lacks: ${kept}`;
}

function equalLaw(): string | undefined {
  const primary = { position: 'a', log: 5n };
  if (!areEqual([primary, { position: 'a', log: 5n }])) return 'equal servers are told apart';
  if (areEqual([undefined])) return 'a primary that does not answer is settled';
  if (areEqual([primary, { position: 'b', log: 9n }])) return 'a standby with less is equal';
  return areEqual([primary, { position: 'a', log: 4n }])
    ? 'a standby that lacks a waiting commit is equal'
    : undefined;
}

function textLaw(): string | undefined {
  const history = '1\t0/A000148\tno recovery target specified\n\n2\t1/1C0\tno recovery target\n';
  if (readFork(history) !== (1n << 32n) + 0x1c0n) return 'the last fork is misread';
  if (readFork('') !== undefined) return 'a fork is read where there is none';
  return readPosition('16/B374D848') === 0x16b374d848n ? undefined : 'a position is misread';
}

function ownerLaw(): string | undefined {
  const line = (name: string, id: number): string => `${name}:x:${id}:${id + 1}:::/bin/sh`;
  const all = [line('root', 0), line('nobody', 65_534), line('postgres', 101)].join('\n');
  if (findOwner(all)?.uid !== 101) return "Debian's user is not preferred";
  const others = [line('root', 0), line('nobody', 65_534)].join('\n');
  return findOwner(others)?.uid === 65_534 ? undefined : 'a server would run as root';
}

function configurationLaw(): string | undefined {
  const write = (sync: string, commit: string): string =>
    writeConfiguration({ id: 1, port: 2, primary: undefined, options: { sync, commit } });
  const waits = write('2', 'remote_apply');
  if (!waits.includes("synchronous_standby_names = 'ANY 2 (*)'")) return 'no commit waits';
  if (!waits.includes("synchronous_commit = 'remote_apply'")) return 'a commit waits for less';
  return write('0', 'on').includes("synchronous_standby_names = ''")
    ? undefined
    : 'a commit waits for standbys that are not asked for';
}
