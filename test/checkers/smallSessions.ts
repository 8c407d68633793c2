// Every small history of one key: a session of three operations, and at most one write of another
// session. It includes deletions, writes without an answer, and gets that found nothing and name a
// deletion or not.
import type { Operation, VersionTuple } from '../../src/kernel/history.ts';
import type { View } from './looseStore.ts';

type Kind = 'w' | 'd' | 'd?' | 'r';

const OWN: readonly Kind[] = ['w', 'd', 'd?', 'r'];
const OTHERS: readonly (readonly Kind[])[] = [[], ['w'], ['d'], ['d?']];

interface Write {
  readonly index: number;
  readonly kind: Kind;
  readonly value: string | null;
  readonly version: VersionTuple;
}

export function* everySmallHistory(view: View): Generator<Operation[]> {
  for (const own of product([OWN, OWN, OWN])) {
    if (!own.includes('r')) continue;
    // With vectors there are many.
    const reads = own.filter((kind) => kind === 'r').length;
    if (view === 'vectors' && reads === 1 && own.includes('d?')) continue;
    for (const other of OTHERS) yield* withVersions([...own, ...other], view);
  }
}

function* withVersions(kinds: readonly Kind[], view: View): Generator<Operation[]> {
  const places = kinds.flatMap((kind, index) => (kind === 'r' ? [] : [index]));
  const orders = view === 'values' ? [places] : permutations(places);
  for (const order of orders) {
    const writes = places.map((index): Write => {
      const kind = kinds[index] as Kind;
      const version = [order.indexOf(index) + 1, index, 1] as const;
      return { index, kind, value: kind === 'w' ? String(index + 1) : null, version };
    });
    const choices = kinds.map((kind, index) =>
      kind === 'r' ? listReads(writes, view) : [writeOf(writes, index, view)],
    );
    for (const chosen of product(choices)) yield chosen.map(place);
  }
}

type Answered = Pick<Operation, 'kind' | 'value' | 'outcome' | 'version' | 'applied'>;

function writeOf(writes: readonly Write[], index: number, view: View): Answered {
  const { kind, value, version } = writes.find((write) => write.index === index) as Write;
  const isLost = kind === 'd?';
  return {
    kind: kind === 'w' ? 'put' : 'delete',
    value,
    outcome: isLost ? 'unknown' : 'ok',
    version: isLost || view === 'values' ? null : version,
    applied: null,
  };
}

function listReads(writes: readonly Write[], view: View): Answered[] {
  const kind = 'get' as const;
  const named = writes.map(({ value, version }): Answered => {
    return { kind, value, outcome: value === null ? 'absent' : 'ok', version, applied: null };
  });
  const nothing = { kind, value: null, outcome: 'absent', version: null, applied: null } as const;
  const reads = [nothing, ...(view === 'unnamed' ? named.filter(isFound) : named)];
  if (view === 'values') return reads.map((read) => ({ ...read, version: null }));
  if (view === 'versions') return reads;
  return reads.flatMap((read) => {
    // A server has applied what it returns.
    const isWhole = (had: readonly Write[]): boolean =>
      read.version === null || had.some(({ version }) => version === read.version);
    return subsets(writes)
      .filter(isWhole)
      .map((had) => {
        const applied = had.map(({ version: [t, id, life] }) => [id, life, t] as const);
        return { ...read, applied };
      });
  });
}

function isFound({ value }: Answered): boolean {
  return value !== null;
}

function place(answered: Answered, index: number): Operation {
  const isPending = answered.outcome === 'unknown';
  return {
    ...answered,
    ...{ session: index < 3 ? 1 : 2, incarnation: 1, seq: index, key: 'x', server: 0 },
    ...{ invokedAt: index, returnedAt: isPending ? null : index, line: index + 1 },
  };
}

function* product<T>(choices: readonly (readonly T[])[]): Generator<T[]> {
  const [first, ...others] = choices;
  if (first === undefined) yield [];
  else for (const choice of first) for (const rest of product(others)) yield [choice, ...rest];
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  );
}

function subsets<T>(items: readonly T[]): T[][] {
  const [first, ...others] = items;
  if (first === undefined) return [[]];
  return subsets(others).flatMap((some) => [some, [first, ...some]]);
}
