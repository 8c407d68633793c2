// `delete` of many keys at once: which keys are deleted, the operations in the history, the notes.
import { describe, expect, it } from 'vitest';
import { check } from '../../../src/checkers/index.ts';
import { createScriptLanguage } from '../../../src/fuzz/scriptSession.ts';
import type { Operation, Outcome } from '../../../src/kernel/history.ts';
import { createRandomStream } from '../../../src/kernel/random.ts';
import { describeDeletes } from '../../../src/language/commands/scopes.ts';
import { chain } from '../../../src/protocols/chain/index.ts';
import { createSimCluster } from '../../../src/sim/world.ts';
import { extent } from '../../support/extent.ts';

const language = createScriptLanguage([chain]);
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const SERVERS = [0, 1, 2, 3, 4];

/** A script under way in a simulated chain, where lines can also be begun beside one another. */
function openChain(seed = 1) {
  const history: Operation[] = [];
  const answers: string[] = [];
  const notes: string[] = [];
  const session = language.open({
    protocol: chain,
    seed,
    createCluster: (protocol, options) => createSimCluster({ protocol, options, seed }),
    onInitialWrite: () => undefined,
    onOperation: (operation) => history.push(operation as Operation),
    onAnswer: (text) => answers.push(text),
    onDiagnostic: (text) => notes.push(text.trimEnd().replace(/^causeway: script:\d+: /, '')),
  });
  const doAll = async (...lines: string[]): Promise<void> => {
    for (const line of lines) await session.do(line);
  };
  /** The keys that an answer to `get c @` or `get c *` shows. */
  const keysIn = async (line: string): Promise<string[]> => {
    await session.do(line);
    const { entries } = JSON.parse(answers.at(-1) as string) as { entries: [string, string][] };
    return entries.map(([key]) => key);
  };
  const sinceOf = (from: number): string[] =>
    history.slice(from).map(({ kind, key, outcome }) => `${kind} ${key} ${outcome}`);
  return { session, history, notes, doAll, keysIn, sinceOf };
}

/** Five servers with a client at each, 10 at 0 and so on, and the keys. */
async function fillChain(seed?: number) {
  const open = openChain(seed);
  await open.doAll(
    ...SERVERS.map((id) => `joinServer ${id}`),
    ...SERVERS.map((id) => `joinClient ${10 + id} ${id}`),
    'stabilize',
    ...KEYS.map((key) => `put 10 ${key} 1`),
  );
  return open;
}

const isLinearizable = (history: readonly Operation[]): boolean =>
  check(history, 'linearizable').outcome === 'holds';

describe('delete c *', () => {
  it('deletes every key at every server, as one delete a key', async () => {
    const { history, notes, doAll, keysIn, sinceOf, session } = await fillChain();
    await doAll('delete 12 *');
    expect(sinceOf(KEYS.length)).toEqual(KEYS.map((key) => `delete ${key} ok`));
    for (const id of SERVERS) expect(await keysIn(`get ${10 + id} @`)).toEqual([]);
    expect(notes).toEqual([]);
    const [first, second] = history.slice(-2) as [Operation, Operation];
    expect(first.invokedAt).toBeLessThan(first.returnedAt as number);
    expect(first.returnedAt).toBeLessThan(second.invokedAt);
    expect([second.seq, second.line]).toEqual([KEYS.length - 1, first.line]);
    expect(isLinearizable(history)).toBe(true);
    await session.stop();
  });

  it('of nothing does nothing', async () => {
    const { notes, doAll, sinceOf, history, session } = await fillChain();
    await doAll('delete 12 *');
    const before = history.length;
    await doAll('delete 12 *');
    expect([sinceOf(before), notes]).toEqual([[], []]);
    await session.stop();
  });

  it('is not done where the keys cannot be listed', async () => {
    const { notes, doAll, sinceOf, session } = await fillChain();
    await doAll('partition 0 1 | 2 3 4', 'delete 10 *');
    expect(sinceOf(KEYS.length)).toEqual([]);
    expect(notes).toEqual(['note: ERR_UNREACHABLE: not done, * was not answered']);
    await session.stop();
  });

  it('goes on when a server dies in the middle', async () => {
    for (const id of SERVERS.slice(1)) {
      const { history, notes, doAll, sinceOf, keysIn, session } = await fillChain(id);
      await doAll('concurrently', 'delete 10 *', 'sleep 8ms', `killServer ${id}`, 'end');
      expect(sinceOf(KEYS.length)).toEqual(KEYS.map((key) => `delete ${key} ok`));
      expect(await keysIn('get 10 *')).toEqual([]);
      expect(notes).toEqual([]);
      expect(isLinearizable(history)).toBe(true);
      await session.stop();
    }
  });

  it('says what became of each key where some are not answered', async () => {
    const seen = new Set<string>();
    for (let ms = 4; ms < 20; ms += extent({ full: 1, quick: 2 })) {
      const { history, notes, doAll, sinceOf, session } = await fillChain(ms);
      const kills = [0, 1, 3].map((id) => `killServer ${id}`);
      await doAll('concurrently', 'delete 12 *', `sleep ${ms}ms`, ...kills, 'end');
      const ends = new Map(KEYS.map((key) => [key, 'not tried']));
      for (const text of sinceOf(KEYS.length)) {
        const [, key = '', outcome = ''] = text.split(' ');
        ends.set(key, outcome);
      }
      const isListed = sinceOf(KEYS.length).length > 0;
      const told = isListed
        ? describeDeletes(ends as Map<string, Outcome | 'not tried'>)
        : 'ERR_UNREACHABLE: not done, * was not answered';
      expect(notes).toEqual(told === undefined ? [] : [`note: ${told}`]);
      seen.add([...new Set(ends.values())].sort().join(' and '));
      expect(isLinearizable(history)).toBe(true);
      await session.stop();
    }
    expect(seen).toContain('not tried');
    expect(seen).toContain('ok and unknown');
  });

  it('beside puts deletes all that was there before, and what comes later may stay', async () => {
    for (let seed = 1; seed <= extent({ full: 20, quick: 2 }); seed += 1) {
      const { history, doAll, keysIn, session } = await fillChain(seed);
      await doAll(
        'concurrently',
        'delete 10 *',
        ...[1, 2, 3].map((count) => `put 11 new${count} ${count}`),
        ...['c', 'd', 'h'].map((key) => `put 13 ${key} again`),
        ...['a', 'g'].map((key) => `delete 14 ${key}`),
        'end',
      );
      const left = await keysIn('get 12 *');
      const later = ['c', 'd', 'h', 'new1', 'new2', 'new3'];
      expect(left.filter((key) => !later.includes(key))).toEqual([]);
      await doAll(...[...KEYS, 'new1', 'new2', 'new3'].map((key) => `get 12 ${key}`));
      expect(isLinearizable(history)).toBe(true);
      await session.stop();
    }
  });
});

describe('delete c @', () => {
  it('deletes what lies at that server, wherever else it lies, and nothing more', async () => {
    const { history, doAll, keysIn, session } = await fillChain();
    const own = await keysIn('get 11 @');
    expect(own.length).toBeGreaterThan(0);
    expect(own.length).toBeLessThan(KEYS.length);
    await doAll('delete 11 @');
    const others = KEYS.filter((key) => !own.includes(key));
    expect(await keysIn('get 11 @')).toEqual([]);
    expect(await keysIn('get 13 *')).toEqual(others);
    let copies = 0;
    for (const id of SERVERS) copies += (await keysIn(`get ${10 + id} @`)).length;
    expect(copies).toBe(3 * others.length);
    expect(isLinearizable(history)).toBe(true);
    await session.stop();
  });

  it('gives up on the smaller side of a partition before it has tried every key', async () => {
    const { notes, doAll, keysIn, sinceOf, session } = await fillChain();
    await doAll('partition 0 1 | 2 3 4');
    const own = await keysIn('get 10 @');
    await doAll('delete 10 @');
    const [first, second, ...rest] = own;
    expect(rest.length).toBeGreaterThan(1);
    expect(sinceOf(KEYS.length)).toEqual([`delete ${first} unknown`, `delete ${second} unknown`]);
    const told = `indeterminate: ${first}, ${second}; not tried: ${rest.join(', ')}`;
    const deleted = `0 of ${own.length} keys deleted`;
    expect(notes).toEqual([`note: ERR_UNREACHABLE: ${deleted}; ${told}`]);
    await session.stop();
  });

  it('needs a client and a server', async () => {
    const { notes, doAll, session } = await fillChain();
    await doAll('killServer 0', 'delete 10 @', 'delete 99 @');
    expect(notes).toEqual([
      'note: ERR_UNREACHABLE: not done, @ was not answered',
      'E_NO_SUCH_CLIENT: no live client has the id 99',
    ]);
    await session.stop();
  });
});

describe('while the ring grows', () => {
  it('everything that was there goes, in the arc that is cut in two as well', async () => {
    for (let seed = 1; seed <= extent({ full: 30, quick: 2 }); seed += 1) {
      const { history, notes, doAll, keysIn, session } = openChain(seed);
      const keys = Array.from({ length: 25 }, (_, index) => `k${index}`);
      const random = createRandomStream(seed, 'growth');
      await doAll('joinServer 0', 'joinServer 1', 'joinServer 2', 'joinClient 10 0');
      await doAll('joinClient 11 1', ...keys.map((key) => `put 10 ${key} 1`));
      const joined = session.do('joinServer 3');
      await session.do(`sleep ${Math.floor(random() * 40)}ms`);
      await Promise.all([joined, session.do('delete 11 *'), session.do('put 10 k3 again')]);
      await doAll('stabilize');
      expect((await keysIn('get 11 *')).filter((key) => key !== 'k3')).toEqual([]);
      await doAll(...keys.map((key) => `get 10 ${key}`));
      expect(isLinearizable(history)).toBe(true);
      expect(notes).toEqual([]);
      await session.stop();
    }
  });
});

describe('a note', () => {
  const ends = (...list: (readonly [string, Outcome | 'not tried'])[]) => new Map(list);

  it('is there only where something was not deleted', () => {
    expect(describeDeletes(ends(['a', 'ok'], ['b', 'ok']))).toBe(undefined);
    expect(describeDeletes(ends())).toBe(undefined);
  });

  it('names keys of each kind, not too many', () => {
    const many = Array.from({ length: 8 }, (_, at) => [`k${at}`, 'not tried'] as const);
    const told = describeDeletes(ends(['a', 'ok'], ['b', 'fail'], ['c', 'unknown'], ...many));
    expect(told).toBe(
      'ERR_UNREACHABLE: 1 of 11 keys deleted; not done: b; indeterminate: c; ' +
        'not tried: k0, k1, k2, k3, k4 and 3 more',
    );
  });
});
